package dev.switchman.app;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.env.MapPropertySource;

import dev.switchman.api.LocalToken;
import dev.switchman.config.Inventory;
import dev.switchman.config.ServerSettings;
import dev.switchman.runbook.People;

/** The server while it runs: store, engine, watch and HTTP. */
final class RunningServer implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final DataFolder folder;
    private final Optional<StoreHold> hold;
    private final Rehearsal rehearsal;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private RunningServer(ConfigurableApplicationContext context, DataFolder folder, Optional<StoreHold> hold,
            Rehearsal rehearsal) {
        this.context = context;
        this.folder = folder;
        this.hold = hold;
        this.rehearsal = rehearsal;
        context.addApplicationListener(event -> {
            if (event instanceof ContextClosedEvent) {
                stopped.countDown();
            }
        });
    }

    /**
     * Starts everything. Prints the first administrator's password, once in the life of a store, and where to go.
     *
     * @throws StartRefused when the folder or the address cannot be had
     */
    static RunningServer start(Inventory.Loaded inventory, Path data, PrintWriter out) {
        ServerSettings settings = inventory.settings();
        DataFolder folder = DataFolder.take(data);
        Optional<ConfigurableApplicationContext> context = Optional.empty();
        Optional<StoreHold> hold = Optional.empty();
        boolean up = false;
        try {
            refuseBusy(settings);
            hold = settings.store().map(StoreHold::take);
            LocalToken token = new LocalToken(folder.newToken());
            context = Optional.of(application(inventory, folder.path(), token).run());
            RunningServer server = new RunningServer(context.get(), folder, hold,
                    new Rehearsal(context.get(), inventory.clusters()));
            folder.serves(server.url(settings));
            server.welcome(settings, out);
            server.rehearsal.start();
            up = true;
            return server;
        } finally {
            if (!up) {
                context.ifPresent(ConfigurableApplicationContext::close);
                release(folder, hold);
            }
        }
    }

    private static SpringApplication application(Inventory.Loaded inventory, Path data, LocalToken token) {
        ServerSettings settings = inventory.settings();
        return new SpringApplicationBuilder(Server.class)
                .registerShutdownHook(true)
                .addCommandLineProperties(false)
                .logStartupInfo(false)
                // A file of the same name in the working directory is none of ours.
                .properties(early(settings.logFormat()))
                .initializers(context -> {
                    context.getEnvironment()
                            .getPropertySources()
                            .addFirst(new MapPropertySource("switchman", properties(settings, data)));
                    context.getBeanFactory().registerSingleton("inventory", inventory);
                    context.getBeanFactory().registerSingleton("serverSettings", settings);
                    context.getBeanFactory().registerSingleton("localToken", token);
                })
                .build();
    }

    /** What Spring reads before anything else. */
    static Map<String, Object> early(ServerSettings.LogFormat format) {
        Map<String, Object> properties = new HashMap<>(
                Map.of("spring.config.location", "classpath:/application.yaml,classpath:/server.yaml"));
        if (format != ServerSettings.LogFormat.TEXT) {
            properties.put("logging.config", "classpath:logback-json.xml");
            properties.put("logging.structured.format.console", format.name().toLowerCase(Locale.ROOT));
        }
        return properties;
    }

    private static Map<String, Object> properties(ServerSettings settings, Path data) {
        Map<String, Object> properties = new HashMap<>(Map.of(
                "switchman.data", data.toString(),
                "server.address", settings.address(),
                "server.port", settings.port()));
        settings.store().ifPresent(store -> {
            properties.put("switchman.store.url", store.url());
            properties.put("switchman.store.user", store.account().user());
            properties.put("switchman.store.password", store.account().password().reveal());
        });
        return properties;
    }

    /** Else a busy port would be found only after the engine has started, and told in twenty lines. */
    private static void refuseBusy(ServerSettings settings) {
        String where = "switchman.server: address " + settings.address() + ", port " + settings.port() + ": ";
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(settings.address()), settings.port()));
        } catch (UnknownHostException e) {
            throw new StartRefused(where + "no such address");
        } catch (IOException e) {
            throw new StartRefused(where + e.getMessage());
        }
    }

    private void welcome(ServerSettings settings, PrintWriter out) {
        context.getBean(People.class)
                .firstAdministrator(settings.adminUser())
                .ifPresent(
                        password -> out.println("First start: log in as \"" + settings.adminUser() + "\" with password "
                                + password + " (it is not shown again)"));
        out.println(
                "Switchman is up at " + url(settings) + ": log in there for clusters, runs and decisions; Cockpit and"
                        + " Tasklist are under /camunda, the API is under /api");
        out.flush();
    }

    private String url(ServerSettings settings) {
        String address = settings.address();
        return "http://" + (address.indexOf(':') >= 0 ? "[" + address + "]" : address) + ":" + port();
    }

    int port() {
        return ((ServletWebServerApplicationContext) context).getWebServer().getPort();
    }

    /** Waits until someone stops the process, or this server. */
    void awaitStop() {
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the watch first, then HTTP, then the engine, then the store. */
    @Override
    public void close() {
        rehearsal.close();
        context.close();
        release(folder, hold);
    }

    private static void release(DataFolder folder, Optional<StoreHold> hold) {
        try (folder) {
            if (hold.isPresent()) {
                hold.get().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException("the hold on the store could not be given back", e);
        }
    }
}
