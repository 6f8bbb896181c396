/* Random walks through a session: commands in any order, answers that mostly
 * fit, pieces of any size. Whatever happens, the queue and the octets agree,
 * and each command is answered once. */
#include "common/link.h"
#include "pop3/pop3_fsm.h"
#include "pop3_talk.h"

#define WALK_COUNT 8000
#define STEP_COUNT 250

static uint32_t seed;

/* A number below `end`. */
static unsigned draw(unsigned end) {
  seed = seed * 1664525u + 1013904223u;
  return (seed >> 16) % end;
}

struct walk {
  struct talk talk;
  struct mailc_login login;
  unsigned command_count; /* taken by the session */
  unsigned answer_count;  /* last events of commands */
};

static void give(struct walk *walk) {
  static const char *const lines[] = {
      "CAPA",    "USER a", "PASS a", "STAT",   "LIST",   "LIST 1", "UIDL",
      "RETR 1",  "DELE 1", "NOOP",   "RSET",   "QUIT",   "STLS",   "UTF8",
      "TOP 1 2", "LANG",   "LANG a", "PASS b", "RETR 2", "USER b"};
  static const char *const mechs[] = {"PLAIN", "X"};
  struct mailc_pop3 *session = &walk->talk.session;
  unsigned which = draw(25);
  enum mailc_status status = MAILC_OK;

  if (which < sizeof lines / sizeof lines[0]) {
    status = talk_give(&walk->talk, lines[which]);
  } else if (which == 20) {
    status = mailc_pop3_auth(session, &walk->login);
    if (status != MAILC_OK && session->queue_count == 0) {
      walk->login.mech = talk_span(mechs[draw(2)]);
    }
  } else {
    (void)(which == 21 ? mailc_pop3_cancel(session)
                       : mailc_pop3_answer(session, talk_span("a")));
    return;
  }
  walk->command_count += status == MAILC_OK;
}

static void send(struct walk *walk) {
  size_t len = 0;

  if (mailc_pop3_tx_buf(&walk->talk.session, &len) != NULL) {
    len = draw(2) == 0 ? len : 1 + draw((unsigned)len);
    CHECK(mailc_pop3_tx_ack(&walk->talk.session, len) == MAILC_OK);
  }
}

/* An answer that fits what the session waits for. */
static const char *fitting(const struct mailc_pop3 *session) {
  unsigned command = session->queue_count == 0 ? MAILC_POP3_NO_COMMAND
                                               : session->queue[0].command;

  if (session->reading == MAILC_POP3_READ_DATA) {
    return "x\r\n..\r\n.\r\n";
  }
  if (session->reading == MAILC_POP3_READ_LINES) {
    return ".\r\n";
  }
  if (command != MAILC_POP3_NO_COMMAND && draw(4) == 0) {
    return "-ERR\r\n";
  }
  if (command == MAILC_POP3_CAPA) {
    return "+OK\r\nPIPELINING\r\nSASL PLAIN\r\nSTLS\r\nUTF8\r\nLANG\r\n.\r\n";
  }
  return command == MAILC_POP3_AUTH && draw(2) == 0 ? "+ YQ==\r\n"
                                                    : "+OK 1 2\r\n";
}

static void receive(struct walk *walk) {
  struct mailc_pop3 *session = &walk->talk.session;
  size_t unsent = 0;
  size_t room = 0;
  uint8_t *at = NULL;
  const char *answer = fitting(session);

  (void)mailc_pop3_tx_buf(session, &unsent);
  if (session->reading == MAILC_POP3_READ_NOTHING || unsent != 0) {
    return;
  }
  if (session->link.wants_tls) {
    (void)mailc_pop3_tls_up(session);
    return;
  }
  at = mailc_pop3_rx_buf(session, &room);
  if (at != NULL && strlen(answer) <= room) {
    if (draw(60) == 0) {
      memset(at, '+', strlen(answer));
    } else {
      memcpy(at, answer, strlen(answer));
    }
    CHECK(mailc_pop3_rx_ack(session, strlen(answer)) == MAILC_OK);
  }
}

static void take(struct walk *walk) {
  struct mailc_pop3_event event;

  (void)mailc_pop3_next(&walk->talk.session, &event);
  walk->answer_count +=
      event.kind == MAILC_POP3_EVENT_END ||
      (event.kind == MAILC_POP3_EVENT_REPLY && !event.has_more);
}

static void check(const struct walk *walk) {
  const struct mailc_pop3 *session = &walk->talk.session;
  size_t queued = 0;

  CHECK(session->queue_count <= session->queue_cap);
  CHECK(session->link.tx_sent <= session->link.tx_len);
  CHECK(session->link.tx_held <= mailc_link_unsent(&session->link));
  for (unsigned i = 0; i < session->queue_count; i++) {
    queued += session->queue[i].line_len;
  }
  CHECK(session->link.tx_held <= queued);
  CHECK((session->state == MAILC_POP3_ST_FAILED) ==
        (session->link.status != MAILC_OK));
  if (session->link.status == MAILC_OK &&
      session->event.kind == MAILC_POP3_EVENT_NONE) {
    CHECK(walk->command_count == walk->answer_count + session->queue_count);
  }
}

static void test_the_queue_and_the_octets_always_agree(void) {
  static void (*const steps[])(struct walk *) = {give, give,    give, send,
                                                 take, receive, take, receive};
  static bool is_reached[MAILC_POP3_ST_ANY];
  struct walk walk;

  for (unsigned i = 0; i < WALK_COUNT; i++) {
    seed = i;
    memset(&walk, 0, sizeof walk);
    talk_begin(&walk.talk);
    walk.talk.session.link.trace_moves = draw(2) == 0;
    walk.talk.session.queue_cap = (uint8_t)(1 + draw(8));
    walk.talk.session.offers = draw(2) == 0 ? 0 : UINT16_MAX;
    walk.login = (struct mailc_login){.mech = MAILC_SPAN("PLAIN"),
                                      .user = MAILC_SPAN("u"),
                                      .secret = MAILC_SPAN("s")};
    CHECK(mailc_pop3_connected(&walk.talk.session) == MAILC_OK);
    for (unsigned step = 0; step < STEP_COUNT; step++) {
      steps[draw(sizeof steps / sizeof steps[0])](&walk);
      is_reached[walk.talk.session.state] = true;
      check(&walk);
    }
  }
  for (unsigned state = 1; state < MAILC_POP3_ST_ANY; state++) {
    CHECK(is_reached[state] || state == MAILC_POP3_ST_WAIT_APOP ||
          state == MAILC_POP3_ST_WAIT_UIDL_ONE);
  }
}

int main(void) {
  test_the_queue_and_the_octets_always_agree();
  return check_status();
}
