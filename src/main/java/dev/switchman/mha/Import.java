package dev.switchman.mha;

import java.util.List;
import java.util.Map;

import dev.switchman.config.Problem;
import dev.switchman.topology.Secret;

/** What came of reading MHA's files. */
public sealed interface Import {

    /**
     * @param yaml a configuration of Switchman; its paths begin at the folder it will lie in
     * @param secrets the files that it refers to, by their paths there
     * @param account one for each parameter that stands in the files
     * @param warnings what was read otherwise than it may be meant
     * @param byHand what a person has to do before or after the first start
     */
    record Read(String yaml, Map<String, Secret> secrets, List<Account> account, List<Problem> warnings,
            List<Problem> byHand) implements Import {

        public Read {
            secrets = Map.copyOf(secrets);
            account = List.copyOf(account);
            warnings = List.copyOf(warnings);
            byHand = List.copyOf(byHand);
        }
    }

    /** @param problems all of them; at least one */
    record Invalid(List<Problem> problems) implements Import {

        public Invalid {
            problems = List.copyOf(problems);
        }
    }

    /**
     * What became of one parameter.
     *
     * @param setting where it stands, and its value unless that is a password
     * @param outcome what it became, why it is not needed, or what to do
     */
    record Account(String setting, String outcome) {

        @Override
        public String toString() {
            return setting + ": " + outcome;
        }
    }
}
