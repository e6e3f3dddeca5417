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

    /** @return the command as people write it: quoted only where it must be */
    static String readable(List<String> command) {
        return command.stream()
                .map(argument -> argument.matches("[A-Za-z0-9_@%+=:,./-]+") ? argument : quote(argument))
                .collect(Collectors.joining(" "));
    }
}
