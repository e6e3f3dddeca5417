package dev.switchman.notify;

import java.io.IOException;

import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;

import static org.assertj.core.api.Assertions.assertThat;

/** What people see of a mail that says the same in several ways. */
public final class MailParts {

    private MailParts() {}

    /** @return the text of the first part of this type, however deep it lies; empty when there is none */
    public static String text(Part message, String type) throws MessagingException, IOException {
        if (message.isMimeType(type)) {
            assertThat(message.getContentType()).containsIgnoringCase("UTF-8");
            return message.getContent().toString();
        }
        if (message.getContent() instanceof Multipart parts) {
            for (int i = 0; i < parts.getCount(); i++) {
                String text = text(parts.getBodyPart(i), type);
                if (!text.isEmpty()) {
                    return text;
                }
            }
        }
        return "";
    }
}
