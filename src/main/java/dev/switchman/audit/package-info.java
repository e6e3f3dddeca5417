/** The journal: what each run meant to do, did, and was answered. */
@NullMarked
package dev.switchman.audit;

import org.jspecify.annotations.NullMarked;
