package dev.switchman.app;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

import dev.switchman.lab.Chromium;
import dev.switchman.lab.LabCluster;
import dev.switchman.lab.LabNode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The pages of the whole program, as people see them in Chromium: who finds which buttons, a switchover that is asked for and
 * approved with the keyboard, a failover that is watched, its record, and every page under the eyes of an accessibility checker.
 * With {@code -Dswitchman.docs.write=true} the pictures of the documentation are taken on the way.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PagesIT {

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CLUSTER = "/clusters/" + Scene.CLUSTER;
    private static final boolean PICTURES = Boolean.getBoolean("switchman.docs.write");
    private static final Map<String, String> PEOPLE = Map.of("anna", "operator", "bert", "approver", "eve", "auditor");

    private static Scene scene;
    private static Chromium chromium;
    /** By name, each with a login of his own. */
    private static final Map<String, Browser> AT_WORK = new HashMap<>();

    private static String switchover = "";
    private static String failover = "";

    @BeforeAll
    static void open() {
        chromium = Chromium.start();
        scene = Scene.openInProduction(LabCluster.builder());
        PEOPLE.forEach(scene::addPerson);
        scene.addPerson("dora", "admin");
    }

    @AfterAll
    static void close() {
        AT_WORK.values().forEach(Browser::close);
        scene.close();
        chromium.close();
    }

    private static Browser as(String name) {
        return AT_WORK.computeIfAbsent(name,
                any -> new Browser(chromium.driver(), scene.address()).logIn(name, Scene.PASSWORD));
    }

    private static void picture(Browser browser, String name, int most) {
        if (PICTURES) {
            browser.picture(Path.of("docs/pages", name), most);
        }
    }

    @Test
    @Order(1)
    void everybodyFindsTheButtonsOfHisGroup() {
        PEOPLE.forEach((name, group) -> {
            Browser browser = as(name).open(CLUSTER);

            assertThat(browser.text("header.bar")).contains(name + " " + group);
            assertThat(browser.text("#topology"))
                    .contains(scene.lab().nodes().stream().map(node -> node.id().toString()).toList());
            assertThat(browser.count("a[href$='/switchover'], a[href$='/failover']")).as(group)
                    .isEqualTo(group.equals("operator") ? 2 : 0);
        });
    }

    @Test
    @Order(2)
    void aSwitchoverIsAskedForAndApprovedWithTheKeyboard() {
        LabNode old = scene.primary();
        Browser anna = as("anna").open(CLUSTER);
        anna.tabTo("a", "Switch over").enter();
        anna.awaitPath((CLUSTER + "/switchover")::equals);
        anna.tabTo("input[name=reason]", "").type("kernel update on the primary");
        anna.tabTo("button", "Start the switchover").enter();
        anna.awaitPath(path -> path.startsWith("/runs/"));
        switchover = anna.path().substring("/runs/".length());
        anna.awaitText("main", text -> text.contains("It waits for an answer"));
        anna.run("window.stays = 'yes'");

        Browser bert = as("bert").open("/decisions");
        assertThat(bert.text("header.bar .count")).isEqualTo("1");
        assertThat(bert.text("main")).contains("Asked for by anna", "kernel update on the primary");
        picture(bert, "decisions.png", 600);
        assertThat(judged(bert)).isEmpty();
        bert.tabTo("input[name=comment]", "")
                .type("all replicas are up to date")
                .tabTo("button", "Approve")
                .enter();

        anna.awaitText("[role=status]", "done"::equals);
        anna.awaitText("main", text -> text.contains("by bert") && text.contains("all replicas are up to date"));
        assertThat(anna.run("return window.stays")).as("without loading the page again").isEqualTo("yes");
        anna.open("/runs/" + switchover).awaitCount(".viewer .run-done", 10);
        assertThat(scene.primary()).isNotEqualTo(old);
        assertThat(bert.open("/decisions").text("main")).contains("Nothing waits for a person");
    }

    @Test
    @Order(3)
    void aFailoverIsWatchedAsItHappens() {
        scene.awaitVerdict("healthy"::equals);
        scene.settle();
        LabNode old = scene.primary();
        Browser eve = as("eve").open(CLUSTER);
        eve.awaitText(".server.primary", text -> text.matches("(?s).*" + old.id() + "\\s+primary, accepts writes.*"));
        assertThat(askedWhileNothingHappens(eve)).as("requests while nothing changes").isLessThanOrEqualTo(1);
        eve.run("window.stays = 'yes'; window.chips = new Set();"
                + "setInterval(() => window.chips.add(document.querySelector('.verdict .chip').innerText), 50)");

        scene.lab().crash(old);

        eve.awaitText(".server.primary",
                text -> !text.contains(old.id().toString()) && text.contains("accepts writes"));
        eve.awaitText("#live", text -> text.contains(old.id() + " is in quarantine") && text.contains("failover"));
        assertThat(eve.run("return window.stays")).as("without loading the page again").isEqualTo("yes");
        assertThat(eve.run("return [...window.chips].join(' ')").toString().split(" ").length)
                .as("the verdict was seen to change")
                .isGreaterThan(1);
        failover = scene.awaitEnd(scene.awaitStarted("failover"), SOON).path("run").asText();
        assertThat(eve.text(".server.primary")).containsPattern(scene.primary().id() + "\\s+primary, accepts writes");
        eve.awaitText("table.list", text -> text.contains("failover"));
        eve.awaitText(".verdict .chip", "replicas-lost"::equals);
        picture(eve, "cluster.png", 1400);

        eve.tabTo("table.list a[href^='/runs/" + failover + "']", "").enter();
        eve.awaitPath(("/runs/" + failover)::equals);
        eve.awaitCount(".viewer .run-done", 10);
        assertThat(eve.count(".viewer .run-flow")).isGreaterThan(10);
        assertThat(eve.count(".viewer .time")).isGreaterThan(5);
        picture(eve, "run.png", 1300);
    }

    /** @return how often it asked for its live part while it was told of three looks that found nothing new: six seconds */
    private static long askedWhileNothingHappens(Browser browser) {
        browser.run(
                "window.asked = () => performance.getEntriesByType('resource').filter(e => e.name.endsWith('/live')).length");
        String shown = browser.text("[data-seen]");
        long before = 0;
        for (int look = 0; look < 4; look++) {
            String last = shown;
            browser.awaitText("[data-seen]", text -> !text.equals(last));
            shown = browser.text("[data-seen]");
            before = look == 0 ? (Long) browser.run("return window.asked()") : before;
        }
        long asked = (Long) browser.run("return window.asked()") - before;
        System.out.println("asked while nothing happened: " + asked);
        return asked;
    }

    @Test
    @Order(4)
    void anExportedRunAnswersWhatAnAuditorAsks() {
        Browser eve = as("eve");

        Export planned = export(eve, switchover);
        assertThat(planned.text).contains("Exported by eve")
                .containsPattern("Asked for by\\s*anna\\s*Because\\s*kernel update on the primary")
                .containsPattern("yes\\s+by bert")
                .contains("all replicas are up to date", "might not answer: anna")
                .contains("The cluster is in production: one other person.")
                .containsPattern("Ran by\\s*switchover version 1")
                .containsPattern("SHA-256 [0-9a-f]{64}")
                .contains("SET GLOBAL super_read_only", scene.primary().id().toString());
        assertThat(planned.outside).isEqualTo("");

        Export unplanned = export(eve, failover);
        assertThat(unplanned.text).containsPattern("Asked for by\\s*monitor\\s*Because\\s*\\S+")
                .contains("Evidence and choices", "Choose primary", "fired")
                .containsPattern("Row\\s+[0-9]+\\s*:")
                .containsPattern("Ran by\\s*failover version 1")
                .contains("SET GLOBAL super_read_only", scene.primary().id().toString());
        assertThat(unplanned.statements).as("each with its server and its answer")
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).matches("(?s)[0-9].*\\|.+:[0-9]+\\|.+\\|.+\\|.+\\|.+"));
        assertThat(unplanned.outside).isEqualTo("");
        assertThat(judged(eve)).isEmpty();
    }

    /** @param text what a reader sees @param statements cells with a stroke between @param outside what the file would ask for */
    private record Export(String text, List<String> statements, String outside) {}

    @SuppressWarnings("unchecked")
    private static Export export(Browser browser, String run) {
        browser.show(browser.open("/runs").fetch("/runs/" + run + "/export.html"));
        List<String> lines = (List<String>) browser.run("return [...document.querySelectorAll('table.sent tbody tr')]"
                + ".map(row => [...row.cells].map(cell => cell.textContent.trim()).join('|'))");
        return new Export(browser.text("body"), lines, String.valueOf(browser
                .run("return [...document.querySelectorAll('[src], link, script, a[href]')].map(e => e.outerHTML).join('\\n')")));
    }

    @Test
    @Order(5)
    void everyLinkLeadsSomewhereAndEveryPageIsForEverybody() {
        Browser dora = new Browser(chromium.driver(), scene.address());
        AT_WORK.put("dora", dora);
        List<String> faults = judged(dora.open("/clusters"));
        assertThat(dora.path()).startsWith("/login");
        dora.logIn("dora", Scene.PASSWORD);
        assertThat(dora.text("header.bar")).contains("dora admin");
        Set<String> seen = new LinkedHashSet<>();
        Deque<String> ahead = new ArrayDeque<>(
                List.of("/clusters", "/runs?kind=failover", "/runs?cluster=shop&from=2020-01-01"));
        while (!ahead.isEmpty()) {
            String path = ahead.removeFirst();
            if (!seen.add(path)) {
                continue;
            }
            if (path.startsWith("/camunda/") || path.contains("/export.")) {
                assertThat(dora.fetch(path)).as(path).doesNotStartWith("status ").isNotEmpty();
                continue;
            }
            dora.open(path).awaitCount("main", 1);
            faults.addAll(judged(dora));
            ahead.addAll(links(dora));
        }

        assertThat(faults).isEmpty();
        assertThat(seen).contains("/clusters", CLUSTER, CLUSTER + "/switchover", CLUSTER + "/failover", "/runs",
                "/decisions", "/runs/" + switchover, "/runs/" + failover, "/runs/" + failover + "/export.html");
        assertThat(dora.logOut().open("/runs").path()).startsWith("/login");
    }

    @SuppressWarnings("unchecked")
    private static List<String> links(Browser browser) {
        return (List<String>) browser.run("return [...document.querySelectorAll('a[href]')]"
                + ".map(a => new URL(a.href)).filter(u => u.origin === location.origin)"
                + ".map(u => u.pathname + u.search).filter(p => p !== location.pathname + location.search)");
    }

    /** In dark mode on a phone. */
    private static List<String> judged(Browser browser) {
        List<String> faults = browser.view(Browser.PHONE, true).inaccessible();
        browser.view(Browser.DESK, false);
        return faults;
    }

    @Test
    @Order(6)
    void nothingWentWrongOnTheWayAndNoOtherHostWasAsked() {
        AT_WORK.forEach((name, browser) -> {
            assertThat(browser.troubles()).as(name).isEmpty();
            assertThat(browser.visited()).as(name).isNotEmpty();
        });
        assertThat(as("eve").visited()).as("who watched")
                .anyMatch(url -> url.endsWith("/live"))
                .anyMatch(url -> url.endsWith("/events" + CLUSTER));
    }

    @Test
    @Order(7)
    void cockpitShowsTheRunThatHasEnded() {
        Browser eve = new Browser(chromium.driver(), scene.address()).logIn("eve", Scene.PASSWORD);
        AT_WORK.put("eve in Cockpit", eve);
        String link = String.valueOf(eve.open("/runs/" + failover)
                .run("return [...document.querySelectorAll('main a')].find(a => a.innerText === 'Cockpit').getAttribute('href')"));
        assertThat(link).endsWith("#/ended/" + failover);

        eve.open(link).awaitCount(".ended-done", 10);
        assertThat(eve.text(".ended-runs")).contains("Failover of " + Scene.CLUSTER, "Fence old primary",
                "Variables at the end");
        picture(eve, "cockpit.png", 1000);
        assertThat(eve.count("a[href='/runs/" + failover + "']")).isEqualTo(1);

        eve.open("/camunda/app/cockpit/default/#/processes");
        eve.awaitCount("a[href='#/ended/" + failover + "']", 1);
        assertThat(eve.count("a[href='#/ended/" + switchover + "']")).isEqualTo(1);
        assertThat(eve.troubles())
                .noneMatch(trouble -> trouble.contains("ended-runs") || trouble.contains("a request to"));
        AT_WORK.remove("eve in Cockpit");
        eve.close();
    }

    @Test
    @Order(8)
    void anErrorIsForEverybodyToo() {
        Browser eve = as("eve").open("/runs/there-is-none");

        assertThat(eve.text("main")).contains("There is no run \"there-is-none\"");
        assertThat(judged(eve)).isEmpty();
    }

    /** A minute and more. */
    @Test
    @Tag("matrix")
    @Order(9)
    void everyPartOfEveryPageIsForEverybodyInLightAndDarkAtADeskAndOnAPhone() {
        Browser anna = as("anna");
        List<String> faults = new ArrayList<>();
        for (String path : List.of("/clusters", CLUSTER, CLUSTER + "/switchover", CLUSTER + "/failover", "/runs",
                "/decisions", "/runs/" + switchover, "/runs/" + failover)) {
            anna.open(path).run("document.querySelectorAll('details').forEach(d => { d.open = true; })");
            if (path.startsWith("/runs/")) {
                anna.awaitCount(".tjs-table-container[tabindex]", anna.count(".table-viewer"));
            }
            for (int width : List.of(Browser.DESK, Browser.PHONE)) {
                for (boolean dark : List.of(false, true)) {
                    anna.view(width, dark)
                            .inaccessible()
                            .forEach(fault -> faults.add(width + " px" + (dark ? ", dark: " : ": ") + fault));
                }
            }
        }

        assertThat(faults).isEmpty();
        assertThat(anna.troubles()).isEmpty();
    }
}
