#include "smtp.h"

#include "wrap.h"

#include <string.h>

/* The choices of an input's fifth octet; the first bits of the sixth have the
 * policy. */
enum choice {
  CHOOSE_LMTP = 1,
  CHOOSE_TLS = 2,
  CHOOSE_LF_TO_CRLF = 4,
  CHOOSE_NUL = 8,
  CHOOSE_8BIT = 16,
  CHOOSE_LONG_LINES = 32,
  CHOOSE_UNLISTED_AUTH = 64,
  CHOOSE_SMALL_LIMITS = 128
};

/* The small limits. */
#define LINE_MAX 5u
#define CAPABILITY_MAX 3u
#define REPLY_MAX 700u

static const struct mailc_limits small_limits = {.reply_max = REPLY_MAX,
                                                 .line_max = LINE_MAX,
                                                 .capability_max =
                                                     CAPABILITY_MAX};

#define POLICY_BITS 3u
#define CHOOSE_ONE_SLOT 4u

static struct fuzz_engine engine_of_smtp;
static struct fuzz_message message;
static bool is_lmtp;
static bool is_limited;
static size_t reply_len;      /* of the text of a reply, so far */
static size_t accepted_count; /* recipients of this message */

FUZZ_WRAP(smtp)

/* The answers to a message: one, or in LMTP one for each recipient. */
static void take_verdict(struct fuzz_engine *engine,
                         const struct mailc_smtp_event *event) {
  bool is_last = !is_lmtp || event->code == 421 || --accepted_count == 0;

  message.was_accepted = message.was_accepted || event->status == MAILC_OK;
  FUZZ_REQUIRE(event->code == 421 || !engine->is_in_message);
  if (is_last && event->status == MAILC_OK) {
    FUZZ_REQUIRE(mailc_smtp_delivery(engine->session) == MAILC_DELIVERY_SENT);
  }
  fuzz_answered(engine, event->command, is_last);
}

static void take_reply(struct fuzz_engine *engine,
                       const struct mailc_smtp_event *event) {
  bool is_dropped = event->status == MAILC_E_DROPPED;

  FUZZ_REQUIRE(is_dropped || (event->code >= 200 && event->code <= 599));
  FUZZ_REQUIRE(event->status != MAILC_OK || event->code < 400);
  if (event->command == MAILC_SMTP_NO_COMMAND) {
    FUZZ_REQUIRE(event->code == 421); /* which may come at any time */
    return;
  }
  if (event->command == MAILC_SMTP_MESSAGE) {
    take_verdict(engine, event);
    return;
  }
  if (event->command == MAILC_SMTP_AUTH && engine->has_login) {
    fuzz_check_login(engine, event->status);
    engine->has_login = false;
  }
  if (event->command == MAILC_SMTP_MAIL) {
    accepted_count = 0;
  }
  if (event->command == MAILC_SMTP_RCPT && event->status == MAILC_OK) {
    accepted_count++;
  }
  fuzz_answered(engine, event->command, true);
}

/* EHLO that is refused is followed by HELO, without the caller (RFC 5321
 * section 3.2). */
static void follow_fallback(struct fuzz_engine *engine, unsigned command) {
  if (command == MAILC_SMTP_HELO && engine->asked_count != 0 &&
      engine->asked[0] == MAILC_SMTP_EHLO) {
    engine->asked[0] = MAILC_SMTP_HELO;
  }
}

/* No reply is reported beyond the limits. */
static void check_limits(const struct mailc_smtp_event *event) {
  reply_len =
      event->line_no <= 1 ? event->text.len : reply_len + event->text.len;
  if (is_limited && event->kind != MAILC_SMTP_EVENT_NONE) {
    FUZZ_REQUIRE(event->line_no <= LINE_MAX && reply_len <= REPLY_MAX);
    FUZZ_REQUIRE(event->command != MAILC_SMTP_EHLO || event->code / 100 != 2 ||
                 event->line_no <= 1 + CAPABILITY_MAX);
  }
}

