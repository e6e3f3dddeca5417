package dev.switchman.mysql;

/**
 * The one table of Switchman's own schema: row 1 is the INSERT ping's, row 2 the write check's, row 3 the
 * trial write's.
 */
final class PingTable {

    private PingTable() {}

    static String name(String schema) {
        return Sql.name(schema) + ".ping";
    }

    static String create(String schema) {
        return "CREATE TABLE IF NOT EXISTS " + name(schema)
                + " (id INT NOT NULL PRIMARY KEY, token VARCHAR(36) NOT NULL, at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)) ENGINE=InnoDB";
    }

    static String beat(String schema) {
        return "REPLACE INTO " + name(schema) + " (id, token, at) VALUES (1, '', CURRENT_TIMESTAMP(6))";
    }

    static String trial(String schema) {
        return "REPLACE INTO " + name(schema) + " (id, token, at) VALUES (3, '', CURRENT_TIMESTAMP(6))";
    }

    static Sql write(String schema, String token) {
        return Sql.of("REPLACE INTO " + name(schema) + " (id, token, at) VALUES (2, ?, CURRENT_TIMESTAMP(6))", token);
    }

    static String read(String schema) {
        return "SELECT token FROM " + name(schema) + " WHERE id = 2";
    }
}
