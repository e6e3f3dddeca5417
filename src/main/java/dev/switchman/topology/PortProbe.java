package dev.switchman.topology;

/** What a host that was asked to open another server's MySQL port has seen. */
public sealed interface PortProbe {

    /** The port opened and the server greeted. */
    record Greeted() implements PortProbe {}

    /** The port opened and nothing came: a frozen or hung server. */
    record Mute() implements PortProbe {}

    record Refused() implements PortProbe {}

    record TimedOut() implements PortProbe {}

    /** The asked host could not answer: no vote. */
    record Abstained(String why) implements PortProbe {}
}
