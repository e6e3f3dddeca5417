package dev.switchman.cli;

import java.util.List;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What somebody may do; written in small letters. */
enum Group {
    operator, approver, auditor, admin;

    static ObjectNode into(ObjectNode body, List<Group> groups) {
        groups.forEach(group -> body.withArray("groups").add(group.name()));
        return body;
    }
}
