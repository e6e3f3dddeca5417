package dev.switchman.mha;

import java.util.List;

import org.junit.jupiter.api.Test;

import dev.switchman.mha.ServerBlocks.Edited;

import static org.assertj.core.api.Assertions.assertThat;

class ServerBlocksTest {

    private static final String FILE = """
            # orders: \u00e9
            [server default]
            user = mha   ; the manager

            # the first
            [server1]
            hostname=db1
            # within
            port = 3307

            # the second
            [server2]
            hostname=db2
            """;

    private static String changed(Edited edited) {
        assertThat(edited).isInstanceOf(Edited.Changed.class);
        return ((Edited.Changed) edited).content();
    }

    @Test
    void a_block_is_added_at_the_end_and_taken_out_again() {
        String after = changed(
                ServerBlocks.add(FILE, "server3", "db3", List.of("candidate_master=1", "ssh_user = me")));

        assertThat(after).isEqualTo(FILE + "\n[server3]\nhostname=db3\ncandidate_master=1\nssh_user=me\n");
        assertThat(changed(ServerBlocks.delete(after, "server3"))).isEqualTo(FILE);
    }

    @Test
    void comments_around_a_block_stay() {
        assertThat(changed(ServerBlocks.delete(FILE, "server1"))).isEqualTo(FILE.replace("[server1]\nhostname=db1\n"
                + "# within\nport = 3307\n", ""));
    }

    @Test
    void the_name_of_a_block_is_made_as_mha_makes_it() {
        assertThat(ServerBlocks.name("", "db4")).isEqualTo("server_db4");
        assertThat(ServerBlocks.name("4", "db4")).isEqualTo("server4");
        assertThat(ServerBlocks.name("server_x", "db4")).isEqualTo("server_x");
    }

    @Test
    void what_is_no_good_is_refused_by_name() {
        assertThat(ServerBlocks.add(FILE, "server1", "db9", List.of()))
                .isEqualTo(new Edited.Refused("--block: the file has it already: \"server1\""));
        assertThat(ServerBlocks.add(FILE, "server3", "", List.of()))
                .isEqualTo(new Edited.Refused("--hostname: not a host name or address: \"\""));
        assertThat(ServerBlocks.add(FILE, "server3", "db3", List.of("candidat_master=1"))).isEqualTo(new Edited.Refused(
                "--params: MHA reads no such parameter from a server's block: \"candidat_master\""));
        assertThat(ServerBlocks.add(FILE, "server3", "db3", List.of("port")))
                .isEqualTo(new Edited.Refused("--params: not name=value: \"port\""));
        assertThat(ServerBlocks.delete(FILE, "server9")).isEqualTo(new Edited.Absent("there is no block [server9]"));
    }
}
