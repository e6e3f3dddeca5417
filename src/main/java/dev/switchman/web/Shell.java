package dev.switchman.web;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.servlet.ModelAndView;

import dev.switchman.runbook.Approvals;

/** What every page has: who looks, how many decisions wait, and words for what cannot be shown. */
@ControllerAdvice(basePackageClasses = Shell.class)
@Order(Ordered.HIGHEST_PRECEDENCE)
class Shell {

    private static final Logger LOG = LoggerFactory.getLogger(Shell.class);

    private final Approvals approvals;

    Shell(Approvals approvals) {
        this.approvals = approvals;
    }

    @ModelAttribute("visitor")
    Visitor visitor(Authentication login) {
        return Visitor.of(login);
    }

    @ModelAttribute("waiting")
    int waiting() {
        return approvals.waiting().size();
    }

    @ExceptionHandler
    ModelAndView notShown(NoSuchPage problem, Authentication login) {
        return problem(problem.status(), String.valueOf(problem.getMessage()), login);
    }

    @ExceptionHandler
    ModelAndView broken(RuntimeException fault, Authentication login) {
        LOG.error("a page could not be shown", fault);
        return problem(HttpStatus.INTERNAL_SERVER_ERROR, "This is a fault of Switchman; its log says more.", login);
    }

    private ModelAndView problem(HttpStatus status, String why, Authentication login) {
        ModelAndView page = new ModelAndView("problem", status);
        page.addObject("visitor", Visitor.of(login));
        page.addObject("waiting", waiting());
        page.addObject("heading", status.value() + " " + status.getReasonPhrase());
        page.addObject("why", why);
        return page;
    }
}
