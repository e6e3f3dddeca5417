package dev.switchman.runbook;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import dev.switchman.runbook.People.Role;

/**
 * The people and robots of the store. People have a password, robots a token; they share one set of names, because
 * four-eyes goes by the name. Who comes from an OpenID Connect issuer does not stand here.
 */
public interface Roster {

    /** @return by name */
    List<Entry> people();

    /** Adds somebody. Refused when the name is taken, also by a robot, or the password is too simple. */
    Changed add(String name, Set<Role> roles, Optional<String> mail, String password);

    /** Gives a person another password, and ends the sessions that were opened with the old one. */
    Changed password(String name, String password);

    /** Puts a person into exactly these groups, at once also for who is logged in. The last administrator stays one. */
    Changed roles(String name, Set<Role> roles);

    /** Removes a person and ends his sessions. The last administrator stays. */
    Changed remove(String name);

    /** @return by name */
    List<Robot> robots();

    /** Makes a token, which is kept as a hash and told this once. @param by who makes it */
    Made makeRobot(String name, Set<Role> roles, String by);

    /** From now on its token is worth nothing. */
    Changed revokeRobot(String name);

    record Entry(String name, Set<Role> roles, Optional<String> mail) {

        public Entry {
            roles = Set.copyOf(roles);
        }
    }

    record Robot(String name, Set<Role> roles, String madeBy, Instant madeAt) {

        public Robot {
            roles = Set.copyOf(roles);
        }
    }

    /** What came of a change; only {@link Done} has changed something. */
    sealed interface Changed {

        record Done(Entry entry) implements Changed {}

        /** @param what there is none of, with its name */
        record Unknown(String what) implements Changed {}

        /** It cannot be, as things are. */
        record Conflict(String why) implements Changed {}

        /** @param argument which is no good, and why, with its value unless it is a secret */
        record Unfit(String argument, String why) implements Changed {}
    }

    /** What came of making a token. */
    sealed interface Made {

        record Token(Robot robot, String token) implements Made {

            @Override
            public String toString() {
                return "Token of " + robot;
            }
        }

        record Not(Changed why) implements Made {}
    }

    /** Letters and digits first: a name stands in addresses, mails and the journal. */
    Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

    /** Who starts runs and gives answers without being anybody; a person of that name would be taken for them. */
    Set<String> RESERVED = Set.of("monitor", "engine", "local", "nobody");

    /** @return why nobody may be called so; empty when somebody may */
    static Optional<String> unfit(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.of("not a login name (letters, digits, . _ @ -; 64 at most): \"" + name + "\"");
        }
        return RESERVED.contains(name.toLowerCase(Locale.ROOT))
                ? Optional.of("this name is Switchman's own: \"" + name + "\"")
                : Optional.empty();
    }
}
