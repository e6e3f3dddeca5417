package dev.switchman.api;

import java.util.Map;

import org.springframework.http.HttpStatus;

/** A request that is answered with a problem. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;
    private final transient Map<String, Object> more;

    private Refusal(HttpStatus status, String detail, Map<String, Object> more) {
        super(detail, null, false, false);
        this.status = status;
        this.more = more;
    }

    static Refusal unknown(String detail) {
        return new Refusal(HttpStatus.NOT_FOUND, detail, Map.of());
    }

    static Refusal bad(String detail) {
        return new Refusal(HttpStatus.BAD_REQUEST, detail, Map.of());
    }

    static Refusal forbidden(String detail) {
        return new Refusal(HttpStatus.FORBIDDEN, detail, Map.of());
    }

    static Refusal conflict(String detail) {
        return new Refusal(HttpStatus.CONFLICT, detail, Map.of());
    }

    /** @param run what stands in the way */
    static Refusal conflict(String detail, String run) {
        return new Refusal(HttpStatus.CONFLICT, detail, Map.of("run", run));
    }

    HttpStatus status() {
        return status;
    }

    Map<String, Object> more() {
        return more;
    }
}
