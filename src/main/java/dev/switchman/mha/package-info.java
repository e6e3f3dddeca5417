/** Reads MHA's configuration files and tells what becomes of each of their parameters. */
@NullMarked
package dev.switchman.mha;

import org.jspecify.annotations.NullMarked;
