package dev.switchman.config;

import java.util.List;
import java.util.Optional;

import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

import dev.switchman.config.Keys.Preset;

/** Values of keys, looked up through layers: what the file says, else a preset, else the default. */
final class Settings {

    private final Problems problems;
    private final Surroundings surroundings;
    private final List<Layer> layers;

    /** @param layers the most specific one first; at least one, which missing keys are reported at */
    Settings(Problems problems, Surroundings surroundings, List<Layer> layers) {
        this.problems = problems;
        this.surroundings = surroundings;
        this.layers = List.copyOf(layers);
    }

    /** @return empty when the value is bad or missing; a bad one, and a missing required one, has been reported */
    <T> Optional<T> get(Key<T> key) {
        Optional<T> value = peek(key);
        if (value.isEmpty() && key.required() && !stands(key)) {
            Layer place = layers.getFirst();
            problems.error(place.line(), place.path() + "." + key.path(), "is missing");
        }
        return value;
    }

    /** Like {@link #get}, for a key that may be missing. */
    <T> Optional<T> peek(Key<T> key) {
        for (Layer layer : layers) {
            Optional<Layer.Value> value = layer.find(key.path());
            if (value.isPresent()) {
                return parse(key, value.get());
            }
            Optional<String> implied = preset(layer).flatMap(preset -> preset.value(key));
            if (implied.isPresent()) {
                return parse(key, synthetic(key, implied.get()));
            }
        }
        return key.fallback().flatMap(text -> parse(key, synthetic(key, text)));
    }

    /** Reads every value that stands in the first layer, so that what is wrong there is found though nobody uses it. */
    void checkAll(List<Key<?>> keys) {
        for (Key<?> key : keys) {
            layers.getFirst().find(key.path()).ifPresent(value -> parse(key, value));
        }
    }

    /** @return where the value of this key stands; the place of the section when it stands nowhere */
    Place place(Key<?> key) {
        for (Layer layer : layers) {
            Optional<Layer.Value> value = layer.find(key.path());
            if (value.isPresent()) {
                return new Place(value.get().line(), value.get().path());
            }
        }
        Layer first = layers.getFirst();
        return new Place(first.line(), first.path() + "." + key.path());
    }

    /** Whether the section stands in a layer and no more specific layer says {@code none}. */
    boolean section(String name) {
        for (Layer layer : layers) {
            if (layer.find(name).isPresent()) {
                return false;
            }
            if (layer.has(name)) {
                return true;
            }
        }
        return false;
    }

    record Place(int line, String path) {}

    /** Whether a value of this key stands in the file, good or bad. */
    boolean stands(Key<?> key) {
        return layers.stream().anyMatch(layer -> layer.find(key.path()).isPresent());
    }

    private Optional<Preset> preset(Layer layer) {
        return layer.find(Keys.PRESET.path()).flatMap(value -> parse(Keys.PRESET, value));
    }

    private <T> Optional<T> parse(Key<T> key, Layer.Value value) {
        try {
            return Optional.of(key.type()
                    .read(value.node(), surroundings,
                            warning -> problems.warning(value.line(), value.path(), warning)));
        } catch (Unfit e) {
            problems.error(value.line(), value.path(), e.what());
            return Optional.empty();
        }
    }

    private Layer.Value synthetic(Key<?> key, String text) {
        Layer place = layers.getFirst();
        return new Layer.Value(new ScalarNode(Tag.STR, text, null, null, ScalarStyle.PLAIN),
                place.path() + "." + key.path(), place.line());
    }
}
