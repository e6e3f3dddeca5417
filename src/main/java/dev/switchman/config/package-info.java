/** Reads the inventory of clusters from YAML; reports all its problems at once. */
@NullMarked
package dev.switchman.config;

import org.jspecify.annotations.NullMarked;
