package dev.switchman.mysql;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

import dev.switchman.topology.ServerVersion;

/** What {@code docs/configuration.md} grants to Switchman's account: the servers of the tests give it that and no more. */
final class DocumentedGrants {

    private static final Path DOCUMENT = Path.of("docs/configuration.md");
    private static final String MODERN = "\nMySQL 8.0 and later:\n";
    private static final String OLD = "\nMySQL 5.7:\n";
    private static final String USER = "'switchman'@'10.1.0.%'";
    private static final Pattern COMMENT = Pattern.compile("--.*$", Pattern.MULTILINE);

    private DocumentedGrants() {}

    /** @return the statements for a server of this version, with this account and schema in place of the document's */
    static List<String> of(ServerVersion version, String account, String schema) {
        String text = read();
        int begin = text.indexOf(version.atLeast(8, 0, 0) ? MODERN : OLD);
        int block = text.indexOf("```sql\n", begin) + "```sql\n".length();
        String sql = COMMENT.matcher(text.substring(block, text.indexOf("```", block))).replaceAll("");
        return List.of(sql.split(";"))
                .stream()
                .map(statement -> statement.strip().replaceAll("\\s+", " "))
                .filter(statement -> statement.startsWith("GRANT") && statement.contains(USER))
                .filter(statement -> version.atLeast(8, 0, 17) || !isForCopies(statement))
                .filter(statement -> version.atLeast(8, 0, 16) || !statement.contains("SYSTEM_USER"))
                .map(statement -> version.atLeast(8, 2, 0)
                        ? statement
                        : statement.replace("SET_ANY_DEFINER", "SET_USER_ID"))
                .map(statement -> statement.replace(USER, account).replace("switchman.*", schema + ".*"))
                .toList();
    }

    private static boolean isForCopies(String statement) {
        return statement.contains("CLONE_ADMIN") || statement.contains("mysql.plugin");
    }

    private static String read() {
        try {
            return Files.readString(DOCUMENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
