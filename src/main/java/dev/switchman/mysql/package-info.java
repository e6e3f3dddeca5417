/** Looks at MySQL servers and changes them; one dialect class per version range. */
@NullMarked
package dev.switchman.mysql;

import org.jspecify.annotations.NullMarked;
