package dev.switchman.engine;

import java.time.Duration;

import javax.sql.DataSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import dev.switchman.audit.Journal;

/** The threads that run steps. */
@Configuration(proxyBeanMethods = false)
class JobThreads {

    static final int SIZE = 16;

    /** A step under way may end when the program stops; interrupted, it would go down the path drawn for a failed one. */
    private static final Duration STEP_MAY_END = Duration.ofSeconds(60);

    /** Takes store and journal so that the threads that write to them end first. */
    @Bean
    TaskExecutor camundaTaskExecutor(DataSource store, Journal journal) {
        ThreadPoolTaskExecutor threads = new ThreadPoolTaskExecutor();
        threads.setThreadNamePrefix("step-");
        threads.setCorePoolSize(SIZE);
        threads.setMaxPoolSize(SIZE);
        threads.setQueueCapacity(0);
        threads.setWaitForTasksToCompleteOnShutdown(true);
        threads.setAwaitTerminationMillis(STEP_MAY_END.toMillis());
        return threads;
    }
}
