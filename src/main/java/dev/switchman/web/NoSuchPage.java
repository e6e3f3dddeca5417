package dev.switchman.web;

import org.springframework.http.HttpStatus;

/** A page that cannot be shown, with what to do instead. */
final class NoSuchPage extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final HttpStatus status;

    private NoSuchPage(HttpStatus status, String why) {
        super(why, null, false, false);
        this.status = status;
    }

    static NoSuchPage unknown(String why) {
        return new NoSuchPage(HttpStatus.NOT_FOUND, why);
    }

    static NoSuchPage bad(String why) {
        return new NoSuchPage(HttpStatus.BAD_REQUEST, why);
    }

    static NoSuchPage tooMany(String why) {
        return new NoSuchPage(HttpStatus.TOO_MANY_REQUESTS, why);
    }

    static NoSuchPage notNow(String why) {
        return new NoSuchPage(HttpStatus.SERVICE_UNAVAILABLE, why);
    }

    HttpStatus status() {
        return status;
    }
}
