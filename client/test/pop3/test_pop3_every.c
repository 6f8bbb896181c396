/* Every function of a POP3 session in every situation in which it has to
 * refuse. That it then changes and sends nothing is seen to by recorder/. */
#include "pop3_talk.h"

/* Where a command is allowed. */
enum stage { NEVER, GREETED, USER_ACCEPTED, LOGGED_IN, STAGE_COUNT };

static const struct mailc_login login = {.mech = MAILC_SPAN_INIT("PLAIN"),
                                         .user = MAILC_SPAN_INIT("mrose"),
                                         .secret = MAILC_SPAN_INIT("tanstaaf")};
static const struct mailc_span text = MAILC_SPAN_INIT("text");

#define CALL(name, ...)                                                        \
  static enum mailc_status call_##name(struct mailc_pop3 *session) {           \
    return mailc_pop3_##name(session, __VA_ARGS__);                            \
  }
CALL(tx_ack, 0)
CALL(rx_ack, 0)
CALL(tick, 1)
CALL(set_limit_ms, 1)
CALL(tls_failed, MAILC_E_TLS)
CALL(answer, text)
CALL(user, text)
CALL(pass, text)
CALL(apop, text, text)
CALL(auth, &login)
CALL(lang_to, text)
CALL(list_one, 1)
CALL(uidl_one, 1)
CALL(retr, 1)
CALL(top, 1, 1)
CALL(dele, 1)

static enum mailc_status call_next(struct mailc_pop3 *session) {
  struct mailc_pop3_event event;

  return mailc_pop3_next(session, &event);
}

static const struct {
  const char *name;
  enum mailc_status (*call)(struct mailc_pop3 *session);
  enum stage stage; /* where it is allowed; NEVER for what is no command */
} calls[] = {
    {"connected", mailc_pop3_connected, NEVER},
    {"tx_ack", call_tx_ack, NEVER},
    {"rx_ack", call_rx_ack, NEVER},
    {"rx_eof", mailc_pop3_rx_eof, NEVER},
    {"tick", call_tick, NEVER},
    {"set_limit_ms", call_set_limit_ms, NEVER},
    {"tls_up", mailc_pop3_tls_up, NEVER},
    {"tls_failed", call_tls_failed, NEVER},
    {"next", call_next, NEVER},
    {"answer", call_answer, NEVER},
    {"cancel", mailc_pop3_cancel, NEVER},
    {"capa", mailc_pop3_capa, GREETED},
    {"stls", mailc_pop3_stls, GREETED},
    {"user", call_user, GREETED},
    {"pass", call_pass, USER_ACCEPTED},
    {"apop", call_apop, GREETED},
    {"auth", call_auth, GREETED},
    {"utf8", mailc_pop3_utf8, GREETED},
    {"lang", mailc_pop3_lang, GREETED},
    {"lang_to", call_lang_to, GREETED},
    {"stat", mailc_pop3_stat, LOGGED_IN},
    {"list", mailc_pop3_list, LOGGED_IN},
    {"list_one", call_list_one, LOGGED_IN},
    {"uidl", mailc_pop3_uidl, LOGGED_IN},
    {"uidl_one", call_uidl_one, LOGGED_IN},
    {"retr", call_retr, LOGGED_IN},
    {"top", call_top, LOGGED_IN},
    {"dele", call_dele, LOGGED_IN},
    {"noop", mailc_pop3_noop, LOGGED_IN},
    {"rset", mailc_pop3_rset, LOGGED_IN},
    {"quit", mailc_pop3_quit, LOGGED_IN},
};

#define CALL_COUNT (sizeof calls / sizeof calls[0])

static void check_call(struct talk *talk, size_t i, enum mailc_status status) {
  enum mailc_status got = calls[i].call(&talk->session);

  if (got != status) {
    (void)fprintf(stderr, "%s() gave %s\n", calls[i].name,
                  mailc_status_name(got));
  }
  CHECK(got == status);
}

static bool is_command(size_t i) { return calls[i].stage != NEVER; }

static bool is_silent(const struct talk *talk) {
  size_t len = 0;

  return mailc_pop3_tx_buf(&talk->session, &len) == NULL && len == 0;
}

static void test_no_session_is_an_argument_error(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    CHECK(calls[i].call(NULL) == MAILC_E_ARGUMENT);
  }
}

