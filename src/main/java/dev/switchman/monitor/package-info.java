/** Watches clusters and tells its listener the verdict. Never acts. */
@NullMarked
package dev.switchman.monitor;

import org.jspecify.annotations.NullMarked;
