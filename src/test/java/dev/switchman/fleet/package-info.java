/** One world in memory that stands in for MySQL servers, their hosts, the network and the stores. */
@NullMarked
package dev.switchman.fleet;

import org.jspecify.annotations.NullMarked;
