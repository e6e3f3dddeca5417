package dev.switchman.mha;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import dev.switchman.hook.Program;
import dev.switchman.topology.CommandWords;

/**
 * What holds for every server of a file that does not say otherwise.
 *
 * @param loaded what {@code init_conf_load_script} printed, which wins over the file's own defaults
 */
record Layers(Section defaults, Section loaded) {

    /** A program that prints a few lines; it may ask a vault over the network. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static Layers of(Optional<MhaFile> file, Findings findings) {
        Section defaults = file.map(MhaFile::defaults).orElseGet(() -> new Section(Section.DEFAULTS, 0));
        Section loaded = new Section(Section.DEFAULTS, 0);
        defaults.find("init_conf_load_script").ifPresent(setting -> load(setting, loaded, findings));
        return new Layers(defaults, loaded);
    }

    private static void load(Setting setting, Section loaded, Findings findings) {
        CommandWords command;
        try {
            command = CommandWords.parse(setting.value());
        } catch (IllegalArgumentException e) {
            findings.error(setting, e.getMessage() + ": " + setting.value());
            return;
        }
        switch (Program.read(command.words(), PATIENCE)) {
            case Program.Broken broken -> findings.error(setting, setting.value() + " " + broken.sentence());
            case Program.Exited exited -> {
                if (exited.status() != 0 && exited.output().isEmpty()) {
                    findings.error(setting, setting.value() + " " + exited.sentence() + " and printed nothing");
                    return;
                }
                if (exited.status() != 0) {
                    findings.warning(setting, setting.value() + " " + exited.sentence() + ", which MHA overlooks");
                }
                take(setting, exited.output(), loaded, findings);
            }
        }
    }

    private static void take(Setting setting, String output, Section loaded, Findings findings) {
        int number = 0;
        for (String line : output.lines().toList()) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            int equals = line.indexOf('=');
            String name = equals < 0 ? "" : line.substring(0, equals).strip();
            if (!Parameter.known(name)) {
                findings.error(setting,
                        "line " + number + " of what it prints is no name=value of a parameter that MHA knows"
                                + " (line not shown): " + setting.value());
                continue;
            }
            loaded.settings()
                    .put(name, new Setting(Path.of(setting.value()), number, Section.DEFAULTS, name,
                            line.substring(equals + 1).strip()));
        }
    }

    Optional<Setting> find(String parameter) {
        return loaded.find(parameter).or(() -> defaults.find(parameter));
    }
}
