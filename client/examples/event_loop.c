/* A session in a loop over poll(), which could watch many: asks a POP3 server
 * how many messages there are. Nothing but the handshake waits.
 *
 *   MAIL_SECRET=... event_loop HOST PORT USER */
#include "connection.h"

#include <limits.h>
#include <mailc/pop3.h>
#include <poll.h>
#include <stdio.h>

/* Each answer is followed by the next command. */
static enum mailc_status take(struct mailc_pop3 *session,
                              const struct mailc_pop3_event *event,
                              struct mailc_span user) {
  if (event->status != MAILC_OK) {
    return event->status;
  }
  if (event->kind == MAILC_POP3_EVENT_GREETING) {
    return mailc_pop3_user(session, user);
  }
  if (event->command == MAILC_POP3_USER) {
    return mailc_pop3_pass(session, secret_of_user());
  }
  if (event->command == MAILC_POP3_PASS) {
    return mailc_pop3_stat(session);
  }
  if (event->command == MAILC_POP3_QUIT) {
    return MAILC_OK;
  }
  (void)printf("%lu messages\n", (unsigned long)event->number);
  return mailc_pop3_quit(session);
}

/* Moves what can be moved at once; false if nothing can. */
static bool move(struct mailc_pop3 *session,
                 const struct mailc_transport *transport,
                 enum mailc_status *status) {
  uint64_t now_ms = transport->now_ms(transport->context);
  size_t len = 0;
  size_t done = 0;
  const uint8_t *out = mailc_pop3_tx_buf(session, &len);

  *status = mailc_pop3_tick(session, now_ms);
  if (*status == MAILC_OK && len != 0) {
    *status = transport->send(transport->context, out, len, now_ms, &done);
    (void)mailc_pop3_tx_ack(session, done);
  } else if (*status == MAILC_OK) {
    uint8_t *in = mailc_pop3_rx_buf(session, &len);

    *status = transport->recv(transport->context, in, len, now_ms, &done);
    (void)mailc_pop3_rx_ack(session, done);
  }
  return done != 0;
}

static void wait(int fd, uint64_t now_ms, const struct mailc_pop3 *session) {
  bool sends = (mailc_pop3_want(session) & MAILC_WANT_TX) != 0;
  short events = sends ? POLLIN | POLLOUT : POLLIN;
  uint64_t until_ms = mailc_pop3_deadline_ms(session);
  uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;

  (void)poll(&(struct pollfd){.fd = fd, .events = events}, 1,
             left_ms < INT_MAX ? (int)left_ms : INT_MAX);
}

static enum mailc_status run(struct connection *connection,
                             struct mailc_pop3 *session,
                             struct mailc_span user) {
  const struct mailc_transport *transport = &connection->transport;
  enum mailc_status status = mailc_pop3_connected(session);

  while (status == MAILC_OK &&
         (mailc_pop3_want(session) & MAILC_WANT_CLOSED) == 0) {
    struct mailc_pop3_event event;

    status = mailc_pop3_next(session, &event);
    if (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_NONE) {
      status = take(session, &event, user);
    } else if (status == MAILC_OK && !move(session, transport, &status)) {
      wait(connection->tcp.fd, transport->now_ms(transport->context), session);
    }
  }
  return status;
}

int main(int argc, char **argv) {
  struct connection connection;
  struct mailc_pop3 session;
  enum mailc_status status = MAILC_OK;

  if (argc != 4) {
    return tell("event_loop HOST PORT USER", MAILC_E_ARGUMENT);
  }
  status = connection_open_pop3(&connection, argv[1], argv[2], true, &session);
  status = status == MAILC_OK ? run(&connection, &session, text_of(argv[3]))
                              : status;
  connection_free(&connection);
  return tell(argv[1], status);
}
