/** Looks at hosts and acts on them over SSH. */
@NullMarked
package dev.switchman.ssh;

import org.jspecify.annotations.NullMarked;
