/** The nouns: cluster, node, version, GTID set, replica state, observation, snapshot. Pure values. */
@NullMarked
package dev.switchman.topology;

import org.jspecify.annotations.NullMarked;
