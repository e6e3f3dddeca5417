package dev.switchman.mha;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of MHA's files, cut into sections. It is read as MHA reads it, and with more patience: what MHA would only stumble over
 * later (a comment behind a value, a missing header) is understood, with a warning.
 */
record MhaFile(Path path, Map<String, Section> sections) {

    private static final Pattern NOTHING = Pattern.compile("\\s*([#;].*)?");
    private static final Pattern HEADER = Pattern.compile("\\s*\\[\\s*(.+?)\\s*]\\s*");
    private static final Pattern SETTING = Pattern.compile("\\s*([^=]+?)\\s*=\\s*(.*?)\\s*");
    /** MHA itself knows a comment behind a value only by this. */
    private static final Pattern SEMICOLON = Pattern.compile("\\s;\\s.*");
    private static final Pattern HASH = Pattern.compile("\\s+#.*");
    private static final Pattern QUOTED = Pattern.compile("(['\"])(.*)\\1");
    private static final Pattern QUOTED_FIRST = Pattern
            .compile("(\\s*[^=]+?\\s*=\\s*(['\"])(?:(?!\\2).)*\\2)\\s+[#;].*");

    /** @return empty when it cannot be read at all, which has been told then */
    static Optional<MhaFile> read(Path path, Findings findings) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            findings.error(path, 0, "", "no such file");
            return Optional.empty();
        } catch (IOException e) {
            findings.error(path, 0, "", Files.isDirectory(path)
                    ? "is a folder, not a file"
                    : "cannot be read: " + e.getClass().getSimpleName());
            return Optional.empty();
        }
        MhaFile file = new MhaFile(path, new LinkedHashMap<>());
        file.parse(text(bytes), findings);
        return Optional.of(file);
    }

    /** Comments may be in any encoding; what counts is ASCII. */
    private static String text(byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            text = new String(bytes, StandardCharsets.ISO_8859_1);
        }
        return text.replaceFirst("^(\uFEFF|\u00EF\u00BB\u00BF)", "");
    }

    private void parse(String text, Findings findings) {
        Optional<Section> section = Optional.empty();
        int number = 0;
        for (String raw : text.split("\r\n|\r|\n", -1)) {
            number++;
            if (NOTHING.matcher(raw).matches()) {
                continue;
            }
            String line = withoutComment(raw, number, findings);
            Matcher header = HEADER.matcher(line);
            Matcher setting = SETTING.matcher(line);
            if (header.matches()) {
                section = Optional.of(section(header.group(1).replaceAll("\\s+", " "), number, findings));
            } else if (setting.matches()) {
                if (section.isEmpty()) {
                    findings.warning(path, number, "",
                            "stands before any section, where MHA would refuse it; taken for ["
                                    + Section.DEFAULTS + "]");
                    section = Optional.of(section(Section.DEFAULTS, number, findings));
                }
                add(section.get(), new Setting(path, number, section.get().name(), setting.group(1),
                        unquoted(setting.group(2))), findings);
            } else {
                // The line is not shown: it may be a password that lost its name.
                findings.error(path, number, section.map(known -> "[" + known.name() + "]").orElse(""),
                        "is neither [section] nor name=value nor a comment (line not shown)");
            }
        }
    }

    private String withoutComment(String raw, int number, Findings findings) {
        Matcher quoted = QUOTED_FIRST.matcher(raw);
        if (quoted.matches()) {
            return quoted.group(1);
        }
        Matcher assigned = SETTING.matcher(raw);
        if (assigned.matches() && QUOTED.matcher(assigned.group(2)).matches()) {
            return raw;
        }
        String line = SEMICOLON.matcher(raw).replaceFirst("");
        String plain = HASH.matcher(line).replaceFirst("");
        if (!plain.equals(line)) {
            findings.warning(path, number, "",
                    "what stands behind # is taken for a comment; MHA itself takes it for part of the value (if it is, put the"
                            + " value in quotes)");
        }
        return plain;
    }

    private static String unquoted(String value) {
        Matcher quoted = QUOTED.matcher(value);
        return quoted.matches() ? quoted.group(2) : value;
    }

    private Section section(String name, int line, Findings findings) {
        Section known = sections.get(name);
        if (known != null) {
            findings.warning(path, line, "[" + name + "]",
                    "stands here a second time, first in line " + known.line()
                            + "; both are taken together, as MHA does");
            return known;
        }
        Section section = new Section(name, line);
        if (!name.equals(Section.DEFAULTS) && !section.isServer() && !section.isBinlogServer()) {
            findings.error(path, line, "[" + name + "]",
                    "MHA knows no such section: [server default], [serverN] and [binlogN] it does");
        }
        sections.put(name, section);
        return section;
    }

    private void add(Section section, Setting setting, Findings findings) {
        if (!Parameter.known(setting.name())) {
            findings.error(setting, "MHA 0.58 knows no such parameter" + near(setting.name()));
            return;
        }
        Setting earlier = section.settings().put(setting.name(), setting);
        if (earlier != null) {
            findings.warning(setting, "stands here a second time, first in line " + earlier.line()
                    + "; the last one counts, as in MHA");
        }
        if (setting.value().isEmpty()) {
            findings.warning(setting, "has no value; taken as if it were not there");
        }
        if (section.name().equals(Section.DEFAULTS) && Parameter.of(setting.name()).level() == Parameter.Level.SERVER) {
            findings.warning(setting, "MHA reads it from a server's own section alone; not used");
        }
    }

    private static String near(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return Parameter.ALL.stream()
                .map(Parameter::name)
                .filter(known -> known.replace("_", "").equals(plain)
                        || plain.length() > 3 && (known.replace("_", "").startsWith(plain)
                                || plain.startsWith(known.replace("_", ""))))
                .findFirst()
                .map(known -> "; did you mean " + known + "?")
                .orElse("");
    }

    /** @return {@code [server default]}, empty where it does not stand */
    Section defaults() {
        return sections.getOrDefault(Section.DEFAULTS, new Section(Section.DEFAULTS, 0));
    }

    /** @return the name of the application: the file's without its extension */
    String application() {
        return application(path);
    }

    static String application(Path path) {
        return String.valueOf(path.getFileName()).replaceFirst("\\.[^.]*$", "");
    }
}
