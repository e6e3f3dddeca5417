package dev.switchman.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.logging.Level;

import com.deque.html.axecore.results.CheckedNode;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.openqa.selenium.ImmutableCapabilities;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.remote.CommandInfo;
import org.openqa.selenium.remote.HttpCommandExecutor;
import org.openqa.selenium.remote.RemoteWebDriver;
import org.openqa.selenium.remote.http.HttpMethod;

import dev.switchman.lab.Eventually;

/** Somebody who looks at the pages in Chromium, with cookies of his own. Remembers whatever went wrong on the way. */
final class Browser implements AutoCloseable {

    static final int PHONE = 390;
    static final int DESK = 1280;

    private static final String CDP = "executeCdpCommand";
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final List<String> WCAG = List.of("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa");
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Driver driver;
    private final String address;
    private final List<String> troubles = new ArrayList<>();
    private final List<String> visited = new ArrayList<>();

    /**
     * @param driver where chromedriver listens
     * @param address of the server: {@code http://host:port}
     */
    Browser(URI driver, String address) {
        this.driver = Driver.of(driver);
        this.address = address;
        view(DESK, false);
    }

    /** Chromium of one's own, with Chromium's own protocol for what WebDriver has no word for. */
    private static final class Driver extends RemoteWebDriver {

        private Driver(HttpCommandExecutor executor, ImmutableCapabilities capabilities) {
            super(executor, capabilities);
        }

        static Driver of(URI chromedriver) {
            try {
                return new Driver(
                        new HttpCommandExecutor(
                                Map.of(CDP, new CommandInfo("/session/:sessionId/goog/cdp/execute", HttpMethod.POST)),
                                chromedriver.toURL()),
                        new ImmutableCapabilities("browserName", "chrome", "goog:chromeOptions",
                                Map.of("args", List.of("--headless=new", "--no-sandbox", "--disable-gpu",
                                        "--force-prefers-reduced-motion", "--lang=en")),
                                "goog:loggingPrefs", Map.of("browser", "ALL", "performance", "ALL")));
            } catch (MalformedURLException e) {
                throw new IllegalArgumentException(chromedriver + " is no address", e);
            }
        }

        Object cdp(String command, Map<String, ?> parameters) {
            return execute(CDP, Map.of("cmd", command, "params", parameters)).getValue();
        }
    }

    // ---- going about

