/* The table of moves: every pair of state and event that is no row is refused,
 * and ANY stands for all states that are not over. */
#include "pop3/pop3_fsm.h"
#include "pop3_talk.h"

struct row {
  enum mailc_pop3_state state;
  enum mailc_pop3_fsm_event event;
  enum mailc_pop3_state next;
};

#define ROW(state, event, action, next, source)                                \
  {MAILC_POP3_ST_##state, MAILC_POP3_EV_##event, MAILC_POP3_ST_##next},
static const struct row rows[] = {
#include "pop3/pop3_fsm.def"
};
#undef ROW

#define ROW_COUNT (sizeof rows / sizeof rows[0])
#define EVENT_COUNT ((unsigned)MAILC_POP3_EV_TIMEOUT + 1)

static bool is_over(unsigned state) {
  return state == MAILC_POP3_ST_CLOSED || state == MAILC_POP3_ST_FAILED;
}

/* The state that a pair leads to; ANY if it is no move. */
static unsigned next_state(unsigned state, unsigned event) {
  unsigned next = MAILC_POP3_ST_ANY;

  for (size_t i = 0; i < ROW_COUNT && !is_over(state); i++) {
    if (rows[i].event == event && rows[i].state == state) {
      return rows[i].next;
    }
    if (rows[i].event == event && rows[i].state == MAILC_POP3_ST_ANY) {
      next = rows[i].next;
    }
  }
  return next;
}

static void test_every_pair_moves_as_the_rows_say(void) {
  struct talk talk;

  for (unsigned state = 0; state < MAILC_POP3_ST_ANY; state++) {
    for (unsigned event = 0; event < EVENT_COUNT; event++) {
      unsigned next = next_state(state, event);

      talk_begin(&talk);
      talk.session.state = (uint8_t)state;
      CHECK(mailc_pop3_can(&talk.session, (enum mailc_pop3_fsm_event)event) ==
            (next != MAILC_POP3_ST_ANY));
      mailc_pop3_step(&talk.session, (enum mailc_pop3_fsm_event)event,
                      MAILC_E_CLOSED);
      if (next != MAILC_POP3_ST_ANY) {
        CHECK(talk.session.state == next);
        CHECK(talk.session.link.move.event == event);
      } else {
        CHECK(talk.session.state ==
              (is_over(state) ? state : (unsigned)MAILC_POP3_ST_FAILED));
        CHECK(is_over(state) || talk.session.link.status == MAILC_E_REPLY);
      }
    }
  }
}

static void test_every_state_is_reached_and_none_but_the_ends_is_a_trap(void) {
  for (unsigned state = 0; state < MAILC_POP3_ST_ANY; state++) {
    bool is_reached = state == MAILC_POP3_ST_START;
    bool is_left = is_over(state);

    for (size_t i = 0; i < ROW_COUNT; i++) {
      is_reached = is_reached || rows[i].next == state;
      is_left = is_left || rows[i].state == state;
    }
    CHECK(is_reached);
    CHECK(is_left);
  }
}

/* Every command in a state that no row allows it in. */
static void test_commands_in_the_wrong_state_change_nothing(void) {
  static const char *const commands[] = {
      "CAPA", "USER a", "PASS a", "STAT",    "LIST",   "LIST 1",
      "UIDL", "UIDL 1", "RETR 1", "TOP 1 1", "DELE 1", "NOOP",
      "RSET", "QUIT",   "STLS",   "UTF8",    "LANG",   "LANG de"};
  static const uint8_t events[] = {
      MAILC_POP3_EV_CMD_CAPA, MAILC_POP3_EV_CMD_USER,
      MAILC_POP3_EV_CMD_PASS, MAILC_POP3_EV_CMD_STAT,
      MAILC_POP3_EV_CMD_LIST, MAILC_POP3_EV_CMD_LIST_ONE,
      MAILC_POP3_EV_CMD_UIDL, MAILC_POP3_EV_CMD_UIDL_ONE,
      MAILC_POP3_EV_CMD_RETR, MAILC_POP3_EV_CMD_TOP,
      MAILC_POP3_EV_CMD_DELE, MAILC_POP3_EV_CMD_NOOP,
      MAILC_POP3_EV_CMD_RSET, MAILC_POP3_EV_CMD_QUIT,
      MAILC_POP3_EV_CMD_STLS, MAILC_POP3_EV_CMD_UTF8,
      MAILC_POP3_EV_CMD_LANG, MAILC_POP3_EV_CMD_LANG_TO};
  struct talk talk;
  size_t len = 0;

  for (unsigned state = 0; state < MAILC_POP3_ST_ANY; state++) {
    for (size_t i = 0; i < sizeof events; i++) {
      bool is_move = next_state(state, events[i]) != MAILC_POP3_ST_ANY;

      talk_begin(&talk);
      talk.session.state = (uint8_t)state;
      talk.session.offers = UINT16_MAX;
      CHECK(talk_give(&talk, commands[i]) ==
            (is_move ? MAILC_OK : MAILC_E_STATE));
      CHECK(is_move || talk.session.state == state);
      (void)mailc_pop3_tx_buf(&talk.session, &len);
      CHECK((len != 0) == is_move);
    }
  }
}

static void test_names_are_those_of_the_rows(void) {
  CHECK(strcmp(mailc_pop3_state_name(MAILC_POP3_ST_START), "START") == 0);
  CHECK(strcmp(mailc_pop3_state_name(MAILC_POP3_ST_FAILED), "FAILED") == 0);
  CHECK(strcmp(mailc_pop3_state_name(MAILC_POP3_ST_ANY), "?") == 0);
  CHECK(strcmp(mailc_pop3_event_name(MAILC_POP3_EV_TIMEOUT), "TIMEOUT") == 0);
  CHECK(strcmp(mailc_pop3_event_name(UINT8_MAX), "?") == 0);
}

int main(void) {
  test_every_pair_moves_as_the_rows_say();
  test_every_state_is_reached_and_none_but_the_ends_is_a_trap();
  test_commands_in_the_wrong_state_change_nothing();
  test_names_are_those_of_the_rows();
  return check_status();
}
