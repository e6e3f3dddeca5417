/** Holds, moves and announces the virtual IP address. */
@NullMarked
package dev.switchman.vip;

import org.jspecify.annotations.NullMarked;
