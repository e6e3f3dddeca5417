package dev.switchman.runbook.step;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.switchman.topology.Node;

/**
 * The same work on several nodes at once, one virtual thread and one result each. The doors keep the deadlines, so the
 * whole takes as long as the slowest node.
 */
final class PerNode {

    private PerNode() {}

    /** @return results in the order of the nodes. What one node throws is thrown after all have ended. */
    static <T> Map<Node, T> all(Collection<Node> nodes, Function<Node, T> work) {
        Map<Node, Future<T>> running = new LinkedHashMap<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Node node : nodes) {
                running.put(node, threads.submit(() -> work.apply(node)));
            }
        }
        Map<Node, T> results = new LinkedHashMap<>();
        running.forEach((node, future) -> results.put(node, result(node, future)));
        return results;
    }

    /**
     * Works on this thread while others do something beside it. What the work throws is thrown first, then what one of them
     * throws; in any case after all have ended.
     */
    static <T> T beside(List<Runnable> others, Supplier<T> work) {
        List<Future<?>> running = new ArrayList<>();
        T result;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            others.forEach(other -> running.add(threads.submit(other)));
            result = work.get();
        }
        running.forEach(future -> result("one of " + others.size() + " tasks beside", future));
        return result;
    }

    /** Runs different work at once. What one throws is thrown after all have ended. */
    static void together(List<Runnable> works) {
        List<Future<?>> running = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            works.forEach(work -> running.add(threads.submit(work)));
        }
        running.forEach(future -> result("one of " + works.size() + " tasks", future));
    }

    private static <T> T result(Object node, Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("on " + node + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + node, e);
        }
    }
}
