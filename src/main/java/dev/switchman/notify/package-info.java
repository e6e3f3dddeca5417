/** Sends reports to people. */
@NullMarked
package dev.switchman.notify;

import org.jspecify.annotations.NullMarked;
