package dev.switchman.ssh;

import java.util.List;
import java.util.stream.Collectors;

/** Makes command lines that a remote login shell cannot read in any other way than meant. */
final class ShellText {

    private ShellText() {}

    /** @throws IllegalArgumentException for an argument with a NUL character, which no process can be given */
    static String quote(String argument) {
        if (argument.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL character in argument \"" + argument.replace("\0", "\\0") + "\"");
        }
        return "'" + argument.replace("'", "'\\''") + "'";
    }

    static String line(List<String> command) {
        if (command.isEmpty()) {
            throw new IllegalArgumentException("an empty command");
        }
        return command.stream().map(ShellText::quote).collect(Collectors.joining(" "));
    }

    /**
     * @return the command as people write it: quoted only where it must be; a script that begins with a comment is called by
     *     that comment
     */
    static String readable(List<String> command) {
        int script = command.indexOf("-c") + 1;
        if (script > 0 && command.size() > script + 1 && command.get(script).startsWith("# ")) {
            String title = command.get(script).lines().findFirst().orElse("").substring(2);
            return title + ": " + readable(command.subList(script + 2, command.size()));
        }
        return command.stream()
                .map(argument -> argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : quote(argument))
                .collect(Collectors.joining(" "));
    }
}
