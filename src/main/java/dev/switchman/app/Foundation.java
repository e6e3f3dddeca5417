package dev.switchman.app;

import java.time.Clock;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import dev.switchman.audit.Journal;
import dev.switchman.audit.Journals;
import dev.switchman.memory.ClusterMemory;
import dev.switchman.memory.Memories;
import dev.switchman.memory.Outbox;
import dev.switchman.monitor.Claims;
import dev.switchman.monitor.VerdictListener;
import dev.switchman.monitor.Watch;
import dev.switchman.notify.Notifier;
import dev.switchman.notify.Notifiers;
import dev.switchman.notify.Webhooks;
import dev.switchman.runbook.Pause;

/** What {@code serve} and a rehearsal have in common: time, a store of their own, and what is kept in it. */
@Configuration(proxyBeanMethods = false)
class Foundation {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    Pause pause() {
        return new Sleep();
    }

    @Bean
    OwnStore ownStore(@Value("${switchman.store.url}") String url, @Value("${switchman.store.user}") String user,
            @Value("${switchman.store.password}") String password) {
        return OwnStore.open(url, user, password);
    }

    @Bean
    Journal journal(OwnStore store, Clock clock) {
        return Journals.over(store.pool(), clock);
    }

    @Bean
    ClusterMemory clusterMemory(OwnStore store) {
        return Memories.over(store.pool());
    }

    @Bean
    Notifier notifier() {
        return Notifiers.byMail();
    }

    @Bean
    Outbox outbox(OwnStore store) {
        return Memories.outbox(store.pool());
    }

    @Bean
    Webhooks webhooks(Clock clock) {
        return Notifiers.overHttp(clock);
    }

    /** Nobody to tell is found here, and not at the first verdict. */
    @Bean
    WatchPhase watchPhase(Watch watch, Claims claims, ObjectProvider<VerdictListener> listener) {
        listener.getObject();
        return new WatchPhase(watch, claims);
    }
}
