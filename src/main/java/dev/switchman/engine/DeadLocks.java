package dev.switchman.engine;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Gives back the locks on jobs of a manager that is dead, so that its runs go on at once and not when the lock expires. An
 * H2 file has one process: at start every lock is a dead one's.
 */
@Component
class DeadLocks {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLocks.class);

    private final JdbcTemplate store;

    DeadLocks(JdbcTemplate store) {
        this.store = store;
    }

    /** Call before the job executor starts. */
    void giveBack() {
        int given = store.update(
                "update ACT_RU_JOB set LOCK_OWNER_ = null, LOCK_EXP_TIME_ = null where LOCK_OWNER_ is not null");
        if (given > 0) {
            LOG.info("{} interrupted jobs go on", given);
        }
    }
}
