package dev.switchman.topology;

/** A host that is no database node, and is asked over SSH whether it reaches a primary that has failed to answer us. */
public record WitnessHost(Host host, SshAccess ssh) {

    @Override
    public String toString() {
        return host.toString();
    }
}
