package dev.switchman.runbook.step;

import org.springframework.stereotype.Component;

import dev.switchman.runbook.Outcome;
import dev.switchman.runbook.Raises;
import dev.switchman.runbook.Run;
import dev.switchman.runbook.RunbookError;
import dev.switchman.vip.VirtualIp;

/** Takes the virtual IP from the host of a fenced server. Safe to repeat; done also when it did not hold it. */
@Component
@Raises(RunbookError.SERVER_UNREACHABLE)
final class RemoveStrayAddress extends ChangingStep {

    private final VirtualIp virtualIp;
    private final HostShutdown hook;
    private final MasterScripts scripts;

    RemoveStrayAddress(Hold hold, VirtualIp virtualIp, HostShutdown hook, MasterScripts scripts) {
        super(hold);
        this.virtualIp = virtualIp;
        this.hook = hook;
        this.scripts = scripts;
    }

    @Override
    Outcome change(Run run) {
        if (run.cluster().virtualIp().isEmpty()) {
            return switch (scripts.takeFrom(run, run.oldPrimary(), !hook.proven(run, run.oldPrimary().id()))) {
                case MasterScripts.Called.NotNamed no -> new Outcome.Done("no virtual IP is configured");
                case MasterScripts.Called.Fine(String sentence) -> new Outcome.Done(sentence);
                case MasterScripts.Called.Failed(String why) -> throw new IllegalStateException(why);
            };
        }
        return switch (virtualIp.remove(run.oldPrimary(), run.cluster().virtualIp().get(), run.limits().statement())) {
            case VirtualIp.Moved.Done(String detail) -> new Outcome.Done(detail);
            case VirtualIp.Moved.Unreachable(String why) when hook.proven(run, run.oldPrimary().id()) ->
                new Outcome.Done(
                        "the host of " + run.oldPrimary() + " does not answer since its shutdown hook: " + why);
            case VirtualIp.Moved.Unreachable(String why) -> new Outcome.Refused(RunbookError.SERVER_UNREACHABLE,
                    "the host of " + run.oldPrimary() + ": " + why);
            case VirtualIp.Moved.Failed(String why) -> throw new IllegalStateException(
                    run.cluster().virtualIp().get() + " could not be removed from " + run.oldPrimary() + ": " + why);
        };
    }
}
