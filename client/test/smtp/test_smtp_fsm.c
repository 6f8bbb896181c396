/* The table of moves: every pair of state and event that is no row is refused,
 * and ANY stands for all states that are not over. */
#include "smtp/smtp_fsm.h"
#include "smtp_talk.h"

struct row {
  enum mailc_smtp_state state;
  enum mailc_smtp_fsm_event event;
  enum mailc_smtp_state next;
};

#define ROW(state, event, action, next, source)                                \
  {MAILC_SMTP_ST_##state, MAILC_SMTP_EV_##event, MAILC_SMTP_ST_##next},
#define CHOICE ROW
static const struct row rows[] = {
#include "smtp/smtp_fsm.def"
};
#undef CHOICE
#undef ROW

#define ROW_COUNT (sizeof rows / sizeof rows[0])
#define EVENT_COUNT ((unsigned)MAILC_SMTP_EV_TIMEOUT + 1)

static bool is_over(unsigned state) {
  return state == MAILC_SMTP_ST_CLOSED || state == MAILC_SMTP_ST_FAILED;
}

/* The state that a pair leads to; ANY if it is no move. */
static unsigned next_state(unsigned state, unsigned event) {
  unsigned next = MAILC_SMTP_ST_ANY;

  for (size_t i = 0; i < ROW_COUNT && !is_over(state); i++) {
    if (rows[i].event == event && rows[i].state == state) {
      return rows[i].next;
    }
    if (rows[i].event == event && rows[i].state == MAILC_SMTP_ST_ANY) {
      next = rows[i].next;
    }
  }
  return next;
}

static void test_every_pair_moves_as_the_rows_say(void) {
  struct talk talk;

  for (unsigned state = 0; state < MAILC_SMTP_ST_ANY; state++) {
    for (unsigned event = 0; event < EVENT_COUNT; event++) {
      unsigned next = next_state(state, event);

      talk_begin(&talk);
      talk.session.state = (uint8_t)state;
      mailc_smtp_step(&talk.session, (enum mailc_smtp_fsm_event)event,
                      MAILC_E_CLOSED);
      if (next != MAILC_SMTP_ST_ANY) {
        CHECK(talk.session.state == next);
        CHECK(talk.session.link.move.event == event);
      } else {
        CHECK(talk.session.state ==
              (is_over(state) ? state : (unsigned)MAILC_SMTP_ST_FAILED));
        CHECK(is_over(state) || talk.session.link.status == MAILC_E_REPLY);
      }
    }
  }
}

static void test_every_state_is_reached_and_none_but_the_ends_is_a_trap(void) {
  for (unsigned state = 0; state < MAILC_SMTP_ST_ANY; state++) {
    bool is_reached = state == MAILC_SMTP_ST_START;
    bool is_left = is_over(state);

    for (size_t i = 0; i < ROW_COUNT; i++) {
      is_reached = is_reached || rows[i].next == state;
      is_left = is_left || rows[i].state == state;
    }
    CHECK(is_reached);
    CHECK(is_left);
  }
}

/* Every command in each state that has no row for it. The dot of a message
 * whose transaction is gone is the session's own. */
static void test_commands_in_the_wrong_state_change_nothing(void) {
  static const char *const commands[] = {
      "EHLO a", "HELO a", "MAIL FROM:<a>", "RCPT TO:<a>", "DATA",   "RSET",
      "NOOP",   "VRFY a", "QUIT",          ".",           "EXPN a", "HELP"};
  static const uint8_t events[] = {
      MAILC_SMTP_EV_CMD_EHLO, MAILC_SMTP_EV_CMD_HELO,
      MAILC_SMTP_EV_CMD_MAIL, MAILC_SMTP_EV_CMD_RCPT,
      MAILC_SMTP_EV_CMD_DATA, MAILC_SMTP_EV_CMD_RSET,
      MAILC_SMTP_EV_CMD_NOOP, MAILC_SMTP_EV_CMD_VRFY,
      MAILC_SMTP_EV_CMD_QUIT, MAILC_SMTP_EV_END_OF_DATA,
      MAILC_SMTP_EV_CMD_EXPN, MAILC_SMTP_EV_CMD_HELP};
  struct talk talk;
  size_t len = 0;

  for (unsigned state = 0; state < MAILC_SMTP_ST_ANY; state++) {
    for (size_t i = 0; i < sizeof events; i++) {
      bool is_move = state != MAILC_SMTP_ST_LOST_DATA &&
                     next_state(state, events[i]) != MAILC_SMTP_ST_ANY &&
                     mailc_smtp_may_begin((enum mailc_smtp_state)state,
                                          (enum mailc_smtp_fsm_event)events[i]);

      talk_begin(&talk);
      talk.session.state = (uint8_t)state;
      CHECK(talk_give(&talk, commands[i]) ==
            (is_move ? MAILC_OK : MAILC_E_STATE));
      CHECK(is_move || talk.session.state == state);
      (void)mailc_smtp_tx_buf(&talk.session, &len);
      CHECK((len != 0) == is_move);
    }
  }
}

static void test_names_are_those_of_the_rows(void) {
  CHECK(strcmp(mailc_smtp_state_name(MAILC_SMTP_ST_START), "START") == 0);
  CHECK(strcmp(mailc_smtp_state_name(MAILC_SMTP_ST_FAILED), "FAILED") == 0);
  CHECK(strcmp(mailc_smtp_state_name(MAILC_SMTP_ST_ANY), "?") == 0);
  CHECK(strcmp(mailc_smtp_event_name(MAILC_SMTP_EV_TIMEOUT), "TIMEOUT") == 0);
  CHECK(strcmp(mailc_smtp_event_name(UINT8_MAX), "?") == 0);
}

int main(void) {
  test_every_pair_moves_as_the_rows_say();
  test_every_state_is_reached_and_none_but_the_ends_is_a_trap();
  test_commands_in_the_wrong_state_change_nothing();
  test_names_are_those_of_the_rows();
  return check_status();
}