/* A session whose greeting was `octets`, or nothing in time if it is empty. */
static void fail_by(struct talk *talk, const char *octets) {
  talk_begin(talk);
  CHECK(mailc_pop3_connected(&talk->session) == MAILC_OK);
  if (octets[0] != '\0') {
    (void)talk_receive(talk, octets, strlen(octets), 999);
    CHECK(mailc_pop3_rx_eof(&talk->session) == MAILC_OK ||
          mailc_pop3_want(&talk->session) == MAILC_WANT_CLOSED);
  } else {
    CHECK(mailc_pop3_tick(&talk->session, 1400) == MAILC_OK);
  }
}

static void test_a_session_that_failed_says_why_and_nothing_else(void) {
  static char endless[MAILC_RX_CAP_MIN + 1];
  const struct {
    const char *octets;
    enum mailc_status status;
  } causes[] = {{"+NO\r\n", MAILC_E_REPLY},       {"+OK\n", MAILC_E_LINE_END},
                {"+OK", MAILC_E_CLOSED},          {"+OK\r\n+", MAILC_E_SURPLUS},
                {endless, MAILC_E_LINE_TOO_LONG}, {"", MAILC_E_TIMEOUT}};

  memset(endless, 'x', sizeof endless - 1);
  for (size_t cause = 0; cause < sizeof causes / sizeof causes[0]; cause++) {
    struct talk talk;

    fail_by(&talk, causes[cause].octets);
    CHECK(talk_take(&talk) == causes[cause].status);
    for (size_t i = 0; i < CALL_COUNT; i++) {
      check_call(&talk, i, causes[cause].status);
      CHECK(mailc_pop3_want(&talk.session) == MAILC_WANT_CLOSED);
      CHECK(is_silent(&talk));
    }
    CHECK(mailc_pop3_deadline_ms(&talk.session) == MAILC_NEVER);
  }
}

/* Brings a new session to a stage; NEVER is before it is connected. */
static void bring(struct talk *talk, enum stage stage, size_t queue_cap) {
  struct mailc_pop3_config config = talk_config(talk);

  config.queue_cap = queue_cap;
  if (stage == NEVER) {
    talk_begin_with(talk, &config);
    return;
  }
  talk_greeted_with(talk, &config);
  if (stage == USER_ACCEPTED) {
    CHECK(talk_exchange(talk, "USER mrose", "+OK\r\n", 9) == MAILC_OK);
  } else if (stage == LOGGED_IN) {
    talk_log_in(talk);
  }
}

/* CAPA, LANG and QUIT are allowed at more stages than one. */
static bool is_of_more_stages(size_t i) {
  return strcmp(calls[i].name, "capa") == 0 ||
         strncmp(calls[i].name, "lang", 4) == 0 ||
         strcmp(calls[i].name, "quit") == 0;
}

static void test_a_command_has_its_stage(void) {
  for (int stage = NEVER; stage < STAGE_COUNT; stage++) {
    struct talk talk;

    bring(&talk, (enum stage)stage, 8);
    for (size_t i = 0; i < CALL_COUNT; i++) {
      if (is_command(i) && (stage == NEVER || !is_of_more_stages(i)) &&
          calls[i].stage != (enum stage)stage) {
        check_call(&talk, i, MAILC_E_STATE);
      }
    }
  }
}

static void test_nothing_follows_quit_stls_and_auth(void) {
  static const char *const last[] = {"QUIT", "STLS", "AUTH"};

  for (size_t command = 0; command < 3; command++) {
    struct talk talk;

    bring(&talk, GREETED, 8);
    if (strcmp(last[command], "AUTH") == 0) {
      CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_OK);
    } else {
      CHECK(talk_give(&talk, last[command]) == MAILC_OK);
    }
    for (size_t i = 0; i < CALL_COUNT; i++) {
      if (is_command(i)) {
        check_call(&talk, i, MAILC_E_STATE);
      }
    }
  }
}

static void test_octets_are_taken_before_a_command(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    struct talk talk;
    size_t room = 0;

    if (is_command(i)) {
      bring(&talk, calls[i].stage, 8);
      *mailc_pop3_rx_buf(&talk.session, &room) = '+';
      CHECK(mailc_pop3_rx_ack(&talk.session, 1) == MAILC_OK);
      check_call(&talk, i, MAILC_E_EVENTS);
      CHECK(talk_take(&talk) == MAILC_E_SURPLUS);
    }
  }
}

static void test_a_queue_takes_no_more_than_it_holds(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    enum stage stage =
        calls[i].stage == USER_ACCEPTED ? GREETED : calls[i].stage;
    struct talk talk;

    if (is_command(i)) {
      bring(&talk, stage, 1);
      CHECK(talk_give(&talk, stage == LOGGED_IN ? "NOOP"
                             : calls[i].stage == USER_ACCEPTED
                                 ? "USER mrose"
                                 : "CAPA") == MAILC_OK);
      check_call(&talk, i, MAILC_E_QUEUE_FULL);
    }
  }
}