    /** @param width of the window, in CSS pixels @param dark whether the machine is set to dark mode */
    Browser view(int width, boolean dark) {
        driver.cdp("Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", width == PHONE));
        driver.cdp("Emulation.setEmulatedMedia", Map.of("features",
                List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                        Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
        return this;
    }

    Browser open(String path) {
        driver.get(address + path);
        return this;
    }

    /** By the form that every page leads to. */
    Browser logIn(String name, String password) {
        if (!path().startsWith("/login")) {
            open("/clusters");
        }
        run("document.querySelector('[name=username]').value = arguments[0];"
                + "document.querySelector('[name=password]').value = arguments[1];"
                + "document.querySelector('button[type=submit]').click()", name, password);
        awaitText("main", text -> text.contains("Clusters"));
        return this;
    }

    Browser logOut() {
        run("document.querySelector('form.who button').click()");
        awaitPath(path -> path.startsWith("/login"));
        return this;
    }

    /** A file that somebody opens, on a page of its own: nothing of the server reaches it. */
    Browser show(String html) {
        driver.get("about:blank");
        String frame = JSON.valueToTree(driver.cdp("Page.getFrameTree", Map.of()))
                .at("/frameTree/frame/id")
                .asText();
        driver.cdp("Page.setDocumentContent", Map.of("frameId", frame, "html", html));
        return this;
    }

    String path() {
        String url = String.valueOf(driver.getCurrentUrl());
        return url.startsWith(address) ? url.substring(address.length()) : url;
    }

    // ---- looking

    /** @return what a reader sees of it, of a drawing all its words; empty when it is not there */
    String text(String selector) {
        return String.valueOf(
                run("return [...document.querySelectorAll(arguments[0])]"
                        + ".map(e => e.innerText ?? e.textContent).join('\\n')", selector));
    }

    long count(String selector) {
        return ((Number) run("return document.querySelectorAll(arguments[0]).length", selector)).longValue();
    }

    /** @return what the script gives back */
    Object run(String script, Object... arguments) {
        Object answer = driver.executeScript(script, arguments);
        return answer == null ? "" : answer;
    }

    /** @return the body that the server answers with, asked by the page itself */
    String fetch(String path) {
        return String.valueOf(driver.executeAsyncScript("const done = arguments[1];"
                + "fetch(arguments[0]).then(async a => done(a.status === 200 ? await a.text() : 'status ' + a.status),"
                + " e => done(String(e)))", path));
    }

    void awaitText(String selector, Predicate<String> wanted) {
        Eventually.until("shown in " + selector + " of " + path(), SOON,
                () -> wanted.test(text(selector)) ? Optional.empty() : Optional.of(text(selector)));
    }

    void awaitPath(Predicate<String> wanted) {
        Eventually.until("there", SOON, () -> wanted.test(path())
                ? Optional.empty()
                : Optional.of(path() + ": " + text(".answer")));
    }

    void awaitCount(String selector, long least) {
        Eventually.until("there: " + selector + " on " + path(), SOON,
                () -> count(selector) >= least ? Optional.empty() : Optional.of(count(selector) + " of " + least));
    }

    // ---- the keyboard

    /** Presses the tabulator until what it wants has the focus; says so when it is never reached. */
    Browser tabTo(String selector, String words) {
        for (int i = 0; i < 80; i++) {
            if (Boolean.TRUE.equals(run("const e = document.activeElement;"
                    + "return e.matches(arguments[0]) && e.innerText.includes(arguments[1])", selector, words))) {
                return this;
            }
            new Actions(driver).sendKeys(Keys.TAB).perform();
        }
        throw new AssertionError(path() + ": the tabulator never comes to " + selector + " \"" + words + "\"");
    }

    Browser type(String text) {
        new Actions(driver).sendKeys(text).perform();
        return this;
    }

    Browser enter() {
        new Actions(driver).sendKeys(Keys.ENTER).perform();
        return this;
    }

    // ---- judging

    /** @return what WCAG 2 A and AA forbid on this page, a line each, and a page that is wider than its window */
    List<String> inaccessible() {
        List<String> found = new ArrayList<>();
        for (Rule rule : new AxeBuilder().setLegacyMode(true).withTags(WCAG).analyze(driver).getViolations()) {
            for (CheckedNode node : rule.getNodes()) {
                found.add(path() + ": " + rule.getId() + " (" + rule.getImpact() + "): " + node.getHtml() + " "
                        + node.getAny().stream().map(check -> check.getMessage()).toList());
            }
        }
        if (Boolean.TRUE.equals(run("return document.documentElement.scrollWidth > window.innerWidth"))) {
            found.add(path() + ": wider than its window: "
                    + run("return document.documentElement.scrollWidth + ' px: ' + [...document.querySelectorAll('main *')]"
                            + ".filter(e => e.getBoundingClientRect().right > window.innerWidth + 1).slice(0, 5)"
                            + ".map(e => e.tagName + '.' + e.className).join(', ')"));
        }
        return found;
    }

    /**
     * @return what went wrong since the browser was opened, a line each: errors on the console, requests to another host,
     *         answers of 400 and more
     */
    List<String> troubles() {
        driver.manage()
                .logs()
                .get("browser")
                .getAll()
                .stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.SEVERE.intValue())
                // What dmn-js 17 is made with says so of itself.
                .filter(entry -> !entry.getMessage().contains("development build of Inferno"))
                .forEach(entry -> troubles.add("console: " + entry.getMessage()));
        driver.manage().logs().get("performance").getAll().forEach(entry -> {
            JsonNode message = parse(entry.getMessage()).path("message");
            JsonNode params = message.path("params");
            switch (message.path("method").asText()) {
                case "Network.requestWillBeSent" -> {
                    String url = params.path("request").path("url").asText();
                    visited.add(url);
                    if (url.startsWith("http") && !url.startsWith(address + "/")) {
                        troubles.add("a request to " + url);
                    }
                }
                case "Network.responseReceived" -> {
                    JsonNode answer = params.path("response");
                    if (answer.path("status").asInt() >= 400) {
                        troubles.add(answer.path("url").asText() + " answered " + answer.path("status"));
                    }
                }
                default -> {
                    // What it drew, and when.
                }
            }
        });
        return troubles;
    }

    /** @return the addresses that it asked for, as far as {@link #troubles} has looked at them */
    List<String> visited() {
        return visited;
    }

    /** The page as a picture, down to its end or so many pixels. */
    void picture(Path file, int most) {
        long height = ((Number) run("return document.documentElement.scrollHeight")).longValue();
        Object answer = driver.cdp("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true,
                "clip", Map.of("x", 0, "y", 0, "width", run("return window.innerWidth"), "height",
                        Math.min(height, most), "scale", 1)));
        try {
            Files.write(file, Base64.getDecoder().decode(JSON.valueToTree(answer).path("data").asText()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
