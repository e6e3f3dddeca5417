/** Servers made of memory, on which a failover is rehearsed before a real one is needed. Reaches no real server. */
@NullMarked
package dev.switchman.rehearsal;

import org.jspecify.annotations.NullMarked;
