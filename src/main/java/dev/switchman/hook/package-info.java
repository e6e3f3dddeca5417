/** Runs programs of the operator's own on this machine. */
@NullMarked
package dev.switchman.hook;

import org.jspecify.annotations.NullMarked;
