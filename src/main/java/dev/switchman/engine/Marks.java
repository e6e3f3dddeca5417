package dev.switchman.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/** Two lists of things with names of their own, and what is new, gone or otherwise in the second. */
final class Marks {

    private static final int LONGEST = 300;

    private Marks() {}

    /**
     * One thing.
     *
     * @param title how a person calls it
     * @param whole what is said of it when it is new
     * @param traits what can differ, by the word for it
     */
    record Thing(String title, String whole, Map<String, String> traits) {

        Thing {
            traits = Map.copyOf(traits);
        }
    }

    /** @return a line for each thing that is new, gone, or otherwise than before; things by their id */
    static List<String> between(Map<String, Thing> before, Map<String, Thing> after) {
        List<String> lines = new ArrayList<>();
        before.forEach((id, thing) -> {
            if (!after.containsKey(id)) {
                lines.add("- " + thing.title() + ", gone");
            }
        });
        after.forEach((id, thing) -> {
            @Nullable
            Thing old = before.get(id);
            if (old == null) {
                lines.add("+ " + thing.title() + ", new" + (thing.whole().isEmpty() ? "" : ": " + thing.whole()));
            } else {
                traits(old, thing)
                        .forEach((trait, words) -> lines.add("~ " + old.title() + ": " + trait + " " + words));
            }
        });
        return lines;
    }

    private static Map<String, String> traits(Thing before, Thing after) {
        Map<String, String> changed = new java.util.TreeMap<>();
        Map<String, String> all = new LinkedHashMap<>(before.traits());
        all.putAll(after.traits());
        all.keySet().forEach(trait -> {
            String was = before.traits().getOrDefault(trait, "");
            String is = after.traits().getOrDefault(trait, "");
            if (!Objects.equals(was, is)) {
                changed.put(trait, was.isEmpty()
                        ? "is now " + quoted(is)
                        : is.isEmpty() ? "was " + quoted(was) + ", and is gone" : quoted(was) + " -> " + quoted(is));
            }
        });
        return changed;
    }

    static String quoted(String text) {
        return "\"" + Text.upTo(LONGEST, text) + "\"";
    }
}
