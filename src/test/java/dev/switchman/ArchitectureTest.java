package dev.switchman;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

/** Holds the table of rooms, and prints {@code docs/map.md} from it. */
class ArchitectureTest {

    private static final Path MAP = Path.of("docs", "map.md");

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.switchman");

    @Test
    void every_room_is_in_the_table() {
        Set<String> rooms = PRODUCT.stream().map(ArchitectureTest::room).collect(Collectors.toCollection(TreeSet::new));

        assertThat(Rooms.ALL.stream().map(Rooms.Room::name)).containsAll(rooms);
    }

    @Test
    void the_table_names_only_rooms_and_is_ordered_so_that_nothing_points_back() {
        List<String> before = new ArrayList<>();

        for (Rooms.Room room : Rooms.ALL) {
            assertThat(before).as("what " + room.name() + " may know").containsAll(room.mayKnow());
            before.add(room.name());
        }
    }

    @Test
    void rooms_know_only_what_the_table_allows() {
        for (Rooms.Room room : Rooms.ALL) {
            List<String> allowed = new ArrayList<>();
            allowed.add(room.rootPackage() + "..");
            room.mayKnow().forEach(name -> allowed.add("dev.switchman." + name + ".."));

            noClasses().that()
                    .resideInAPackage(room.rootPackage() + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage("dev.switchman..")
                            .and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
                    .as("room " + room.name() + " knows only " + room.mayKnow())
                    .allowEmptyShould(true)
                    .check(PRODUCT);
        }
    }

    @Test
    void rooms_form_no_cycle() {
        slices().matching("dev.switchman.(*)..").should().beFreeOfCycles().check(PRODUCT);
    }

    @Test
    void nouns_and_judgement_are_plain_java() {
        classes().that()
                .resideInAnyPackage("dev.switchman.topology..", "dev.switchman.verdict..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "org.jspecify..", "dev.switchman.topology..", "dev.switchman.verdict..")
                .check(PRODUCT);
    }

    @Test
    void only_the_engine_room_knows_camunda() {
        noClasses().that()
                .resideOutsideOfPackage("dev.switchman.engine..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.camunda..")
                .check(PRODUCT);
    }

    @Test
    void only_runbooks_change_a_machine() {
        onlyIn("dev.switchman.mysql.NodeOperator", "mysql", "rehearsal", "runbook", "app");
        onlyIn("dev.switchman.ssh.RemoteShell", "ssh", "vip", "rehearsal", "runbook", "app");
        onlyIn("dev.switchman.hook.ShutdownHook", "hook", "runbook", "app");
        onlyIn("dev.switchman.hook.Scripts", "hook", "runbook", "app");
        onlyIn("dev.switchman.hook.Program", "hook", "mha", "runbook", "app");
        onlyIn("dev.switchman.vip.VirtualIp", "vip", "rehearsal", "runbook", "app");
    }

    @Test
    void connections_stay_in_their_rooms() {
        packagesOnlyIn(List.of("java.sql..", "javax.sql..", "org.springframework.jdbc..", "com.zaxxer.hikari.."),
                "mysql", "audit", "memory", "engine", "app");
        packagesOnlyIn(List.of("com.mysql.."), "mysql");
        packagesOnlyIn(List.of("org.apache.sshd.."), "ssh");
        packagesOnlyIn(List.of("org.springframework.web.bind.."), "api", "web");
    }

    @Test
    void time_comes_from_a_clock_and_waits_from_the_loop() {
        noClasses().that()
                .doNotHaveFullyQualifiedName("dev.switchman.app.Sleep")
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", java.time.Duration.class)
                .check(PRODUCT);
        noClasses().that()
                .resideOutsideOfPackages("dev.switchman.app..", "dev.switchman.cli..")
                .should()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Clock.class, "systemDefaultZone")
                .check(PRODUCT);
    }

    @Test
    void nothing_is_injected_into_fields() {
        fields().should()
                .notBeAnnotatedWith("org.springframework.beans.factory.annotation.Autowired")
                .andShould()
                .notBeAnnotatedWith("org.springframework.beans.factory.annotation.Value")
                .andShould()
                .notBeAnnotatedWith("jakarta.inject.Inject")
                .andShould()
                .notBeAnnotatedWith("jakarta.annotation.Resource")
                .check(PRODUCT);
        noClasses().should().dependOnClassesThat().resideInAPackage("lombok..").check(PRODUCT);
    }

    @Test
    void the_map_in_the_docs_is_the_table() throws IOException {
        if (Boolean.getBoolean("switchman.map.write")) {
            Files.writeString(MAP, Rooms.map());
        }

        assertThat(MAP).as("renew it: mvn test -Dtest=ArchitectureTest -Dswitchman.map.write=true")
                .content()
                .isEqualTo(Rooms.map());
    }

    /** Or the first of them remembers for its JVM that there is no engine, on a machine that has yet to start one. */
    @Test
    void whatever_uses_testcontainers_has_the_engine_started_first() {
        JavaClasses everything = new ClassFileImporter().importPackages("dev.switchman");
        Set<String> using = everything.stream()
                .filter(type -> type.getDirectDependenciesFromSelf()
                        .stream()
                        .anyMatch(used -> used.getTargetClass().getPackageName().startsWith("org.testcontainers")))
                .map(type -> type.getName().replaceFirst("\\$.*", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(using).contains("dev.switchman.lab.Engine");
        for (String name : using) {
            assertThat(everything.get(name).getDirectDependenciesFromSelf())
                    .as(name + " calls Engine.client")
                    .anyMatch(used -> used.getTargetClass().getName().equals("dev.switchman.lab.Engine")
                            || name.equals("dev.switchman.lab.Engine"));
        }
    }

    private static void onlyIn(String door, String... rooms) {
        noClasses().that(outside(rooms))
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName(door)
                .check(PRODUCT);
    }

    private static void packagesOnlyIn(List<String> packages, String... rooms) {
        noClasses().that(outside(rooms))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages.toArray(String[]::new))
                .check(PRODUCT);
    }

    private static DescribedPredicate<JavaClass> outside(String... rooms) {
        Set<String> names = Set.of(rooms);
        return DescribedPredicate.describe("are outside of " + names, type -> !names.contains(room(type)));
    }

    private static String room(JavaClass type) {
        String[] parts = type.getPackageName().split("\\.", -1);
        return parts.length > 2 ? parts[2] : "(none)";
    }
}
