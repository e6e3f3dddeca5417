/** Main class and wiring. */
@NullMarked
package dev.switchman.app;

import org.jspecify.annotations.NullMarked;
