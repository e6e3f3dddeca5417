package dev.switchman.audit;

import java.util.regex.Pattern;

/**
 * The last net under secrets: whoever acts masks what he sends; what slipped through is masked here before it is stored.
 */
final class Masked {

    private static final String VALUE = "('(?:[^'\\\\]|\\\\.|'')*'|\"(?:[^\"\\\\]|\\\\.)*\"|[^\\s,;)'\"]+)";

    private static final Pattern SECRET = Pattern.compile(
            "(?i)(\\b(?:[a-z_]*password|passwd|pwd|mysql_pwd|secret|token)\\b\\s*[=:]\\s*"
                    + "|\\bidentified\\s+(?:with\\s+\\S+\\s+)?(?:by|as)\\s+"
                    + "|\\bauthorization:\\s*(?:basic|bearer)\\s+)" + VALUE);

    private Masked() {}

    /** @return the text without secrets, and without NUL, which PostgreSQL does not store */
    static String text(String text) {
        return SECRET.matcher(text.replace("\u0000", "\\0")).replaceAll("$1'******'");
    }
}
