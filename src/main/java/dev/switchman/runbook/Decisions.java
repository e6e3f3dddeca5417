package dev.switchman.runbook;

import java.util.Map;

/** Asks decision tables. Rows that fired and their reasons are kept in the engine's history under the step that asks. */
public interface Decisions {

    /**
     * @param table decision id, such as {@code choose-primary}
     * @param facts all inputs of the table: a String, Boolean, Integer or Long each
     * @return the one row's outputs by name
     * @throws IllegalArgumentException when an input of the table is missing from the facts, or no row or several fired:
     *         the tables fail closed
     */
    Map<String, Object> decide(String table, Map<String, Object> facts);

    /**
     * The same outside of any run, for a look that changes nothing. May be asked by any thread.
     */
    default Map<String, Object> look(String table, Map<String, Object> facts) {
        return decide(table, facts);
    }
}
