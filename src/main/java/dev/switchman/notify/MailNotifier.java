package dev.switchman.notify;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import jakarta.mail.Address;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.internet.MimeMessage;

import org.springframework.mail.MailException;
import org.springframework.mail.MailSendException;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

import dev.switchman.topology.Account;
import dev.switchman.topology.Cluster;
import dev.switchman.topology.MailSettings;

/** Mails over SMTP, as text and as HTML: who reads chooses. */
final class MailNotifier implements Notifier {

    private final Duration each;
    private final Duration whole;

    /** @param each connecting, one answer, one write @param whole a delivery from its start to its end */
    MailNotifier(Duration each, Duration whole) {
        this.each = each;
        this.whole = whole;
    }

    @Override
    public Sent send(Cluster cluster, String subject, String body) {
        return cluster.mail()
                .filter(mail -> !mail.to().isEmpty())
                .map(mail -> send(mail, subject, body))
                .orElseGet(Sent.NobodyToTell::new);
    }

    /** A server that answers a little before each timeout could hold a delivery for minutes: the whole has an end too. */
    private Sent send(MailSettings mail, String subject, String body) {
        FutureTask<Sent> delivery = new FutureTask<>(() -> deliver(mail, subject, body));
        Thread thread = Thread.ofVirtual().name("mail").start(delivery);
        try {
            return delivery.get(whole.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.interrupt();
            return new Sent.Failed(server(mail) + " took longer than " + whole.toMillis()
                    + " ms; the mail may or may not have been accepted");
        } catch (ExecutionException e) {
            throw new IllegalStateException("mail to " + mail.to() + " by " + server(mail) + " failed", e.getCause());
        } catch (InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            return new Sent.Failed("interrupted while mailing by " + server(mail));
        }
    }

    private Sent deliver(MailSettings mail, String subject, String body) {
        JavaMailSenderImpl sender = sender(mail);
        try {
            MimeMessage message = sender.createMimeMessage();
            MimeMessageHelper helper = new MimeMessageHelper(message, MimeMessageHelper.MULTIPART_MODE_RELATED,
                    StandardCharsets.UTF_8.name());
            helper.setFrom(mail.from());
            helper.setTo(mail.to().toArray(String[]::new));
            helper.setSubject(subject.replaceAll("\\s*\\R\\s*", " "));
            helper.setText(body, HtmlMail.of(body));
            // RFC 3834: keeps holiday replies and ticket systems from answering.
            message.setHeader("Auto-Submitted", "auto-generated");
            sender.send(message);
            return new Sent.Delivered(String.join(", ", mail.to()));
        } catch (MailException | MessagingException e) {
            return new Sent.Failed(server(mail) + ": " + withoutSecret(mail, reason(e)));
        }
    }

    private JavaMailSenderImpl sender(MailSettings mail) {
        JavaMailSenderImpl sender = new JavaMailSenderImpl();
        sender.setHost(mail.server().name());
        sender.setPort(mail.port());
        sender.setDefaultEncoding(StandardCharsets.UTF_8.name());
        Properties properties = sender.getJavaMailProperties();
        String millis = String.valueOf(each.toMillis());
        properties.setProperty("mail.smtp.connectiontimeout", millis);
        properties.setProperty("mail.smtp.timeout", millis);
        properties.setProperty("mail.smtp.writetimeout", millis);
        properties.setProperty("mail.smtp.sendpartial", "true");
        properties.setProperty("mail.smtp.auth", String.valueOf(mail.login().isPresent()));
        properties.setProperty("mail.smtp.starttls.enable", String.valueOf(mail.startTls()));
        properties.setProperty("mail.smtp.starttls.required", String.valueOf(mail.startTls()));
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        mail.login().ifPresent(login -> {
            sender.setUsername(login.user());
            sender.setPassword(login.password().reveal());
        });
        return sender;
    }

    private static String server(MailSettings mail) {
        return "mail server " + mail.server() + ":" + mail.port();
    }

    private static String reason(Exception e) {
        if (e instanceof MailSendException failed && failed.getMessageExceptions().length > 0) {
            return reason(failed.getMessageExceptions()[0]);
        }
        if (e instanceof SendFailedException partly && partly.getInvalidAddresses() != null) {
            return "refused " + addresses(partly.getInvalidAddresses()) + sentTo(partly.getValidSentAddresses());
        }
        List<String> words = new ArrayList<>();
        for (Throwable cause = e; cause != null && words.size() < 4; cause = cause.getCause()) {
            String word = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage().strip();
            if (words.stream().noneMatch(before -> before.contains(word))) {
                words.add(word);
            }
        }
        return String.join(": ", words).replaceAll("\\s*\\R\\s*", " ");
    }

    private static String sentTo(Address[] addresses) {
        return addresses == null || addresses.length == 0
                ? "; nobody was told"
                : "; delivered to " + addresses(addresses);
    }

    private static String addresses(Address[] addresses) {
        return String.join(", ", Arrays.stream(addresses).map(Address::toString).toList());
    }

    private static String withoutSecret(MailSettings mail, String text) {
        return mail.login()
                .map(Account::password)
                .filter(password -> !password.reveal().isEmpty())
                .map(password -> text.replace(password.reveal(), password.toString()))
                .orElse(text);
    }
}
