package dev.switchman.mha;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

import dev.switchman.config.Problem;
import dev.switchman.topology.Secret;

/** Turns configuration files of MHA 0.58 into one of Switchman's: the same servers, accounts and timing. */
public final class MhaConfigurations {

    /** Where MHA looks for its global file when nobody names one. */
    public static final Path GLOBAL = Path.of("/etc/masterha_default.cnf");

    private final Path home;
    private final String user;

    /**
     * @param home of the user that Switchman runs as: its SSH key is looked for there
     * @param user its name, MHA's own default for {@code ssh_user}
     */
    public MhaConfigurations(Path home, String user) {
        this.home = home;
        this.user = user;
    }

    /** @return what the cluster of this application file is called */
    public static String clusterName(Path application) {
        return Application.name(MhaFile.application(application));
    }

    /**
     * Reads the files and runs their {@code init_conf_load_script}, if any. Changes nothing; may be repeated.
     *
     * @param applications one for each cluster
     * @param global the file that all of them share; empty: {@link #GLOBAL} if it exists
     */
    public Import read(List<Path> applications, Optional<Path> global) {
        Findings findings = new Findings();
        Optional<MhaFile> shared = global.or(() -> Optional.of(GLOBAL).filter(Files::exists))
                .flatMap(file -> MhaFile.read(file, findings));
        Layers globalLayers = Layers.of(shared, findings);
        shared.ifPresent(file -> file.sections()
                .values()
                .stream()
                .filter(section -> !section.name().equals(Section.DEFAULTS))
                .forEach(section -> findings.warning(file.path(), section.line(), "[" + section.name() + "]",
                        "MHA reads [server default] alone in its global file; not used")));
        List<Application> read = new ArrayList<>();
        Map<String, Path> names = new LinkedHashMap<>();
        for (Path path : applications) {
            Optional<MhaFile> file = MhaFile.read(path, findings);
            if (file.isEmpty()) {
                continue;
            }
            Application application = new Application(file.get(), globalLayers, home, user, findings);
            Path first = names.putIfAbsent(application.name().toLowerCase(Locale.ROOT), path);
            if (first != null) {
                findings.error(path, 0, "",
                        "its cluster would be called " + application.name() + ", as that of " + first
                                + "; rename one of the files");
            }
            application.read();
            read.add(application);
        }
        if (!findings.errors().isEmpty()) {
            return new Import.Invalid(findings.errors());
        }
        List<Import.Account> account = new ArrayList<>();
        shared.ifPresent(file -> file.sections().values().forEach(section -> account(section, account)));
        for (Application application : read) {
            application.file().sections().values().forEach(section -> account(section, account));
        }
        Map<String, Secret> secrets = new LinkedHashMap<>();
        read.forEach(application -> secrets.putAll(application.secrets()));
        return new Import.Read(yaml(read, shared, account, findings.byHand()), secrets, account, findings.warnings(),
                findings.byHand());
    }

    private static void account(Section section, List<Import.Account> account) {
        for (Setting setting : section.settings().values()) {
            Parameter parameter = Parameter.of(setting.name());
            boolean unused = section.name().equals(Section.DEFAULTS) && parameter.level() == Parameter.Level.SERVER;
            String outcome;
            if (setting.value().isEmpty()) {
                outcome = "ignored: has no value";
            } else if (unused) {
                outcome = "ignored: MHA reads it from a server's own section alone";
            } else if (section.isBinlogServer()) {
                outcome = "ignored: Switchman asks no binlog servers; what the primary had sent, the replicas have";
            } else {
                outcome = parameter.outcome();
            }
            account.add(new Import.Account(setting.toString(), outcome));
        }
    }

    private static String yaml(List<Application> applications, Optional<MhaFile> global, List<Import.Account> account,
            List<Problem> byHand) {
        StringBuilder text = new StringBuilder();
        text.append("# Made by \"switchman import-mha\" from ")
                .append(String.join(", ", applications.stream().map(one -> one.file().path().toString()).toList()))
                .append(global.map(file -> " and " + file.path()).orElse(""))
                .append(".\n#\n# What became of each parameter:\n");
        account.forEach(row -> comment(text, row.toString()));
        if (!byHand.isEmpty()) {
            text.append("#\n# Left to do by hand:\n");
            byHand.forEach(problem -> comment(text, problem.toString()));
        }
        text.append("\nswitchman:\n  clusters:\n");
        applications.forEach(application -> text.append(application.yaml()));
        return text.toString();
    }

    private static void comment(StringBuilder text, String line) {
        text.append("#   ").append(line.replaceAll("\\p{Cntrl}", "?")).append('\n');
    }
}
