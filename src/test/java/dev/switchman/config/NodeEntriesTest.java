package dev.switchman.config;

import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.switchman.config.NodeEntries.Edited;

import static org.assertj.core.api.Assertions.assertThat;

class NodeEntriesTest {

    private static final String BLOCK = """
            # Ours: é, "quotes" and all.
            switchman:
              clusters:
                - name: billing
                  nodes: [{host: x1}, {host: x2}]
                - name: orders   # the shop
                  nodes:
                    - host: db1  # the first
                      port: 3307
                    # the second one
                    - {host: db2}   # behind it
                    # between
                    - host: db3
                      ssh:
                        user: admin

                  # what follows
                  tier: test
            """;

    private static String changed(Edited edited) {
        assertThat(edited).isInstanceOf(Edited.Changed.class);
        return ((Edited.Changed) edited).text();
    }

    @Test
    void a_server_is_added_behind_the_last_one_of_a_block() {
        String after = changed(NodeEntries.add(BLOCK, "orders", "db4", Map.of("role", "never")));

        assertThat(after).isEqualTo(BLOCK.replace("            user: admin\n",
                "            user: admin\n        - {host: db4, role: never}\n"));
        assertThat(changed(NodeEntries.delete(after, "orders", "db4"))).isEqualTo(BLOCK);
    }

    @Test
    void a_server_is_taken_out_with_its_lines_and_no_others() {
        assertThat(changed(NodeEntries.delete(BLOCK, "orders", "db1:3307"))).isEqualTo(BLOCK.replace(
                "        - host: db1  # the first\n          port: 3307\n", ""));
        assertThat(changed(NodeEntries.delete(BLOCK, "orders", "db2")))
                .isEqualTo(BLOCK.replace("        - {host: db2}   # behind it\n", ""));
        assertThat(changed(NodeEntries.delete(BLOCK, "orders", "db3"))).isEqualTo(BLOCK.replace(
                "        - host: db3\n          ssh:\n            user: admin\n", ""));
    }

    @Test
    void a_list_in_brackets_stays_one() {
        assertThat(changed(NodeEntries.add(BLOCK, "billing", "fd00::3", Map.of())))
                .isEqualTo(BLOCK.replace("{host: x2}]", "{host: x2}, {host: \"fd00::3\"}]"));
        assertThat(changed(NodeEntries.delete(BLOCK, "billing", "x1")))
                .isEqualTo(BLOCK.replace("{host: x1}, ", ""));
        assertThat(changed(NodeEntries.delete(BLOCK, "billing", "x2")))
                .isEqualTo(BLOCK.replace(", {host: x2}", ""));
    }

    @Test
    void line_ends_stay_what_they_are() {
        String windows = BLOCK.replace("\n", "\r\n");

        String after = changed(NodeEntries.add(windows, "orders", "db4", Map.of()));

        assertThat(after).isEqualTo(windows.replace("            user: admin\r\n",
                "            user: admin\r\n        - {host: db4}\r\n"));
        assertThat(changed(NodeEntries.delete(after, "orders", "db4"))).isEqualTo(windows);
    }

    @Test
    void what_is_no_good_is_refused_by_name() {
        assertThat(NodeEntries.add(BLOCK, "nope", "db4", Map.of())).isEqualTo(new Edited.Refused(
                "--cluster: the file has no cluster \"nope\"; it has [billing, orders]"));
        assertThat(NodeEntries.add(BLOCK, "orders", "db1", Map.of("port", "3307"))).isEqualTo(new Edited.Refused(
                "--hostname: cluster orders has the server already: \"db1:3307\""));
        assertThat(NodeEntries.add(BLOCK, "orders", "db4", Map.of("mysql", "x"))).isEqualTo(new Edited.Refused(
                "--params: no key of a node that could be added here: \"mysql\"; there are"
                        + " [ignore-failure, port, role, unit]"));
        assertThat(NodeEntries.delete(BLOCK, "orders", "db9")).isInstanceOf(Edited.Absent.class);
        assertThat(NodeEntries.add("a: [", "orders", "db4", Map.of())).isInstanceOf(Edited.Refused.class);
    }
}
