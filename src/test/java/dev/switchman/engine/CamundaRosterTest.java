package dev.switchman.engine;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.impl.persistence.entity.UserEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.JdbcTemplate;

import dev.switchman.runbook.People;
import dev.switchman.runbook.People.Person;
import dev.switchman.runbook.People.Role;
import dev.switchman.runbook.Roster;
import dev.switchman.runbook.Roster.Changed;
import dev.switchman.runbook.Roster.Entry;
import dev.switchman.runbook.Roster.Made;

import static org.assertj.core.api.Assertions.assertThat;

/** People and robots in the real engine's tables. */
class CamundaRosterTest {

    private static final ProbeEngine ENGINE = ProbeEngine.shared();
    private static final String GOOD = "Horse-battery-9";

    private final Roster roster = ENGINE.get(Roster.class);
    private final People people = ENGINE.get(People.class);

    @Test
    void somebodyIsAddedAndLogsInWithTheseGroups() {
        Entry anna = new Entry("anna", Set.of(Role.OPERATOR, Role.APPROVER), Optional.of("anna@example.org"));

        assertThat(roster.add("anna", anna.roles(), anna.mail(), GOOD)).isEqualTo(new Changed.Done(anna));

        assertThat(roster.people()).contains(anna);
        assertThat(people.login("anna", GOOD)).contains(new Person("anna", anna.roles()));
        assertThat(people.login("anna", "horse")).isEmpty();
        UserEntity stored = (UserEntity) ENGINE.get(IdentityService.class)
                .createUserQuery()
                .userId("anna")
                .singleResult();
        assertThat(stored.getPassword()).startsWith("{bcrypt-sha256}$2").doesNotContain(GOOD);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "none", textBlock = """
            bad name   | OPERATOR | none   | Horse-battery-9 | name: not a login name (letters, digits, . _ @ -; 64 at most): "bad name"
            .hidden    | OPERATOR | none   | Horse-battery-9 | name: not a login name (letters, digits, . _ @ -; 64 at most): ".hidden"
            Monitor    | OPERATOR | none   | Horse-battery-9 | name: this name is Switchman's own: "Monitor"
            local      | OPERATOR | none   | Horse-battery-9 | name: this name is Switchman's own: "local"
            bert       | none     | none   | Horse-battery-9 | groups: at least one of operator, approver, auditor, admin
            bert       | OPERATOR | at.org | Horse-battery-9 | mail: not a mail address: "at.org"
            bert       | OPERATOR | none   | short           | password: it must have at least 10 characters, a capital letter, a digit, a character that is neither letter nor digit (value not shown)
            bert       | OPERATOR | none   | Iam-bert-12345  | password: it must have nothing of the user's name or mail address in it (value not shown)
            """)
    void badInputIsToldAndAddsNobody(String name, Role role, String mail, String password, String why) {
        Changed changed = roster.add(name, role == null ? Set.of() : Set.of(role), Optional.ofNullable(mail), password);

        assertThat(changed).isInstanceOfSatisfying(Changed.Unfit.class,
                unfit -> assertThat(unfit.argument() + ": " + unfit.why()).isEqualTo(why));
        assertThat(roster.people()).extracting(Entry::name).doesNotContain(name);
    }

    @Test
    void aNameIsOnePersonsOrOneRobots() {
        roster.add("carla", Set.of(Role.AUDITOR), Optional.empty(), GOOD);
        roster.makeRobot("deploy", Set.of(Role.OPERATOR), "admin");

        assertThat(roster.add("CARLA", Set.of(Role.ADMIN), Optional.empty(), GOOD)).isEqualTo(
                new Changed.Conflict("there is a user \"CARLA\" already"));
        assertThat(roster.add("Deploy", Set.of(Role.ADMIN), Optional.empty(), GOOD)).isEqualTo(
                new Changed.Conflict("there is a robot \"deploy\" already"));
        assertThat(roster.makeRobot("carla", Set.of(Role.OPERATOR), "admin")).isEqualTo(
                new Made.Not(new Changed.Conflict("there is a user \"carla\" already")));
        assertThat(roster.makeRobot("deploy", Set.of(Role.ADMIN), "admin")).isEqualTo(
                new Made.Not(new Changed.Conflict("there is a robot \"deploy\" already")));
        assertThat(roster.makeRobot("x y", Set.of(Role.ADMIN), "admin")).isInstanceOf(Made.Not.class);
    }