static void take_event(struct fuzz_engine *engine,
                       const struct mailc_smtp_event *event) {
  fuzz_check_span(engine, event->text);
  check_limits(event);
  follow_fallback(engine, event->command);
  switch (event->kind) {
  case MAILC_SMTP_EVENT_NONE:
    break;
  case MAILC_SMTP_EVENT_MOVE:
    fuzz_check_move(engine, "smtp", event->move);
    break;
  case MAILC_SMTP_EVENT_GREETING:
    FUZZ_REQUIRE(engine->sent_len == 0);
    break;
  case MAILC_SMTP_EVENT_LINE:
    FUZZ_REQUIRE(event->line_no != 0);
    if (event->command != MAILC_SMTP_NO_COMMAND) {
      fuzz_answered(engine, event->command, false);
    }
    break;
  case MAILC_SMTP_EVENT_CHALLENGE:
    fuzz_answered(engine, MAILC_SMTP_AUTH, false);
    break;
  case MAILC_SMTP_EVENT_REPLY:
    take_reply(engine, event);
    break;
  }
}

static void check_delivery(const struct fuzz_engine *engine) {
  enum mailc_delivery delivery = mailc_smtp_delivery(engine->session);

  FUZZ_REQUIRE(delivery != MAILC_DELIVERY_SENT || message.was_accepted);
  FUZZ_REQUIRE(delivery != MAILC_DELIVERY_UNKNOWN || message.was_ended);
}

static enum mailc_status next(struct fuzz_engine *engine, bool *is_none) {
  struct mailc_smtp_event event;
  enum mailc_status status = mailc_smtp_next(engine->session, &event);

  *is_none = event.kind == MAILC_SMTP_EVENT_NONE;
  take_event(engine, &event);
  if (*is_none) {
    check_delivery(engine);
  }
  return status;
}

static void look_at_sent(struct fuzz_engine *engine) {
  if (engine->is_in_message) {
    fuzz_message_check(&message, engine, false);
  }
}

/* A piece of a message, good or bad, by number. */
static struct mailc_span piece(uint8_t number) {
  static uint8_t long_line[1000];
  static struct mailc_span pieces[] = {
      FUZZ_TEXT("Subject: x\r\n\r\nHello.\r\n"),
      FUZZ_TEXT("."),
      FUZZ_TEXT(".\r\n"),
      FUZZ_TEXT("\r\n"),
      FUZZ_TEXT("\r"),
      FUZZ_TEXT("\n"),
      FUZZ_TEXT(""),
      FUZZ_TEXT("..\r\n.a\r\n\r\n.\r\n"),
      FUZZ_TEXT("a\nb"),
      FUZZ_TEXT("\xC3\xA9"),
      FUZZ_TEXT("\0"),
      {long_line, 998},
      {long_line, 1000},
      {long_line, 129},
      {long_line, 200},
  };
  static bool is_placed;
  size_t count = sizeof pieces / sizeof pieces[0];

  memset(long_line, 'y', sizeof long_line);
  for (size_t i = 0; i < count && !is_placed; i++) {
    pieces[i] = fuzz_place_text(FUZZ_AREA_COUNT - 1 - (unsigned)i, pieces[i]);
  }
  is_placed = true;
  return pieces[number % count];
}

/* Parameters of MAIL and RCPT, good or bad, by number. */
static size_t choose_params(uint8_t number, struct mailc_span params[2]) {
  static const struct mailc_span all[] = {
      FUZZ_TEXT("BODY=8BITMIME"),  FUZZ_TEXT("BODY=BINARYMIME"),
      FUZZ_TEXT("SIZE=100"),       FUZZ_TEXT("SMTPUTF8"),
      FUZZ_TEXT("RET=HDRS"),       FUZZ_TEXT("ENVID=a+2Bb"),
      FUZZ_TEXT("AUTH=<>"),        FUZZ_TEXT("NOTIFY=SUCCESS,DELAY"),
      FUZZ_TEXT("ORCPT=rfc822;a"), FUZZ_TEXT("SIZE=99999999999"),
      FUZZ_TEXT("X=\r\n"),         {NULL, 0},
  };
  size_t count = sizeof all / sizeof all[0];

  params[0] = all[number % count];
  params[1] = all[(number + 4u) % count];
  return number == 0 ? 0 : 1 + number % 2u;
}

static enum mailc_status give_envelope(struct mailc_smtp *session,
                                       unsigned number, uint8_t argument) {
  struct mailc_span params[2];
  size_t count = choose_params(argument >> 4, params);
  struct mailc_span path = fuzz_text(argument & 15u);

  return number == FUZZ_SMTP_MAIL
             ? mailc_smtp_mail(session, path, params, count)
             : mailc_smtp_rcpt(session, path, params, count);
}

