package dev.switchman.app;

import java.util.List;

import org.junit.jupiter.api.Test;

import dev.switchman.topology.ClusterName;
import dev.switchman.topology.Finding;

import static org.assertj.core.api.Assertions.assertThat;

/** What a check of a cluster makes of the findings of its servers. */
class ClusterCheckTest {

    private static final ClusterName SHOP = new ClusterName("shop");

    private static Finding filters(String node, Finding.Grade grade, String detail) {
        return new Finding(Finding.BINARY_LOG_FILTERS, node, grade, detail);
    }

    @Test
    void servers_that_keep_different_databases_out_of_their_binary_logs_fail() {
        List<Finding> findings = List.of(filters("db1:3306", Finding.Grade.PASSED, "none"),
                filters("db2:3306", Finding.Grade.WARNING, "binlog_ignore_db=logs: what is left out"));

        assertThat(ClusterCheck.binaryLogFilters(SHOP, findings)).contains(filters("shop", Finding.Grade.FAILED,
                "not the same on all servers: a failover would change what is replicated (db1:3306 none, db2:3306"
                        + " binlog_ignore_db=logs)"));
    }

    @Test
    void servers_that_agree_and_servers_that_did_not_answer_do_not() {
        Finding same = filters("db1:3306", Finding.Grade.WARNING, "binlog_do_db=shop: what is left out");

        assertThat(ClusterCheck.binaryLogFilters(SHOP, List.of(same, filters("db2:3306", same.grade(), same.detail()),
                new Finding("connect", "db3:3306", Finding.Grade.FAILED, "refused")))).isEmpty();
        assertThat(ClusterCheck.binaryLogFilters(SHOP, List.of())).isEmpty();
    }
}
