/* Every function of an SMTP session in every situation in which it has to
 * refuse. That it then changes and sends nothing is seen to by recorder/. */
#include "smtp_talk.h"

/* Where a command is allowed. */
enum stage { NEVER, GREETED, READY, IN_MAIL, IN_RCPT, IN_DATA, STAGE_COUNT };

static const struct mailc_login login = {.mech = MAILC_SPAN_INIT("PLAIN"),
                                         .user = MAILC_SPAN_INIT("mrose"),
                                         .secret = MAILC_SPAN_INIT("tanstaaf")};
static const struct mailc_span text = MAILC_SPAN_INIT("text");

#define CALL(name, ...)                                                        \
  static enum mailc_status call_##name(struct mailc_smtp *session) {           \
    return mailc_smtp_##name(session, __VA_ARGS__);                            \
  }
CALL(tx_ack, 0)
CALL(rx_ack, 0)
CALL(tick, 1)
CALL(set_limit_ms, 1)
CALL(tls_failed, MAILC_E_TLS)
CALL(answer, text)
CALL(body, text)
CALL(ehlo, text)
CALL(helo, text)
CALL(lhlo, text)
CALL(auth, &login)
CALL(mail, text, NULL, 0)
CALL(rcpt, text, NULL, 0)
CALL(bdat, text, true)
CALL(vrfy, text)
CALL(expn, text)
CALL(help, text)

static enum mailc_status call_next(struct mailc_smtp *session) {
  struct mailc_smtp_event event;

  return mailc_smtp_next(session, &event);
}

static const struct {
  const char *name;
  enum mailc_status (*call)(struct mailc_smtp *session);
  enum stage stage; /* where it is allowed; NEVER for what is no command */
  bool is_queued;   /* it may stand behind MAIL or RCPT */
} calls[] = {
    {"connected", mailc_smtp_connected, NEVER, false},
    {"tx_ack", call_tx_ack, NEVER, false},
    {"rx_ack", call_rx_ack, NEVER, false},
    {"rx_eof", mailc_smtp_rx_eof, NEVER, false},
    {"tick", call_tick, NEVER, false},
    {"set_limit_ms", call_set_limit_ms, NEVER, false},
    {"tls_up", mailc_smtp_tls_up, NEVER, false},
    {"tls_failed", call_tls_failed, NEVER, false},
    {"next", call_next, NEVER, false},
    {"answer", call_answer, NEVER, false},
    {"cancel", mailc_smtp_cancel, NEVER, false},
    {"body", call_body, IN_DATA, false},
    {"end", mailc_smtp_end, IN_DATA, false},
    {"abort", mailc_smtp_abort, IN_DATA, false},
    {"ehlo", call_ehlo, GREETED, false},
    {"helo", call_helo, GREETED, false},
    {"lhlo", call_lhlo, GREETED, false},
    {"starttls", mailc_smtp_starttls, READY, false},
    {"auth", call_auth, READY, false},
    {"mail", call_mail, READY, false},
    {"rcpt", call_rcpt, IN_MAIL, true},
    {"data", mailc_smtp_data, IN_RCPT, true},
    {"bdat", call_bdat, IN_RCPT, true},
    {"rset", mailc_smtp_rset, READY, true},
    {"noop", mailc_smtp_noop, READY, false},
    {"vrfy", call_vrfy, READY, false},
    {"expn", call_expn, READY, false},
    {"help", call_help, READY, false},
    {"quit", mailc_smtp_quit, READY, true},
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

static bool is(size_t i, const char *name) {
  return strcmp(calls[i].name, name) == 0;
}

static bool is_command(size_t i) {
  return calls[i].stage != NEVER && calls[i].stage != IN_DATA;
}

static void test_no_session_is_an_argument_error(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    CHECK(calls[i].call(NULL) == MAILC_E_ARGUMENT);
  }
}

/* A session whose greeting was `octets`, or nothing in time if it is empty. */
static void fail_by(struct talk *talk, const char *octets) {
  talk_begin(talk);
  CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
  if (octets[0] != '\0') {
    (void)talk_receive(talk, octets);
    CHECK(mailc_smtp_rx_eof(&talk->session) == MAILC_OK ||
          mailc_smtp_want(&talk->session) == MAILC_WANT_CLOSED);
  } else {
    CHECK(mailc_smtp_tick(&talk->session, 1400) == MAILC_OK);
  }
}