/* What belongs to a message. */
static enum mailc_status give_message(struct fuzz_engine *engine,
                                      unsigned number, uint8_t argument,
                                      bool *may_change) {
  struct mailc_smtp *session = engine->session;
  bool is_last = number == FUZZ_SMTP_BDAT_LAST;
  enum mailc_status status = MAILC_OK;

  if (number == FUZZ_SMTP_BODY) {
    status = mailc_smtp_body(session, piece(argument));
  } else if (number == FUZZ_SMTP_END) {
    status = mailc_smtp_end(session);
  } else {
    status = mailc_smtp_bdat(session, piece(argument), is_last);
  }
  /* A message with such an octet cannot be taken back. */
  *may_change = status == MAILC_E_MESSAGE &&
                (number == FUZZ_SMTP_BODY || number == FUZZ_SMTP_END);
  if (status != MAILC_OK) {
    return status;
  }
  if (number == FUZZ_SMTP_BODY) {
    fuzz_message_body(&message, engine, piece(argument));
  } else if (number == FUZZ_SMTP_END) {
    fuzz_message_end(&message, engine);
    fuzz_asked(engine, MAILC_SMTP_MESSAGE);
  } else {
    fuzz_message_chunk(&message, engine, piece(argument), is_last);
    fuzz_asked(engine, is_last ? MAILC_SMTP_MESSAGE : MAILC_SMTP_BDAT);
  }
  return status;
}

/* The commands that have a text. */
static enum mailc_status give_text(struct mailc_smtp *session, unsigned number,
                                   struct mailc_span text) {
  switch (number) {
  case FUZZ_SMTP_EHLO:
    return mailc_smtp_ehlo(session, text);
  case FUZZ_SMTP_HELO:
    return mailc_smtp_helo(session, text);
  case FUZZ_SMTP_LHLO:
    return mailc_smtp_lhlo(session, text);
  case FUZZ_SMTP_VRFY:
    return mailc_smtp_vrfy(session, text);
  case FUZZ_SMTP_EXPN:
    return mailc_smtp_expn(session, text);
  default:
    return mailc_smtp_help(session, text);
  }
}

typedef enum mailc_status plain_command(struct mailc_smtp *session);

/* What a command of an input is to a session. */
static const struct {
  plain_command *plain;
  enum mailc_smtp_command command;
} commands[FUZZ_SMTP_COMMAND_COUNT] = {
    [FUZZ_SMTP_EHLO] = {NULL, MAILC_SMTP_EHLO},
    [FUZZ_SMTP_HELO] = {NULL, MAILC_SMTP_HELO},
    [FUZZ_SMTP_LHLO] = {NULL, MAILC_SMTP_LHLO},
    [FUZZ_SMTP_STARTTLS] = {mailc_smtp_starttls, MAILC_SMTP_STARTTLS},
    [FUZZ_SMTP_AUTH] = {NULL, MAILC_SMTP_AUTH},
    [FUZZ_SMTP_MAIL] = {NULL, MAILC_SMTP_MAIL},
    [FUZZ_SMTP_RCPT] = {NULL, MAILC_SMTP_RCPT},
    [FUZZ_SMTP_DATA] = {mailc_smtp_data, MAILC_SMTP_DATA},
    [FUZZ_SMTP_RSET] = {mailc_smtp_rset, MAILC_SMTP_RSET},
    [FUZZ_SMTP_NOOP] = {mailc_smtp_noop, MAILC_SMTP_NOOP},
    [FUZZ_SMTP_VRFY] = {NULL, MAILC_SMTP_VRFY},
    [FUZZ_SMTP_EXPN] = {NULL, MAILC_SMTP_EXPN},
    [FUZZ_SMTP_HELP] = {NULL, MAILC_SMTP_HELP},
    [FUZZ_SMTP_QUIT] = {mailc_smtp_quit, MAILC_SMTP_QUIT},
    [FUZZ_SMTP_CANCEL] = {mailc_smtp_cancel, MAILC_SMTP_NO_COMMAND},
    [FUZZ_SMTP_ABORT] = {mailc_smtp_abort, MAILC_SMTP_NO_COMMAND},
};

static enum mailc_status log_in(struct fuzz_engine *engine, uint8_t choice) {
  struct mailc_login *login = fuzz_login(engine, choice);
  enum mailc_mech best =
      mailc_smtp_best_mech(engine->session, fuzz_mech_set(login));
  enum mailc_status status = mailc_smtp_auth(engine->session, login);

