package dev.switchman.lab;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What one run of one keeper came to.
 *
 * @param millis   the longest time from one acknowledged commit to the next
 * @param back     whether writes went on at all; if not, {@code millis} is how long they were waited for
 * @param lost     acknowledged writes that the new primary lacks
 * @param withheld of the processor time that was wanted meanwhile, how much the machine's host did not give, in percent
 * @param writable names of the servers that accept writes once the former primary is back
 */
record PeerOutage(long millis, boolean back, int lost, long withheld, List<String> writable) {

    PeerOutage {
        writable = List.copyOf(writable);
    }

    ObjectNode json() {
        ObjectNode object = new ObjectMapper().createObjectNode();
        object.put("outageMillis", millis).put("back", back).put("lost", lost).put("withheldPercent", withheld);
        writable.forEach(object.putArray("writable")::add);
        return object;
    }

    static PeerOutage parse(JsonNode object) {
        List<String> writable = new ArrayList<>();
        object.path("writable").forEach(name -> writable.add(name.asText()));
        return new PeerOutage(object.path("outageMillis").asLong(), object.path("back").asBoolean(),
                object.path("lost").asInt(), object.path("withheldPercent").asLong(), writable);
    }

    @Override
    public String toString() {
        return (back ? "outage " + millis + " ms" : "no write for " + millis + " ms, given up")
                + (lost == 0 ? "" : ", " + lost + " acknowledged writes lost")
                + (writable.size() == 1 ? "" : ", writable in the end: " + writable)
                + (withheld == 0 ? "" : "; " + withheld + " % of the processors was withheld by the machine's host");
    }
}
