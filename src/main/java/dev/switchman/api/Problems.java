package dev.switchman.api;

import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** Every error is an RFC 9457 problem that names the field or argument and the value. */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    @ExceptionHandler
    ProblemDetail refused(Refusal refusal) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(refusal.status(),
                String.valueOf(refusal.getMessage()));
        refusal.more().forEach(problem::setProperty);
        return problem;
    }

    @ExceptionHandler
    ProblemDetail wrongArgument(MethodArgumentTypeMismatchException e) {
        Class<?> wanted = e.getRequiredType();
        return ProblemDetail.forStatusAndDetail(HttpStatus.BAD_REQUEST,
                e.getName() + ": not " + (wanted == null ? "valid" : words(wanted)) + ": \"" + e.getValue() + "\"");
    }

    @ExceptionHandler
    ProblemDetail broken(Exception e, WebRequest request) {
        LOG.error("{} failed", request.getDescription(false), e);
        return ProblemDetail.forStatusAndDetail(HttpStatus.INTERNAL_SERVER_ERROR,
                "this is a fault of Switchman; its log says more");
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(HttpMessageNotReadableException e,
            HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, unreadable(e.getCause()));
        return handleExceptionInternal(e, problem, headers, status, request);
    }

    private static String unreadable(@Nullable Throwable cause) {
        return switch (cause) {
            case null -> "the body is missing; it must be a JSON object";
            case UnrecognizedPropertyException unknown -> path(unknown) + ": there is no such field; known are "
                    + unknown.getKnownPropertyIds();
            case InvalidFormatException invalid -> path(invalid) + ": not " + words(invalid.getTargetType()) + ": \""
                    + invalid.getValue() + "\"";
            case MismatchedInputException other when !other.getPath().isEmpty() -> path(other) + ": not "
                    + words(other.getTargetType());
            case JsonParseException syntax -> "the body is not JSON: " + syntax.getOriginalMessage();
            default -> "the body is not a JSON object of the kind that is wanted here";
        };
    }

    private static String path(JsonMappingException e) {
        return e.getPath()
                .stream()
                .map(part -> part.getFieldName() == null ? "[" + part.getIndex() + "]" : part.getFieldName())
                .collect(Collectors.joining("."));
    }

    private static String words(Class<?> type) {
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class) {
            return "a number";
        }
        return type == String.class ? "a text" : "a " + type.getSimpleName();
    }
}
