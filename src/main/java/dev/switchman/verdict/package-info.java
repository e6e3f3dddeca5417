/** Judgement: a snapshot goes in, a sealed answer comes out. Pure functions. */
@NullMarked
package dev.switchman.verdict;

import org.jspecify.annotations.NullMarked;
