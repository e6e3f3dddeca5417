/**
 * Looks at hosts and acts on them over SSH. One session to each host is kept warm and opened again in the background; every call
 * ends by its deadline, and a dead host costs nobody else anything. What runs on a host is POSIX sh, one script for each
 * question, in this package's resources.
 */
@NullMarked
package dev.switchman.ssh;

import org.jspecify.annotations.NullMarked;
