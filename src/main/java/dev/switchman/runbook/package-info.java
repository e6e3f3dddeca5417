/** What a runbook is made of: the step, its run, its outcome, and the ports to whatever runs it. */
@NullMarked
package dev.switchman.runbook;

import org.jspecify.annotations.NullMarked;
