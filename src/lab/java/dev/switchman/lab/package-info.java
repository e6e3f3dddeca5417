/** Real clusters on containers, and faults for them: shared by the tests, the demo and the benchmark. */
@NullMarked
package dev.switchman.lab;

import org.jspecify.annotations.NullMarked;
