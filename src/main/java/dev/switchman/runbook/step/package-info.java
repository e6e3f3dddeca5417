/** One class for each box of a diagram. */
@NullMarked
package dev.switchman.runbook.step;

import org.jspecify.annotations.NullMarked;
