/** The command line. */
@NullMarked
package dev.switchman.cli;

import org.jspecify.annotations.NullMarked;
