package dev.switchman.mha;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adds a server's block to one of MHA's files, or takes one out, as {@code masterha_conf_host} does; unlike that one it leaves every
 * other byte as it is, comments and order too. Touches no file.
 */
public final class ServerBlocks {

    private static final Pattern HEADER = Pattern.compile("\\s*\\[\\s*(.+?)\\s*]\\s*(?:[#;].*)?");
    private static final Pattern NOTHING = Pattern.compile("\\s*(?:[#;].*)?");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:_-]{0,252}");

    private ServerBlocks() {}

    /** What came of an edit. */
    public sealed interface Edited {

        /** @param content a character for each byte, as it was given */
        record Changed(String content) implements Edited {}

        /** Nothing is changed, and nothing is wrong: it is not there. */
        record Absent(String why) implements Edited {}

        /** @param why names the argument and its value */
        record Refused(String why) implements Edited {}
    }

    /** @return the block's name as MHA makes it: with {@code server} in front; {@code server_HOST} when none is given */
    public static String name(String block, String host) {
        String text = block.isEmpty() ? "_" + host : block;
        return text.startsWith("server") ? text : "server" + text;
    }

    /**
     * @param content a character for each byte: the file may be in any encoding
     * @param params {@code name=value} each, as in the file
     */
    public static Edited add(String content, String block, String host, List<String> params) {
        if (!HOST.matcher(host).matches()) {
            return new Edited.Refused("--hostname: not a host name or address: \"" + host + "\"");
        }
        if (!block.matches("server[A-Za-z0-9._-]+")) {
            return new Edited.Refused("--block: letters, digits, . _ - only: \"" + block + "\"");
        }
        Map<String, String> settings = new LinkedHashMap<>(Map.of("hostname", host));
        for (String param : params) {
            int at = param.indexOf('=');
            String name = at < 0 ? param : param.substring(0, at).strip();
            if (at < 0 || name.isEmpty()) {
                return new Edited.Refused("--params: not name=value: \"" + name + "\"");
            }
            if (!Parameter.known(name) || Parameter.of(name).level() == Parameter.Level.DEFAULTS) {
                return new Edited.Refused(
                        "--params: MHA reads no such parameter from a server's block: \"" + name + "\"");
            }
            String value = param.substring(at + 1).strip();
            if (value.isEmpty() || value.chars().anyMatch(c -> c < ' ')) {
                return new Edited.Refused("--params: " + name + " needs a value of one line");
            }
            if (settings.put(name, value) != null) {
                return new Edited.Refused("--params: stands there twice: \"" + name + "\"");
            }
        }
        List<Line> lines = lines(content);
        if (lines.stream().anyMatch(line -> line.header().equals(block))) {
            return new Edited.Refused("--block: the file has it already: \"" + block + "\"");
        }
        String end = lines.stream().anyMatch(line -> line.text().endsWith("\r\n")) ? "\r\n" : "\n";
        StringBuilder added = new StringBuilder();
        if (!lines.isEmpty() && !lines.getLast().text().endsWith("\n")) {
            added.append(end);
        }
        added.append(lines.isEmpty() ? "" : end).append('[').append(block).append(']').append(end);
        settings.forEach((name, value) -> added.append(name).append('=').append(value).append(end));
        return new Edited.Changed(content
                + new String(added.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
    }

    /** Comments behind the block's last parameter stay: they belong to what comes next. */
    public static Edited delete(String content, String block) {
        List<Line> lines = lines(content);
        List<Line> kept = new ArrayList<>();
        boolean found = false;
        for (int i = 0; i < lines.size();) {
            if (!lines.get(i).header().equals(block)) {
                kept.add(lines.get(i++));
                continue;
            }
            found = true;
            int last = i;
            int next = i + 1;
            while (next < lines.size() && lines.get(next).header().isEmpty()) {
                if (!NOTHING.matcher(lines.get(next).text().stripTrailing()).matches()) {
                    last = next;
                }
                next++;
            }
            i = last + 1;
            // The empty line that parted it from what stands before.
            boolean parted = i >= lines.size() || lines.get(i).text().isBlank();
            if (parted && !kept.isEmpty() && kept.getLast().text().isBlank()) {
                kept.removeLast();
            }
        }
        if (!found) {
            return new Edited.Absent("there is no block [" + block + "]");
        }
        StringBuilder text = new StringBuilder();
        kept.forEach(line -> text.append(line.text()));
        return new Edited.Changed(text.toString());
    }

    /** @param text with its end of line, a character for each byte @param header the section that begins here, or empty */
    private record Line(String text, String header) {}

    private static List<Line> lines(String text) {
        List<Line> lines = new ArrayList<>();
        for (int from = 0; from < text.length();) {
            int end = text.indexOf('\n', from);
            int to = end < 0 ? text.length() : end + 1;
            String line = text.substring(from, to);
            Matcher header = HEADER.matcher(line.stripTrailing().replaceFirst("^\u00EF\u00BB\u00BF", ""));
            lines.add(new Line(line, header.matches() ? header.group(1).replaceAll("\\s+", " ") : ""));
            from = to;
        }
        return lines;
    }
}
