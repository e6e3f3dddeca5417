package dev.switchman.lab;

import java.util.List;

/**
 * Keeps packets for a lab's addresses on this machine once its network is gone: an {@code unreachable} route that the
 * bridge's own route, with its lower metric, hides for as long as there is a bridge.
 */
final class RouteGuard implements AutoCloseable {

    static final List<String> LISTING = List.of("-4", "route", "show", "type", "unreachable");

    private static final String METRIC = "4278198272";

    private final Engine engine;
    private final String image;
    private final String subnet;

    private RouteGuard(Engine engine, String image, String subnet) {
        this.engine = engine;
        this.image = image;
        this.subnet = subnet;
    }

    static RouteGuard over(Engine engine, String image, Subnet subnet) {
        Shell.Ended ended = engine.hostIp(image,
                List.of("-4", "route", "replace", "unreachable", subnet.cidr(), "metric", METRIC));
        if (ended.status() != 0) {
            throw new LabException("cannot set an unreachable route for " + subnet.cidr() + ": " + ended.output());
        }
        return new RouteGuard(engine, image, subnet.cidr());
    }

    static List<String> removal(String subnet) {
        return List.of("-4", "route", "del", "unreachable", subnet, "metric", METRIC);
    }

    /** Repeatable: a route that is gone already is no failure. */
    @Override
    public void close() {
        Shell.Ended ended = engine.hostIp(image, removal(subnet));
        if (ended.status() != 0 && !ended.output().contains("No such process")) {
            throw new LabException("cannot remove the unreachable route for " + subnet + ": " + ended.output());
        }
    }
}
