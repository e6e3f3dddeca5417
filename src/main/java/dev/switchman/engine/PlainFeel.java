package dev.switchman.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.camunda.bpm.dmn.feel.impl.FeelEngine;
import org.camunda.bpm.engine.variable.context.VariableContext;
import org.camunda.bpm.engine.variable.value.TypedValue;

/**
 * Answers the plainest expressions of a decision table without the FEEL library, and leaves all others to it. The library
 * parses each cell anew and builds its hundred functions for it, 0.3 ms a cell; four decisions stand between a crash and
 * the new primary. Plain is: the name of a string, a whole number or a truth value; such a literal; a test for one or
 * several such literals, {@code not(…)} around strings, and a comparison with a whole number. A test holds it to the
 * library's answers.
 */
final class PlainFeel implements FeelEngine {

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Set<String> WORDS = Set.of("true", "false", "null", "not", "if", "for", "some", "every",
            "function", "and", "or", "between", "in", "instance", "of", "then", "else", "return", "satisfies");
    private static final Pattern TEXT = Pattern.compile("\"([^\"\\\\]*)\"");
    private static final Pattern TEXTS = Pattern.compile(TEXT + "(?:\\s*,\\s*" + TEXT + ")*");
    private static final Pattern NO_TEXTS = Pattern.compile("not\\(\\s*(" + TEXTS + ")\\s*\\)");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}");
    private static final Pattern COMPARED = Pattern.compile("(<=|>=|<|>)\\s*(\\d{1,15})");

    private final FeelEngine library;

    PlainFeel(FeelEngine library) {
        this.library = library;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the library's own signature: the caller knows the type
    public <T> T evaluateSimpleExpression(String expression, VariableContext variables) {
        Optional<Object> plain = value(expression.strip(), variables);
        return plain.isPresent() ? (T) plain.get() : library.evaluateSimpleExpression(expression, variables);
    }

    @Override
    public boolean evaluateSimpleUnaryTests(String tests, String input, VariableContext variables) {
        return fact(input, variables).flatMap(value -> test(tests.strip(), value))
                .orElseGet(() -> library.evaluateSimpleUnaryTests(tests, input, variables));
    }

    private static Optional<Object> value(String expression, VariableContext variables) {
        Matcher text = TEXT.matcher(expression);
        if (text.matches()) {
            return Optional.of(text.group(1));
        }
        if (NUMBER.matcher(expression).matches()) {
            return Optional.of(Long.valueOf(expression));
        }
        return switch (expression) {
            case "true" -> Optional.of(true);
            case "false" -> Optional.of(false);
            default -> WORDS.contains(expression) || !NAME.matcher(expression).matches()
                    ? Optional.empty()
                    : fact(expression, variables);
        };
    }

    /** @return a string, a long or a boolean; empty for whatever else the name stands for */
    private static Optional<Object> fact(String name, VariableContext variables) {
        TypedValue typed = variables.containsVariable(name) ? variables.resolve(name) : null;
        Object value = typed == null ? null : typed.getValue();
        return switch (value) {
            case String text -> Optional.of(text);
            case Boolean truth -> Optional.of(truth);
            case Integer number -> Optional.of(number.longValue());
            case Long number -> Optional.of(number);
            case null, default -> Optional.empty();
        };
    }

    private static Optional<Boolean> test(String tests, Object value) {
        return switch (value) {
            case String text -> testText(tests, text);
            case Long number -> testNumber(tests, number);
            case Boolean truth when tests.equals("true") || tests.equals("false") ->
                Optional.of(truth == Boolean.parseBoolean(tests));
            default -> Optional.empty();
        };
    }

    private static Optional<Boolean> testText(String tests, String value) {
        if (TEXTS.matcher(tests).matches()) {
            return Optional.of(texts(tests).contains(value));
        }
        Matcher none = NO_TEXTS.matcher(tests);
        return none.matches() ? Optional.of(!texts(none.group(1)).contains(value)) : Optional.empty();
    }

    private static List<String> texts(String tests) {
        List<String> texts = new ArrayList<>();
        Matcher each = TEXT.matcher(tests);
        while (each.find()) {
            texts.add(each.group(1));
        }
        return texts;
    }

    private static Optional<Boolean> testNumber(String tests, long value) {
        if (NUMBER.matcher(tests).matches()) {
            return Optional.of(value == Long.parseLong(tests));
        }
        Matcher compared = COMPARED.matcher(tests);
        if (!compared.matches()) {
            return Optional.empty();
        }
        long bound = Long.parseLong(compared.group(2));
        return Optional.of(switch (compared.group(1)) {
            case "<" -> value < bound;
            case "<=" -> value <= bound;
            case ">" -> value > bound;
            default -> value >= bound;
        });
    }
}
