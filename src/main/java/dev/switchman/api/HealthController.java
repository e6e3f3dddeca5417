package dev.switchman.api;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class HealthController {

    /** Answers as soon as requests are taken; says nothing of clusters, because nobody has logged in. */
    @GetMapping("/api/health")
    Views.Health health() {
        return new Views.Health("up");
    }
}
