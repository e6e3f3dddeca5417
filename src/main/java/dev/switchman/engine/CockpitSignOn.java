package dev.switchman.engine;

import org.camunda.bpm.engine.ProcessEngine;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Takes whoever has logged in to Switchman into Cockpit and Tasklist, and into the engine's own REST interface. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication
class CockpitSignOn {

    /** Behind the security filters, whose order is -100, and before Camunda's own. */
    private static final int BEHIND_SECURITY = 0;

    @Bean
    FilterRegistrationBean<CockpitSignOnFilter> cockpitSignOnFilter(ProcessEngine engine) {
        FilterRegistrationBean<CockpitSignOnFilter> filter = new FilterRegistrationBean<>(
                new CockpitSignOnFilter(engine));
        filter.setOrder(BEHIND_SECURITY);
        filter.addUrlPatterns("/camunda/app/*", "/camunda/api/*");
        return filter;
    }

    @Bean
    FilterRegistrationBean<EngineIdentityFilter> engineIdentityFilter(ProcessEngine engine) {
        FilterRegistrationBean<EngineIdentityFilter> filter = new FilterRegistrationBean<>(
                new EngineIdentityFilter(engine.getIdentityService()));
        filter.setOrder(BEHIND_SECURITY);
        filter.addUrlPatterns("/engine-rest/*");
        return filter;
    }
}