static void test_a_session_that_failed_says_why_and_nothing_else(void) {
  static char endless[MAILC_RX_CAP_MIN + 1];
  const struct {
    const char *octets;
    enum mailc_status status;
  } causes[] = {{"NO\r\n", MAILC_E_REPLY},        {"220 a\n", MAILC_E_LINE_END},
                {"220 a", MAILC_E_CLOSED},        {"220\r\n+", MAILC_E_SURPLUS},
                {endless, MAILC_E_LINE_TOO_LONG}, {"", MAILC_E_TIMEOUT}};

  memset(endless, 'x', sizeof endless - 1);
  for (size_t cause = 0; cause < sizeof causes / sizeof causes[0]; cause++) {
    struct talk talk;

    fail_by(&talk, causes[cause].octets);
    CHECK(talk_take(&talk) == causes[cause].status);
    for (size_t i = 0; i < CALL_COUNT; i++) {
      check_call(&talk, i, causes[cause].status);
      CHECK(mailc_smtp_want(&talk.session) == MAILC_WANT_CLOSED);
      CHECK(talk_is_silent(&talk));
    }
    CHECK(mailc_smtp_deadline_ms(&talk.session) == MAILC_NEVER);
  }
}

/* Brings a new session to a stage; NEVER is before it is connected. LMTP where
 * the call is LHLO. */
static void bring(struct talk *talk, enum stage stage, bool is_lmtp) {
  struct mailc_smtp_config config = talk_config(talk);

  config.is_lmtp = is_lmtp;
  talk_begin_with(talk, &config);
  if (stage == GREETED) {
    CHECK(mailc_smtp_connected(&talk->session) == MAILC_OK);
    CHECK(talk_receive(talk, "220 ready\r\n") == MAILC_OK);
  }
  if (stage >= READY) {
    talk_go_ready(talk, "250-CHUNKING\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
  }
  if (stage >= IN_MAIL) {
    CHECK(talk_exchange(talk, "MAIL FROM:<a@b>", "250\r\n", 9) == MAILC_OK);
  }
  if (stage >= IN_RCPT) {
    CHECK(talk_exchange(talk, "RCPT TO:<b@c>", "250\r\n", 9) == MAILC_OK);
  }
  if (stage >= IN_DATA) {
    CHECK(talk_exchange(talk, "DATA", "354\r\n", 9) == MAILC_OK);
  }
}

/* QUIT and RSET are allowed at more stages than one, so is RCPT. */
static bool is_of_more_stages(size_t i) {
  return is(i, "quit") || is(i, "rset") || is(i, "rcpt");
}

static void test_a_command_has_its_stage(void) {
  for (int stage = NEVER; stage < STAGE_COUNT; stage++) {
    struct talk talk;

    bring(&talk, (enum stage)stage, false);
    for (size_t i = 0; i < CALL_COUNT; i++) {
      bool is_elsewhere = calls[i].stage != (enum stage)stage || is(i, "lhlo");

      if (calls[i].stage != NEVER && is_elsewhere &&
          (!is_of_more_stages(i) || stage == NEVER || stage == IN_DATA)) {
        check_call(&talk, i, MAILC_E_STATE);
      }
    }
  }
}

static void test_ehlo_and_helo_are_not_for_lmtp(void) {
  struct talk talk;

  bring(&talk, GREETED, true);
  CHECK(talk_give(&talk, "EHLO x") == MAILC_E_STATE);
  CHECK(talk_give(&talk, "HELO x") == MAILC_E_STATE);
  CHECK(talk_give(&talk, "LHLO x") == MAILC_OK);
}

static void test_octets_are_taken_before_a_command(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    struct talk talk;
    size_t room = 0;

    if (calls[i].stage != NEVER && !is(i, "abort")) {
      bring(&talk, calls[i].stage, is(i, "lhlo"));
      *mailc_smtp_rx_buf(&talk.session, &room) = '2';
      CHECK(mailc_smtp_rx_ack(&talk.session, 1) == MAILC_OK);
      check_call(&talk, i, MAILC_E_EVENTS);
      CHECK(talk_take(&talk) == MAILC_E_SURPLUS);
    }
  }
}

/* Without a queue there is room for the one that waits for its answer. */
static void test_a_queue_takes_no_more_than_it_holds(void) {
  for (size_t i = 0; i < CALL_COUNT; i++) {
    struct talk talk;

    if (is_command(i)) {
      bring(&talk, IN_MAIL, false);
      CHECK(talk_give(&talk, "RCPT TO:<b@c>") == MAILC_OK);
      check_call(&talk, i,
                 calls[i].is_queued ? MAILC_E_QUEUE_FULL : MAILC_E_STATE);
    }
  }
}

static enum mailc_status give_mail(struct mailc_smtp *session,
                                   struct mailc_span from) {
  return mailc_smtp_mail(session, from, NULL, 0);
}

static enum mailc_status give_rcpt(struct mailc_smtp *session,
                                   struct mailc_span to) {
  return mailc_smtp_rcpt(session, to, NULL, 0);
}

/* The longest argument of each command that has one; RFC 5321 section
 * 4.5.3.1.4. */
