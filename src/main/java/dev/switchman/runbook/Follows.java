package dev.switchman.runbook;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The safety order: on every path of every runbook, one of these steps has ended well before this one begins, or one of
 * these refusals was caught. Said more than once, each holds. A diagram in which a path breaks it is refused.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(Follows.All.class)
public @interface Follows {

    Class<? extends Step>[] value();

    RunbookError[] orCaught() default {};

    /** What Java wants where {@link Follows} stands more than once. */
    @Documented
    @Target(ElementType.TYPE)
    @Retention(RetentionPolicy.RUNTIME)
    @interface All {

        Follows[] value();
    }
}
