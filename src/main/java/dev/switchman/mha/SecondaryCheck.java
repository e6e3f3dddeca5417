package dev.switchman.mha;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import dev.switchman.topology.CommandWords;

/**
 * MHA's own program for a secondary check, as its users configure it: hosts that look at the primary. Switchman asks such hosts
 * itself, all at the same time, and for the server's greeting, not for an open port alone.
 *
 * @param hosts in their order, each once
 * @param user  for SSH to them; the program's own default is root
 * @param port  of their sshd
 */
record SecondaryCheck(List<String> hosts, String user, String port) {

    private static final String PROGRAM = "masterha_secondary_check";
    private static final Set<String> OF_NO_USE = Set.of("--timeout", "--master_host", "--master_ip", "--master_port",
            "--master_user", "--master_password", "--ping_type");

    /**
     * @return empty for every other program
     * @throws IllegalArgumentException naming a word that cannot be taken over
     */
    static Optional<SecondaryCheck> of(CommandWords command) {
        String program = command.program();
        if (!program.substring(program.lastIndexOf('/') + 1).equals(PROGRAM)) {
            return Optional.empty();
        }
        Set<String> hosts = new LinkedHashSet<>();
        String user = "root";
        String port = "22";
        Iterator<String> words = command.words().subList(1, command.words().size()).iterator();
        while (words.hasNext()) {
            String word = words.next();
            int equals = word.startsWith("--") ? word.indexOf('=') : -1;
            boolean joined = word.startsWith("-s") && word.length() > 2;
            String option = joined ? "-s" : equals < 0 ? word : word.substring(0, equals);
            String value = joined ? word.substring(2) : equals < 0 ? next(words, word) : word.substring(equals + 1);
            switch (option) {
                case "-s", "--secondary_host" -> hosts.add(value);
                case "--user" -> user = value;
                case "--port" -> port = value;
                default -> {
                    if (!OF_NO_USE.contains(option)) {
                        throw new IllegalArgumentException(PROGRAM + " " + option
                                + " cannot be taken over; give detection.witness-hosts by hand, and take it out here");
                    }
                }
            }
        }
        if (hosts.isEmpty()) {
            throw new IllegalArgumentException(PROGRAM + " names no host (-s)");
        }
        return Optional.of(new SecondaryCheck(new ArrayList<>(hosts), user, port));
    }

    private static String next(Iterator<String> words, String option) {
        if (!words.hasNext()) {
            throw new IllegalArgumentException(PROGRAM + " " + option + " lacks its value");
        }
        return words.next();
    }
}
