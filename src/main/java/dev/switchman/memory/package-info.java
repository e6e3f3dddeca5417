/** What outlives a restart of the manager: last known primary, largest sets seen, quarantine, cool-down. */
@NullMarked
package dev.switchman.memory;

import org.jspecify.annotations.NullMarked;
