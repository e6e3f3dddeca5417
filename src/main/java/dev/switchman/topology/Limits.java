package dev.switchman.topology;

import java.time.Duration;

/**
 * How long each part of a run may take. Every wait in the product is bounded by one of these.
 *
 * @param connect opening a connection to MySQL or SSH
 * @param statement one SQL statement or remote command
 * @param fence taking write access from a server that answers
 * @param fenceSilent trying the same on a server that does not answer
 * @param shutdownHook the cluster's own program that shuts down a host
 * @param catchUp waiting for a candidate to apply what it lacks
 * @param semiSync waiting for replicas to connect to the new primary before it is opened
 * @param repoint repointing one replica
 * @param verify verifying the finished cluster
 * @param lag a replica further behind than this is not promoted without a person
 * @param coolDown after a failover, how long the next one asks a person
 * @param resume a run interrupted for longer than this asks a person
 * @param approval how long a question waits for a person before it is answered "no"
 * @param reminder how long after a question the people are told of it again
 * @param transaction before a switchover, no statement or transaction may be older than this
 * @param grace in a switchover, what is given to sessions that keep the old primary from being closed, before they are ended
 * @param salvage fetching from a dead primary's binary logs what the candidate lacks, and applying it; the time in which
 *     the candidate catches up is not counted
 */
public record Limits(
        Duration connect,
        Duration statement,
        Duration fence,
        Duration fenceSilent,
        Duration shutdownHook,
        Duration catchUp,
        Duration semiSync,
        Duration repoint,
        Duration verify,
        Duration lag,
        Duration coolDown,
        Duration resume,
        Duration approval,
        Duration reminder,
        Duration transaction,
        Duration grace,
        Duration salvage) {

    /** @return the same with another time that a question waits, and another until the people are told of it again */
    public Limits withApproval(Duration waits, Duration told) {
        return new Limits(connect, statement, fence, fenceSilent, shutdownHook, catchUp, semiSync, repoint, verify, lag,
                coolDown, resume, waits, told, transaction, grace, salvage);
    }

    /** @return the same with another limit of how far a replica may be behind */
    public Limits withLag(Duration other) {
        return new Limits(connect, statement, fence, fenceSilent, shutdownHook, catchUp, semiSync, repoint, verify,
                other,
                coolDown, resume, approval, reminder, transaction, grace, salvage);
    }
}