  fuzz_check_best(login, best, status);
  return status;
}

static enum mailc_status give_any(struct fuzz_engine *engine, unsigned number,
                                  uint8_t argument, bool *may_change) {
  switch (number) {
  case FUZZ_SMTP_AUTH:
    return log_in(engine, argument);
  case FUZZ_SMTP_ANSWER:
    return mailc_smtp_answer(engine->session,
                             argument == 0 ? FUZZ_SECRET : fuzz_text(argument));
  case FUZZ_SMTP_MAIL:
  case FUZZ_SMTP_RCPT:
    return give_envelope(engine->session, number, argument);
  case FUZZ_SMTP_BODY:
  case FUZZ_SMTP_END:
  case FUZZ_SMTP_BDAT:
  case FUZZ_SMTP_BDAT_LAST:
    return give_message(engine, number, argument, may_change);
  default:
    return commands[number].plain != NULL
               ? commands[number].plain(engine->session)
               : give_text(engine->session, number, fuzz_text(argument));
  }
}

static enum mailc_status give(struct fuzz_engine *engine, unsigned number,
                              uint8_t argument, bool *may_change) {
  enum mailc_status status = give_any(engine, number, argument, may_change);

  if (status != MAILC_OK) {
    return status;
  }
  if (commands[number].command != MAILC_SMTP_NO_COMMAND) {
    fuzz_asked(engine, commands[number].command);
  }
  if (number == FUZZ_SMTP_AUTH) {
    engine->login_at = 1 - engine->login_at;
    engine->has_login = true;
  }
  return status;
}

static const struct fuzz_protocol protocol = {
    FUZZ_WRAPPED,
    .session_size = sizeof(struct mailc_smtp),
    .command_count = FUZZ_SMTP_COMMAND_COUNT,
    .next = next,
    .give = give,
    .sent = look_at_sent};

static void begin(struct fuzz_engine *engine) {
  unsigned chosen = engine->flags[0];
  size_t queue_cap =
      (engine->flags[1] & CHOOSE_ONE_SLOT) != 0 ? 1 : engine->queue_cap;
  size_t queue_len = queue_cap * sizeof(struct mailc_smtp_slot);
  struct mailc_smtp_config config = {
      .rx = engine->rx,
      .tx = engine->tx,
      .queue = (void *)fuzz_place(FUZZ_AREA_QUEUE, queue_len, true),
      .queue_cap = queue_cap,
      .limits = is_limited ? &small_limits : NULL,
      .hash = engine->hash,
      .now_ms = engine->now_ms,
      .timeout_ms = 400,
      .delivery_timeout_ms = 900,
      .policy = (enum mailc_policy)((engine->flags[1] & POLICY_BITS) % 3u),
      .lf_to_crlf = (chosen & CHOOSE_LF_TO_CRLF) != 0,
      .allow_nul = (chosen & CHOOSE_NUL) != 0,
      .allow_8bit = (chosen & CHOOSE_8BIT) != 0,
      .allow_long_lines = (chosen & CHOOSE_LONG_LINES) != 0,
      .is_lmtp = is_lmtp,
      .has_tls = (chosen & CHOOSE_TLS) != 0,
      .allow_unlisted_auth = (chosen & CHOOSE_UNLISTED_AUTH) != 0,
      .trace_moves = engine->trace_moves};

  FUZZ_REQUIRE(mailc_smtp_init(engine->session, sizeof(struct mailc_smtp),
                               &config) == MAILC_OK);
  FUZZ_REQUIRE(mailc_smtp_connected(engine->session) == MAILC_OK);
}

void fuzz_smtp(struct fuzz_input *input) {
  struct fuzz_engine *engine = &engine_of_smtp;

  fuzz_engine_begin(engine, &protocol, input);
  is_lmtp = (engine->flags[0] & CHOOSE_LMTP) != 0;
  is_limited = (engine->flags[0] & CHOOSE_SMALL_LIMITS) != 0;
  accepted_count = 0;
  reply_len = 0;
  memset(&message, 0, offsetof(struct fuzz_message, octets));
  message.lf_to_crlf = (engine->flags[0] & CHOOSE_LF_TO_CRLF) != 0;
  begin(engine);
  fuzz_engine_run(engine, input);
}