static void test_an_argument_is_a_text_of_some_length(void) {
  static const struct {
    const char *line; /* of the command without its argument */
    enum mailc_status (*call)(struct mailc_smtp *, struct mailc_span);
    enum stage stage;
    bool is_optional; /* the argument */
  } commands[] = {{"EHLO \r\n", mailc_smtp_ehlo, GREETED, false},
                  {"HELO \r\n", mailc_smtp_helo, GREETED, false},
                  {"LHLO \r\n", mailc_smtp_lhlo, GREETED, false},
                  {"MAIL FROM:<>\r\n", give_mail, READY, true},
                  {"RCPT TO:<>\r\n", give_rcpt, IN_MAIL, false},
                  {"VRFY \r\n", mailc_smtp_vrfy, READY, false},
                  {"EXPN \r\n", mailc_smtp_expn, READY, false},
                  {"HELP \r\n", mailc_smtp_help, READY, true}};
  static uint8_t octets[MAILC_SMTP_COMMAND_MAX];

  memset(octets, 'x', sizeof octets);
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    struct mailc_span argument = {octets, 0};
    struct talk talk;

    bring(&talk, commands[i].stage, commands[i].line[0] == 'L');
    CHECK(commands[i].is_optional ||
          commands[i].call(&talk.session, argument) == MAILC_E_ARGUMENT);
    CHECK(commands[i].call(&talk.session, (struct mailc_span){NULL, 1}) ==
          MAILC_E_ARGUMENT);
    CHECK(commands[i].call(&talk.session, MAILC_SPAN("a\r\nQUIT")) ==
          MAILC_E_TEXT);
    CHECK(commands[i].call(&talk.session, MAILC_SPAN("a\0b")) == MAILC_E_TEXT);
    if (commands[i].stage == GREETED) {
      argument.len = 256; /* a domain: RFC 5321 section 4.5.3.1.2 */
      CHECK(commands[i].call(&talk.session, argument) == MAILC_E_TOO_LONG);
      argument.len--;
      CHECK(commands[i].call(&talk.session, argument) == MAILC_OK);
      continue;
    }
    argument.len = MAILC_SMTP_COMMAND_MAX - strlen(commands[i].line) + 1;
    CHECK(commands[i].call(&talk.session, argument) == MAILC_E_TOO_LONG);
    argument.len--;
    CHECK(commands[i].call(&talk.session, argument) == MAILC_OK);
  }
}

static void test_mail_and_secrets_stay_where_the_policy_says(void) {
  struct talk talk;
  struct mailc_smtp_config config = talk_config(&talk);

  config.policy = MAILC_POLICY_TLS;
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 AUTH PLAIN CRAM-MD5\r\n");
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_CLEAR_SECRET);
  CHECK(talk_give(&talk, "MAIL FROM:<a@b>") == MAILC_E_CLEAR_MAIL);
  CHECK(mailc_smtp_best_mech(&talk.session, ~0u) == MAILC_MECH_CALLER);
  config = talk_config(&talk);
  config.policy = MAILC_POLICY_OWN;
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 AUTH PLAIN CRAM-MD5\r\n");
  CHECK(mailc_smtp_auth(&talk.session, &login) == MAILC_E_CLEAR_SECRET);
  CHECK(mailc_smtp_best_mech(&talk.session, ~0u) == MAILC_MECH_CALLER);
  config.has_tls = true;
  talk_begin_with(&talk, &config);
  talk_go_ready(&talk, "250 AUTH PLAIN CRAM-MD5\r\n");
  CHECK(mailc_smtp_best_mech(&talk.session, ~0u) == MAILC_MECH_PLAIN);
  CHECK(mailc_smtp_best_mech(NULL, ~0u) == MAILC_MECH_CALLER);
  CHECK(talk_give(&talk, "STARTTLS") == MAILC_E_STATE);
}

static void test_init_refuses_each_buffer_that_is_too_small(void) {
  struct talk talk;

  for (unsigned i = 0; i < 6; i++) {
    struct mailc_smtp_config config = talk_config(&talk);

    config.rx.cap = MAILC_RX_CAP_MIN - (i == 0 ? 1 : 0);
    config.tx.cap = MAILC_TX_CAP_MIN - (i == 1 ? 1 : 0);
    config.rx.data = i == 2 ? NULL : config.rx.data;
    config.tx.data = i == 3 ? NULL : config.tx.data;
    config.queue_cap = i == 4 ? 0 : config.queue_cap;
    CHECK(mailc_smtp_init(&talk.session, sizeof talk.session, &config) ==
          (i < 5 ? MAILC_E_ARGUMENT : MAILC_OK));
  }
}

int main(void) {
  test_no_session_is_an_argument_error();
  test_a_session_that_failed_says_why_and_nothing_else();
  test_a_command_has_its_stage();
  test_ehlo_and_helo_are_not_for_lmtp();
  test_octets_are_taken_before_a_command();
  test_a_queue_takes_no_more_than_it_holds();
  test_an_argument_is_a_text_of_some_length();
  test_mail_and_secrets_stay_where_the_policy_says();
  test_init_refuses_each_buffer_that_is_too_small();
  return check_status();
}
