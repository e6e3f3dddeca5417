/** The only room that knows Camunda: implements the ports of the runbook room. */
@NullMarked
package dev.switchman.engine;

import org.jspecify.annotations.NullMarked;
