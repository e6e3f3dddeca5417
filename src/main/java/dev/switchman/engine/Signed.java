package dev.switchman.engine;

import java.util.List;
import java.util.Optional;

import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.impl.context.Context;
import org.camunda.bpm.engine.impl.identity.Authentication;
import org.jspecify.annotations.Nullable;

/** Who the engine takes the calling thread for. */
final class Signed {

    private Signed() {}

    /** @return the name of the person in whose name the current command runs; empty for the program itself */
    static Optional<String> in() {
        @Nullable
        Authentication who = Context.getProcessEngineConfiguration().getIdentityService().getCurrentAuthentication();
        return who == null ? Optional.empty() : Optional.ofNullable(who.getUserId());
    }

    /** @return groups of the person in whose name the current command runs */
    static List<String> groups() {
        @Nullable
        Authentication who = Context.getProcessEngineConfiguration().getIdentityService().getCurrentAuthentication();
        return who == null || who.getGroupIds() == null ? List.of() : List.copyOf(who.getGroupIds());
    }

    /** Runs this as the program itself, and gives the thread its person back. */
    static void off(IdentityService identity, Runnable action) {
        as(identity, null, action);
    }

    static void as(IdentityService identity, @Nullable Authentication who, Runnable action) {
        @Nullable
        Authentication before = identity.getCurrentAuthentication();
        try {
            set(identity, who);
            action.run();
        } finally {
            set(identity, before);
        }
    }

    private static void set(IdentityService identity, @Nullable Authentication who) {
        if (who == null) {
            identity.clearAuthentication();
        } else {
            identity.setAuthentication(who);
        }
    }
}
