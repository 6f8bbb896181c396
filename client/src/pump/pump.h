/* How a pump works: it runs a session over a transport and blocks.
 *
 *   1. begin: read the clock, set the operation's limit, take in what arrived
 *      while nobody waited, and take the events of that. So a connection that
 *      was closed meanwhile is noticed before anything is sent.
 *   2. Give the command to the session.
 *   3. await: take events; the REPLY ends the wait. While there is no event,
 *      turn: send if there is something to send, else make the TLS handshake if
 *      the link wants it, else receive, each until the link's deadline.
 *   4. Keep the text of the reply, and return its status.
 *
 * A transport that fails is the end of the stream to the session, which decides
 * what that means. All times are the transport's. */
#ifndef MAILC_SRC_PUMP_H
#define MAILC_SRC_PUMP_H

#include <mailc/pump.h>
#include <stdbool.h>

/* An operation begins: the clock is read, its limit set, the last reply
 * forgotten, and what arrived while nobody waited is taken in. The caller then
 * takes events before it gives a command. */
void mailc_pump_begin(struct mailc_pump *pump, struct mailc_link *link);

/* Takes in what has arrived, without waiting; for the later commands of an
 * operation. */
void mailc_pump_poll(const struct mailc_pump *pump, struct mailc_link *link);

/* Sends what there is to send, or else makes the TLS handshake that the link
 * wants, or else waits for octets, until the deadline of the link. A connection
 * that fails ends the link. */
void mailc_pump_turn(struct mailc_pump *pump, struct mailc_link *link);

/* Whether the transport can begin TLS: asked before STLS or STARTTLS is sent,
 * which is E_NO_TLS otherwise. */
bool mailc_pump_can_start_tls(const struct mailc_pump *pump);

/* Gives a move to the caller. */
void mailc_pump_move(const struct mailc_pump *pump, struct mailc_move move);

/* Forgets the reply that is kept. */
void mailc_pump_drop_reply(struct mailc_pump *pump);

/* Adds a line to the reply that is kept. */
void mailc_pump_keep_reply(struct mailc_pump *pump, struct mailc_span line);

#endif
