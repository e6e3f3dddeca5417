/**
 * Real clusters on containers, and faults for them: shared by the tests, the demo and the benchmark.
 *
 * <pre>{@code
 * try (LabCluster lab = LabCluster.builder().nodes(3).version("9.7").start(); Writer writer = Writer.start(lab)) {
 *     lab.crash(lab.primary());
 *     …
 *     writer.close();
 *     writer.longestGap();                 // the outage
 *     writer.missingOn(lab.node("db2"));   // what was acknowledged and is not there
 * }
 * }</pre>
 *
 * <p>
 * Runs in the project's directory, or with {@code -Dswitchman.home=DIR}. The first use on a machine installs a Docker
 * engine and builds the node image, which takes minutes and root's rights; later ones take seconds.
 */
@NullMarked
package dev.switchman.lab;

import org.jspecify.annotations.NullMarked;
