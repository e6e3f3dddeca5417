package dev.switchman.mysql;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code SHOW GRANTS} told: without FOR it includes the roles that are active. {@code ALL PRIVILEGES} is only
 * printed by 5.7; later servers spell it out.
 *
 * @param everywhere privileges on {@code *.*}, upper case
 * @param performanceSchema privileges on {@code performance_schema.*}
 */
record Grants(Set<String> everywhere, Set<String> performanceSchema) {

    private static final Pattern GRANT = Pattern.compile("GRANT (.+?) ON (\\S+) TO .*");

    Grants {
        everywhere = Set.copyOf(everywhere);
        performanceSchema = Set.copyOf(performanceSchema);
    }

    static Grants of(List<String> lines) {
        Set<String> everywhere = new HashSet<>();
        Set<String> performanceSchema = new HashSet<>();
        for (String line : lines) {
            Matcher matcher = GRANT.matcher(line);
            if (matcher.matches()) {
                List<String> privileges = List.of(matcher.group(1).toUpperCase(Locale.ROOT).split(",\\s*"));
                switch (matcher.group(2).replace("`", "")) {
                    case "*.*" -> everywhere.addAll(privileges);
                    case "performance_schema.*" -> performanceSchema.addAll(privileges);
                    default -> {
                    }
                }
            }
        }
        return new Grants(everywhere, performanceSchema);
    }

    /** @return whether any of these is held on {@code *.*} */
    boolean any(String... privileges) {
        return everywhere.contains("ALL PRIVILEGES") || List.of(privileges).stream().anyMatch(everywhere::contains);
    }

    /** @return privileges that Switchman needs for its own account and that are missing, as they would be granted */
    List<String> missing(Dialect dialect) {
        List<String> missing = new ArrayList<>();
        need(missing, "PROCESS");
        need(missing, "REPLICATION CLIENT");
        need(missing, "RELOAD");
        need(missing, "EVENT");
        if (!any("SELECT") && !performanceSchema.contains("SELECT")
                && !performanceSchema.contains("ALL PRIVILEGES")) {
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
        return missing;
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
