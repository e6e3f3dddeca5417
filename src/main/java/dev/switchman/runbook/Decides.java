package dev.switchman.runbook;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a step that sets the variable {@code policy}. After it no server is changed on any path but one that was told so: by
 * the arm {@code go} or {@code act} of a question about {@code policy}, or by a person's {@code yes}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Decides {}
