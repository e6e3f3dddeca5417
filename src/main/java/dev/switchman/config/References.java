package dev.switchman.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code ${env:NAME}} in values. */
final class References {

    static final Pattern WHOLE = Pattern.compile("\\$\\{env:([^}]*)}");

    private static final Pattern ANY = Pattern.compile("\\$\\{([^}]*)}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private References() {}

    static String resolve(String text, Surroundings surroundings) throws Unfit {
        Matcher matcher = ANY.matcher(text);
        StringBuilder resolved = new StringBuilder();
        while (matcher.find()) {
            String inner = matcher.group(1);
            if (!inner.startsWith("env:")) {
                throw new Unfit("only ${env:NAME} is understood, not ${" + inner + "}");
            }
            matcher.appendReplacement(resolved,
                    Matcher.quoteReplacement(value(inner.substring("env:".length()), surroundings)));
        }
        return matcher.appendTail(resolved).toString();
    }

    static String value(String name, Surroundings surroundings) throws Unfit {
        if (!NAME.matcher(name).matches()) {
            throw new Unfit("not the name of an environment variable (not shown, it may be a secret)");
        }
        String value = surroundings.environment().get(name);
        if (value == null) {
            throw new Unfit("the environment has no variable " + name);
        }
        if (value.isEmpty()) {
            throw new Unfit("the environment variable " + name + " is empty");
        }
        return value;
    }
}
