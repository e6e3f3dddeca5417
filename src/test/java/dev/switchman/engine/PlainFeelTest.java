package dev.switchman.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.camunda.bpm.dmn.feel.impl.FeelEngine;
import org.camunda.bpm.dmn.feel.impl.scala.ScalaFeelEngineFactory;
import org.camunda.bpm.engine.variable.Variables;
import org.camunda.bpm.engine.variable.context.VariableContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Whatever is answered without the library is answered as the library does. */
class PlainFeelTest {

    private static final FeelEngine LIBRARY = new ScalaFeelEngineFactory().createInstance();
    private static final List<Object> FACTS = List.of("", "a", "b", "a, b", "true", "1", 0, 1, 2, 1000, 1L, -1L,
            3_000_000_000L, true, false);

    /** Fails where it must not be asked. */
    private static final FeelEngine NOBODY = new FeelEngine() {
        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals")
        public <T> T evaluateSimpleExpression(String expression, VariableContext variables) {
            throw new AssertionError("the library was asked for " + expression);
        }

        @Override
        public boolean evaluateSimpleUnaryTests(String tests, String input, VariableContext variables) {
            throw new AssertionError("the library was asked for " + tests);
        }
    };

    static Stream<String> tests() {
        return Stream.of("\"a\"", " \"a\" ", "\"a\", \"b\"", "\"a\",\"b\" , \"\"", "not(\"a\")", "not( \"a\", \"b\" )",
                "\"\"", "not(\"\")", "true", "false", "0", "1", "> 0", ">1", ">= 1", "< 1", "<= 1", "> 1000",
                // Not plain, or of another type than the fact:
                "-", "[1..2]", "1, 2", "not(1)", "not(true)", "\"a\" , 1", "\"\\\"\"", "null", "cellInput = \"a\"",
                "fact", "> -1", "1.5", "> 1.5", "starts with(?, \"a\")");
    }

    @ParameterizedTest
    @MethodSource("tests")
    void a_test_is_answered_as_by_the_library(String test) {
        for (Object fact : FACTS) {
            assertThat(answer(new PlainFeel(LIBRARY), test, fact)).as("%s for %s", test, fact)
                    .isEqualTo(answer(LIBRARY, test, fact));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fact", " fact ", "\"a\"", "\"a, b\"", "\"\"", "0", "99", "true", "false", "null", "other",
            "fact + 1", "1.5", "\"a\\\"b\"", "not", "if true then 1 else 2", "-1", "99999999999999999999"})
    void a_value_is_what_it_is_to_the_library(String expression) {
        for (Object fact : FACTS) {
            assertThat(value(new PlainFeel(LIBRARY), expression, fact)).as("%s with %s", expression, fact)
                    .isEqualTo(value(LIBRARY, expression, fact));
        }
    }

    @Test
    void what_the_tables_mostly_hold_does_not_reach_the_library() {
        PlainFeel alone = new PlainFeel(NOBODY);
        List<Object> answers = new ArrayList<>();
        for (String test : List.of("\"a\"", "\"a\", \"b\"", "not(\"b\")")) {
            answers.add(answer(alone, test, "a"));
        }
        answers.add(answer(alone, "> 0", 1));
        answers.add(answer(alone, "2", 2L));
        answers.add(answer(alone, "true", true));

        assertThat(answers).isEqualTo(List.of(true, true, true, true, true, true));
        assertThat(value(alone, "fact", "a")).isEqualTo("a");
        assertThat(value(alone, "\"act\"", "a")).isEqualTo("act");
        assertThat(value(alone, "99", "a")).isEqualTo(99L);
    }

    private static VariableContext context(String name, Object fact) {
        return Variables.createVariables().putValue(name, fact).asVariableContext();
    }

    private static Object answer(FeelEngine engine, String test, Object fact) {
        try {
            return engine.evaluateSimpleUnaryTests(test, "cellInput", context("cellInput", fact));
        } catch (RuntimeException e) {
            return e.getClass();
        }
    }

    private static Object value(FeelEngine engine, String expression, Object fact) {
        try {
            Object value = engine.evaluateSimpleExpression(expression, context("fact", fact));
            return value == null ? "nothing" : value;
        } catch (RuntimeException e) {
            return e.getClass();
        }
    }
}