/* The longest argument of each command that has one; RFC 2449 section 4. */
static void test_an_argument_is_a_text_of_some_length(void) {
  static const struct {
    const char *name;
    enum mailc_status (*call)(struct mailc_pop3 *, struct mailc_span);
    enum stage stage;
  } commands[] = {{"USER", mailc_pop3_user, GREETED},
                  {"PASS", mailc_pop3_pass, USER_ACCEPTED},
                  {"LANG", mailc_pop3_lang_to, GREETED}};
  static uint8_t octets[MAILC_POP3_COMMAND_MAX];
  static const size_t longest =
      MAILC_POP3_COMMAND_MAX - (sizeof "USER \r\n" - 1);

  memset(octets, 'x', sizeof octets);
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    struct talk talk;

    bring(&talk, commands[i].stage, 8);
    CHECK(commands[i].call(&talk.session, (struct mailc_span){NULL, 0}) ==
          MAILC_E_ARGUMENT);
    CHECK(commands[i].call(&talk.session, (struct mailc_span){NULL, 1}) ==
          MAILC_E_ARGUMENT);
    CHECK(commands[i].call(&talk.session, (struct mailc_span){octets, 0}) ==
          MAILC_E_ARGUMENT);
    CHECK(commands[i].call(&talk.session, MAILC_SPAN("a\r\nQUIT")) ==
          MAILC_E_TEXT);
    CHECK(commands[i].call(&talk.session, MAILC_SPAN("a\0b")) == MAILC_E_TEXT);
    CHECK(commands[i].call(&talk.session,
                           (struct mailc_span){octets, longest + 1}) ==
          MAILC_E_TOO_LONG);
    CHECK(commands[i].call(&talk.session,
                           (struct mailc_span){octets, longest}) == MAILC_OK);
  }
}

/* Which of the logins each policy refuses without TLS. */
static void test_secrets_stay_where_the_policy_says(void) {
  struct talk talk;
  struct mailc_pop3_config config = talk_config(&talk);

  config.policy = MAILC_POLICY_TLS;
  talk_greeted_with(&talk, &config);
  CHECK(mailc_pop3_user(&talk.session, text) == MAILC_E_CLEAR_SECRET);
  CHECK(mailc_pop3_apop(&talk.session, text, text) == MAILC_E_CLEAR_SECRET);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_E_CLEAR_SECRET);
  config = talk_config(&talk);
  config.policy = MAILC_POLICY_OWN;
  talk_greeted_with(&talk, &config);
  CHECK(mailc_pop3_user(&talk.session, text) == MAILC_E_CLEAR_SECRET);
  CHECK(mailc_pop3_apop(&talk.session, text, text) == MAILC_E_NO_HASH);
  CHECK(mailc_pop3_auth(&talk.session, &login) == MAILC_E_CLEAR_SECRET);
  config.has_tls = true;
  talk_greeted_with(&talk, &config);
  CHECK(mailc_pop3_stls(&talk.session) == MAILC_E_STATE);
  CHECK(mailc_pop3_user(&talk.session, text) == MAILC_OK);
}

static void test_init_refuses_each_buffer_that_is_too_small(void) {
  struct talk talk;

  for (unsigned i = 0; i < 6; i++) {
    struct mailc_pop3_config config = talk_config(&talk);

    config.rx.cap = MAILC_RX_CAP_MIN - (i == 0 ? 1 : 0);
    config.tx.cap = MAILC_TX_CAP_MIN - (i == 1 ? 1 : 0);
    config.rx.data = i == 2 ? NULL : config.rx.data;
    config.tx.data = i == 3 ? NULL : config.tx.data;
    config.queue_cap = i == 4 ? 0 : config.queue_cap;
    CHECK(mailc_pop3_init(&talk.session, sizeof talk.session, &config) ==
          (i < 5 ? MAILC_E_ARGUMENT : MAILC_OK));
  }
}

int main(void) {
  test_no_session_is_an_argument_error();
  test_a_session_that_failed_says_why_and_nothing_else();
  test_a_command_has_its_stage();
  test_nothing_follows_quit_stls_and_auth();
  test_octets_are_taken_before_a_command();
  test_a_queue_takes_no_more_than_it_holds();
  test_an_argument_is_a_text_of_some_length();
  test_secrets_stay_where_the_policy_says();
  test_init_refuses_each_buffer_that_is_too_small();
  return check_status();
}
