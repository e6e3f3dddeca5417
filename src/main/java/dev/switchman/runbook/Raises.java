package dev.switchman.runbook;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The refusals that a step may end in, besides {@link RunbookError#STEP_FAILED}, which any step may. Every diagram that uses
 * the step must draw them, and one that draws an error nobody raises is refused.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Raises {

    RunbookError[] value();
}
