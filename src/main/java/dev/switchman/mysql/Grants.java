package dev.switchman.mysql;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code SHOW GRANTS} told: without FOR it includes the roles that are active. {@code ALL PRIVILEGES} is only
 * printed by 5.7 for {@code *.*}; later servers spell it out there.
 *
 * @param privileges upper case, by what they are granted on, such as {@code *.*} and {@code mysql.plugin}
 */
record Grants(Map<String, Set<String>> privileges) {

    private static final Pattern GRANT = Pattern.compile("GRANT (.+?) ON (\\S+) TO .*");
    private static final String EVERYTHING = "*.*";
    private static final String ALL = "ALL PRIVILEGES";
    private static final List<String> ROWS = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

    Grants {
        privileges = Map.copyOf(privileges);
    }

    static Grants of(List<String> lines) {
        Map<String, Set<String>> privileges = new HashMap<>();
        for (String line : lines) {
            Matcher matcher = GRANT.matcher(line);
            if (matcher.matches()) {
                // An underscore in the name of a schema is escaped: it stands for any character there.
                String object = matcher.group(2).replace("`", "").replace("\\_", "_");
                privileges.computeIfAbsent(object, any -> new HashSet<>())
                        .addAll(List.of(matcher.group(1).toUpperCase(Locale.ROOT).split(",\\s*")));
            }
        }
        return new Grants(privileges);
    }

    /** @return whether any of these is held on {@code *.*} */
    boolean any(String... wanted) {
        return List.of(wanted).stream().anyMatch(privilege -> on(EVERYTHING, privilege));
    }

    private boolean on(String object, String privilege) {
        Set<String> held = privileges.getOrDefault(object, Set.of());
        return held.contains(privilege) || held.contains(ALL);
    }

    private boolean onSchema(String schema, String privilege) {
        return on(EVERYTHING, privilege) || on(schema + ".*", privilege);
    }

    /** @return privileges that Switchman needs for its own account and that are missing, as they would be granted */
    List<String> missing(Dialect dialect) {
        List<String> missing = new ArrayList<>();
        need(missing, "PROCESS");
        need(missing, "REPLICATION CLIENT");
        need(missing, "RELOAD");
        need(missing, "EVENT");
        if (!onSchema("performance_schema", "SELECT")) {
            missing.add("SELECT ON performance_schema.*");
        }
        if (!dialect.version().atLeast(8, 0, 0)) {
            need(missing, "SUPER");
            return missing;
        }
        needOrSuper(missing, "SYSTEM_VARIABLES_ADMIN");
        needOrSuper(missing, "CONNECTION_ADMIN");
        needOrSuper(missing, "REPLICATION_SLAVE_ADMIN");
        needOrSuper(missing, dialect.version().atLeast(8, 2, 0) ? "SET_ANY_DEFINER" : "SET_USER_ID");
        need(missing, "XA_RECOVER_ADMIN");
        need(missing, "PERSIST_RO_VARIABLES_ADMIN");
        if (dialect.version().atLeast(8, 0, 16)) {
            // To end sessions that have it, an applier's own workers among them.
            need(missing, "SYSTEM_USER");
        }
        return missing;
    }

    /**
     * @param loaded whether the server has the plugin clone
     * @return privileges that are missing for making this server a copy of another, or another a copy of this one
     */
    List<String> missingForCopies(boolean loaded) {
        List<String> missing = new ArrayList<>();
        need(missing, "CLONE_ADMIN");
        need(missing, "BACKUP_ADMIN");
        if (!loaded && !onSchema("mysql", "INSERT") && !on("mysql.plugin", "INSERT")) {
            missing.add("INSERT ON mysql.plugin");
        }
        return missing;
    }

    /** @return whether the rows of Switchman's own schema can be written and read */
    boolean ownRows(String schema) {
        return ROWS.stream()
                .allMatch(privilege -> onSchema(schema, privilege) || on(schema + ".ping", privilege));
    }

    private void need(List<String> missing, String privilege) {
        if (!any(privilege)) {
            missing.add(privilege);
        }
    }

    private void needOrSuper(List<String> missing, String privilege) {
        if (!any(privilege, "SUPER")) {
            missing.add(privilege);
        }
    }
}
