package dev.switchman.mha;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import dev.switchman.topology.CommandWords;

/**
 * What {@code ssh_options} says that Switchman has a key for. MHA hands the options to the {@code ssh} program; Switchman has
 * an SSH client of its own.
 *
 * @param port 0: not said
 */
record SshWords(Optional<String> key, int port, Optional<String> user, Optional<String> knownHosts) {

    private static final SshWords NONE = new SshWords(Optional.empty(), 0, Optional.empty(), Optional.empty());
    /** Options that only say again what Switchman's client does anyway, or what it does not need. */
    private static final Set<String> NEEDLESS = Set.of("batchmode", "passwordauthentication", "connecttimeout",
            "serveraliveinterval", "serveralivecountmax", "loglevel", "gssapiauthentication", "controlmaster",
            "controlpath", "controlpersist", "connectionattempts", "tcpkeepalive", "compression", "identitiesonly",
            "pubkeyauthentication", "preferredauthentications", "checkhostip", "forwardx11", "forwardagent");

    static SshWords of(Optional<Setting> options, Findings findings) {
        if (options.isEmpty()) {
            return NONE;
        }
        Setting setting = options.get();
        List<String> words;
        try {
            words = CommandWords.parse(setting.value()).words();
        } catch (IllegalArgumentException e) {
            findings.error(setting, e.getMessage() + ": " + setting.value());
            return NONE;
        }
        SshWords result = NONE;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            boolean takesValue = word.length() == 2 && "-i -p -l -o -F -J -c -m -b -e".contains(word);
            String option = word.length() > 2 && word.matches("-[iploFJcmbe].+") ? word.substring(0, 2) : word;
            String value = takesValue ? i + 1 < words.size() ? words.get(++i) : "" : word.substring(option.length());
            result = result.with(option, value, setting, findings);
        }
        return result;
    }

    SshWords withPort(int other) {
        return new SshWords(key, other, user, knownHosts);
    }

    private SshWords with(String option, String value, Setting setting, Findings findings) {
        return switch (option) {
            case "-i" -> new SshWords(Optional.of(value), port, user, knownHosts);
            case "-l" -> new SshWords(key, port, Optional.of(value), knownHosts);
            case "-p" -> port(value, setting, findings);
            case "-o" -> named(value, setting, findings);
            case "-q", "-x", "-X", "-T", "-t", "-tt", "-n", "-C", "-4", "-v", "-a", "-A", "-k" -> this;
            default -> {
                findings.byHand(setting, "Switchman's SSH client has no such option, see whether it is needed: "
                        + (option + " " + value).strip());
                yield this;
            }
        };
    }

    private SshWords named(String value, Setting setting, Findings findings) {
        String[] parts = value.split("[=\\s]+", 2);
        String name = parts[0].toLowerCase(Locale.ROOT);
        String rest = parts.length > 1 ? parts[1].strip() : "";
        if (NEEDLESS.contains(name)) {
            return this;
        }
        switch (name) {
            case "identityfile" -> {
                return new SshWords(Optional.of(rest), port, user, knownHosts);
            }
            case "user" -> {
                return new SshWords(key, port, Optional.of(rest), knownHosts);
            }
            case "port" -> {
                return port(rest, setting, findings);
            }
            case "userknownhostsfile" -> {
                if (rest.equals("/dev/null")) {
                    findings.byHand(setting,
                            "Switchman only talks to hosts whose key it knows: collect the keys (ssh-keyscan),"
                                    + " compare them, and name the file with ssh.known-hosts");
                    return this;
                }
                return new SshWords(key, port, user, Optional.of(rest));
            }
            case "stricthostkeychecking" -> {
                if (!rest.equals("yes")) {
                    findings.warning(setting, "Switchman always checks a host's key, against ssh.known-hosts");
                }
                return this;
            }
            default -> {
                findings.byHand(setting,
                        "Switchman's SSH client has no such option, see whether it is needed: -o " + value);
                return this;
            }
        }
    }

    private SshWords port(String value, Setting setting, Findings findings) {
        if (!value.matches("\\d{1,5}") || Integer.parseInt(value) < 1 || Integer.parseInt(value) > 65535) {
            findings.error(setting, "not a port: " + value);
            return this;
        }
        return withPort(Integer.parseInt(value));
    }
}
