/** The pages that people see: made on the server, from the ports and the journal. What they change goes through the API. */
@NullMarked
package dev.switchman.web;

import org.jspecify.annotations.NullMarked;