    @Test
    void groupsAndPasswordsChangeAndSessionsEnd() {
        roster.add("dora", Set.of(Role.OPERATOR), Optional.empty(), GOOD);
        Instant loggedIn = Instant.now();

        assertThat(roster.roles("dora", Set.of(Role.AUDITOR))).isInstanceOf(Changed.Done.class);
        assertThat(people.stillIn("dora", loggedIn)).contains(new Person("dora", Set.of(Role.AUDITOR)));
        assertThat(roster.password("dora", "Another-horse-9")).isInstanceOf(Changed.Done.class);
        assertThat(people.stillIn("dora", loggedIn.minusSeconds(1))).isEmpty();
        assertThat(people.stillIn("dora", Instant.now().plusMillis(1))).isPresent();
        assertThat(people.login("dora", GOOD)).isEmpty();
        assertThat(people.login("dora", "Another-horse-9")).isPresent();
        assertThat(roster.password("dora", "simple")).isInstanceOf(Changed.Unfit.class);
        assertThat(roster.remove("dora")).isInstanceOf(Changed.Done.class);
        assertThat(people.stillIn("dora", Instant.now().plusMillis(1))).isEmpty();
        assertThat(roster.remove("dora")).isEqualTo(new Changed.Unknown("user \"dora\""));
        assertThat(roster.roles("dora", Set.of(Role.ADMIN))).isEqualTo(new Changed.Unknown("user \"dora\""));
        assertThat(roster.password("dora", GOOD)).isEqualTo(new Changed.Unknown("user \"dora\""));
    }

    @Test
    void theLastAdministratorStays() {
        assertThat(roster.remove("admin")).isEqualTo(new Changed.Conflict(
                "\"admin\" is the last user in group admin; put somebody else into it first"));
        assertThat(roster.roles("admin", Set.of(Role.AUDITOR))).isInstanceOf(Changed.Conflict.class);

        roster.add("emil", Set.of(Role.ADMIN), Optional.empty(), GOOD);
        assertThat(roster.roles("emil", Set.of(Role.AUDITOR))).isInstanceOf(Changed.Done.class);
        assertThat(roster.remove("admin")).isInstanceOf(Changed.Conflict.class);
        assertThat(ENGINE.get(IdentityService.class).createUserQuery().memberOfGroup("camunda-admin").count())
                .isEqualTo(1);
    }

    @Test
    void aTokenIsKeptAsAHashAndWorthNothingOnceRevoked() {
        Made made = roster.makeRobot("ci", Set.of(Role.OPERATOR), "admin");
        String token = made instanceof Made.Token(var robot, String text) ? text : "";

        assertThat(token).matches("switchman_[\\w-]{43}");
        assertThat(made.toString()).doesNotContain(token);
        assertThat(people.robot(token)).contains(new Person("ci", Set.of(Role.OPERATOR)));
        assertThat(people.robot(token + "x")).isEmpty();
        assertThat(people.login("ci", token)).as("a robot has no password").isEmpty();
        List<String> stored = ENGINE.get(JdbcTemplate.class)
                .queryForList("select HASH_ from SM_ROBOT where NAME_ = 'ci'", String.class);
        assertThat(stored).singleElement().satisfies(hash -> assertThat(hash).hasSize(64).isNotEqualTo(token));
        assertThat(roster.robots()).extracting(Roster.Robot::name).contains("ci");

        assertThat(roster.revokeRobot("ci")).isInstanceOf(Changed.Done.class);
        assertThat(people.robot(token)).isEmpty();
        assertThat(roster.revokeRobot("ci")).isEqualTo(new Changed.Unknown("robot \"ci\""));
    }
}
