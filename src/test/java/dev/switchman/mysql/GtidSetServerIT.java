package dev.switchman.mysql;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import java.util.StringJoiner;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.switchman.topology.GtidSet;
import dev.switchman.topology.Node;

import static org.assertj.core.api.Assertions.assertThat;

/** The same answers as a server's own functions. */
final class GtidSetServerIT {

    private static final String[] SOURCES = {"00000000-0000-0000-0000-000000000001",
            "80000000-0000-0000-0000-000000000000",
            "FFFFFFFF-ffff-ffff-ffff-ffffffffffff"};

    @ParameterizedTest
    @EnumSource(RealStage.Version.class)
    void agreesWithTheServer(RealStage.Version version) throws SQLException {
        Node node = RealStage.of(version).primary();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Connection connection = DriverManager.getConnection(
                "jdbc:mysql://" + node.id() + "/?sslMode=DISABLED&allowPublicKeyRetrieval=true", node.mysql().user(),
                node.mysql().password().reveal());
                PreparedStatement both = connection.prepareStatement("SELECT GTID_SUBSET(?, ?), GTID_SUBTRACT(?, ?)")) {
            for (int i = 0; i < 300; i++) {
                String a = text(random, version == RealStage.Version.V9_7);
                String b = text(random, version == RealStage.Version.V9_7);
                both.setString(1, a);
                both.setString(2, b);
                both.setString(3, a);
                both.setString(4, b);
                try (ResultSet rows = both.executeQuery()) {
                    rows.next();
                    GtidSet ours = GtidSet.parse(a).minus(GtidSet.parse(b));
                    String printed = rows.getString(2).replace("\n", "");

                    assertThat(GtidSet.parse(b).contains(GtidSet.parse(a))).as("seed %s: %s in %s", seed, a, b)
                            .isEqualTo(rows.getBoolean(1));
                    assertThat(ours).as("seed %s: %s minus %s", seed, a, b).isEqualTo(GtidSet.parse(printed));
                    assertThat(ours).as("seed %s", seed).hasToString(printed);
                }
            }
        }
    }

    private static String text(Random random, boolean tags) {
        StringJoiner set = new StringJoiner(random.nextBoolean() ? "," : " ,\n");
        for (int member = random.nextInt(4); member > 0; member--) {
            StringBuilder text = new StringBuilder(SOURCES[random.nextInt(SOURCES.length)]);
            if (tags && random.nextInt(3) == 0) {
                text.append(random.nextBoolean() ? ":Tag" : ":b_2");
            }
            for (int interval = 1 + random.nextInt(6); interval > 0; interval--) {
                int first = 1 + random.nextInt(40);
                text.append(':').append(first);
                if (random.nextBoolean()) {
                    text.append('-').append(Math.max(1, first - 2 + random.nextInt(12)));
                }
            }
            set.add(text);
        }
        return set.toString();
    }
}
