package dev.switchman.api;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;

/** Where a browser lands after its login. */
@Controller
class FrontDoor {

    @GetMapping({"/", "/camunda", "/camunda/"})
    String welcome() {
        return "redirect:/camunda/app/welcome/default/";
    }
}
