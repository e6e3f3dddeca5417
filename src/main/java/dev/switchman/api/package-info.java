/** The HTTP interface. */
@NullMarked
package dev.switchman.api;

import org.jspecify.annotations.NullMarked;
