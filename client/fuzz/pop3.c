#include "pop3.h"

#include "engine.h"
#include "wrap.h"

#include <mailc/pop3.h>
#include <string.h>

/* The choices of an input's fifth octet; the sixth has the policy. */
enum choice {
  CHOOSE_PASS_AFTER_APOP = 1,
  CHOOSE_TLS = 2,
  CHOOSE_PREPARED = 4,
  CHOOSE_SMALL_LIMITS = 8,
  CHOOSE_SHORT_TIMESTAMP = 16
};

#define TIMESTAMP_CAP 512u
#define SHORT_TIMESTAMP_CAP 24u

static const struct mailc_limits small_limits = {
    .reply_max = 700, .line_max = 5, .capability_max = 3};
static size_t item_count; /* lines of a list, so far */
static size_t capability_count;

static struct fuzz_engine engine_of_pop3;

/* A message that is being read: what came of it, and where in all that was
 * heard its first octet lies. */
static struct {
  uint8_t octets[FUZZ_KEPT_LEN];
  size_t len;
  size_t from;
} message;

FUZZ_WRAP(pop3)

/* Where in all that was heard an octet of the receive buffer is. */
static size_t heard_at(const struct fuzz_engine *engine, const uint8_t *octet) {
  return engine->heard_len - (size_t)(engine->rx_end - octet);
}

/* What the octets of a reply behind its first line are without the dots that
 * were stuffed and without the last line, which is a lone dot (RFC 1939 section
 * 3); compared with what the session made of them. */
static void check_message(const struct fuzz_engine *engine) {
  size_t len = 0;
  bool is_at_start = true;

  for (size_t i = message.from; i < engine->heard_len; i++) {
    const uint8_t *at = engine->heard + i;

    if (is_at_start && *at == '.') {
      if (engine->heard_len - i >= 3 && memcmp(at, ".\r\n", 3) == 0) {
        FUZZ_REQUIRE(len == message.len);
        return;
      }
      is_at_start = false;
      continue;
    }
    FUZZ_REQUIRE(len < message.len && message.octets[len] == *at);
    len++;
    is_at_start = *at == '\n' && i != message.from && at[-1] == '\r';
  }
  FUZZ_REQUIRE(false); /* a message without an end */
}

static void take_data(const struct mailc_pop3_event *event) {
  FUZZ_REQUIRE(event->value.len != 0);
  FUZZ_REQUIRE(message.len + event->value.len <= sizeof message.octets);
  memcpy(message.octets + message.len, event->value.data, event->value.len);
  message.len += event->value.len;
}

static void take_reply(struct fuzz_engine *engine,
                       const struct mailc_pop3_event *event) {
  FUZZ_REQUIRE(event->status == MAILC_OK || !event->has_more);
  if (event->status != MAILC_E_DROPPED && event->has_more) {
    message.len = 0;
    message.from =
        heard_at(engine, event->text.data) + event->text.len + strlen("\r\n");
  }
  if (event->command == MAILC_POP3_AUTH && engine->has_login) {
    fuzz_check_login(engine, event->status);
    engine->has_login = false;
  }
  fuzz_answered(engine, event->command, !event->has_more);
}

static void take_item(const struct mailc_pop3_event *event) {
  FUZZ_REQUIRE(event->number != 0);
  FUZZ_REQUIRE(event->command == MAILC_POP3_LIST || event->value.len != 0);
}

/* No list is reported beyond the limits. */
static void check_limits(const struct fuzz_engine *engine,
                         const struct mailc_pop3_event *event) {
  if (event->kind == MAILC_POP3_EVENT_REPLY) {
    item_count = 0;
    capability_count = 0;
  }
  item_count += event->kind == MAILC_POP3_EVENT_ITEM ||
                event->kind == MAILC_POP3_EVENT_LANGUAGE;
  capability_count += event->kind == MAILC_POP3_EVENT_CAPABILITY;
  if ((engine->flags[0] & CHOOSE_SMALL_LIMITS) != 0) {
    FUZZ_REQUIRE(item_count <= small_limits.line_max &&
                 capability_count <= small_limits.capability_max);
  }
}

static void take_event(struct fuzz_engine *engine,
                       const struct mailc_pop3_event *event) {
  bool is_end = event->kind == MAILC_POP3_EVENT_END;

  fuzz_check_span(engine, event->text);
  fuzz_check_span(engine, event->value);
  check_limits(engine, event);
  switch (event->kind) {
  case MAILC_POP3_EVENT_NONE:
    break;
  case MAILC_POP3_EVENT_MOVE:
    fuzz_check_move(engine, "pop3", event->move);
    break;
  case MAILC_POP3_EVENT_GREETING:
    FUZZ_REQUIRE(engine->sent_len == 0);
    break;
  case MAILC_POP3_EVENT_REPLY:
    take_reply(engine, event);
    break;
  case MAILC_POP3_EVENT_ITEM:
    take_item(event);
    fuzz_answered(engine, event->command, false);
    break;
  case MAILC_POP3_EVENT_DATA:
    take_data(event);
    fuzz_answered(engine, event->command, false);
    break;
  case MAILC_POP3_EVENT_END:
    if (event->command == MAILC_POP3_RETR || event->command == MAILC_POP3_TOP) {
      check_message(engine);
    }
    fuzz_answered(engine, event->command, is_end);
    break;
  case MAILC_POP3_EVENT_CAPABILITY:
  case MAILC_POP3_EVENT_LANGUAGE:
  case MAILC_POP3_EVENT_CHALLENGE:
    fuzz_answered(engine, event->command, is_end);
    break;
  }
}

static enum mailc_status next(struct fuzz_engine *engine, bool *is_none) {
  struct mailc_pop3_event event;
  enum mailc_status status = mailc_pop3_next(engine->session, &event);

  *is_none = event.kind == MAILC_POP3_EVENT_NONE;
  take_event(engine, &event);
  return status;
}

/* A number that is a secret where there can be one. */
static struct mailc_span secret_or_text(uint8_t argument) {
  return argument == 0 ? FUZZ_SECRET : fuzz_text(argument);
}

static enum mailc_status log_in(struct fuzz_engine *engine, uint8_t choice) {
  struct mailc_login *login = fuzz_login(engine, choice);
  enum mailc_mech best =
      mailc_pop3_best_mech(engine->session, fuzz_mech_set(login));
  enum mailc_status status = mailc_pop3_auth(engine->session, login);

  fuzz_check_best(login, best, status);
  return status;
}

/* The commands that have a text or a login. */
static enum mailc_status give_text(struct fuzz_engine *engine, unsigned number,
                                   uint8_t argument) {
  struct mailc_pop3 *session = engine->session;

  switch (number) {
  case FUZZ_POP3_USER:
    return mailc_pop3_user(session, fuzz_text(argument));
  case FUZZ_POP3_PASS:
    return mailc_pop3_pass(session, secret_or_text(argument));
  case FUZZ_POP3_APOP:
    return mailc_pop3_apop(session, fuzz_text(argument), FUZZ_SECRET);
  case FUZZ_POP3_LANG_TO:
    return mailc_pop3_lang_to(session, fuzz_text(argument));
  case FUZZ_POP3_ANSWER:
    return mailc_pop3_answer(session, secret_or_text(argument));
  default:
    return log_in(engine, argument);
  }
}

static enum mailc_status give_numbered(struct mailc_pop3 *session,
                                       unsigned number, uint8_t argument) {
  switch (number) {
  case FUZZ_POP3_LIST_ONE:
    return mailc_pop3_list_one(session, argument);
  case FUZZ_POP3_UIDL_ONE:
    return mailc_pop3_uidl_one(session, argument);
  case FUZZ_POP3_RETR:
    return mailc_pop3_retr(session, argument);
  case FUZZ_POP3_TOP:
    return mailc_pop3_top(session, argument, argument);
  default:
    return mailc_pop3_dele(session, argument);
  }
}

typedef enum mailc_status plain_command(struct mailc_pop3 *session);

/* What a command of an input is to a session. */
static const struct {
  plain_command *plain;
  bool is_numbered;
  enum mailc_pop3_command command;
} commands[FUZZ_POP3_COMMAND_COUNT] = {
    [FUZZ_POP3_CAPA] = {mailc_pop3_capa, false, MAILC_POP3_CAPA},
    [FUZZ_POP3_USER] = {NULL, false, MAILC_POP3_USER},
    [FUZZ_POP3_PASS] = {NULL, false, MAILC_POP3_PASS},
    [FUZZ_POP3_APOP] = {NULL, false, MAILC_POP3_APOP},
    [FUZZ_POP3_STAT] = {mailc_pop3_stat, false, MAILC_POP3_STAT},
    [FUZZ_POP3_LIST] = {mailc_pop3_list, false, MAILC_POP3_LIST},
    [FUZZ_POP3_LIST_ONE] = {NULL, true, MAILC_POP3_LIST_ONE},
    [FUZZ_POP3_UIDL] = {mailc_pop3_uidl, false, MAILC_POP3_UIDL},
    [FUZZ_POP3_UIDL_ONE] = {NULL, true, MAILC_POP3_UIDL_ONE},
    [FUZZ_POP3_RETR] = {NULL, true, MAILC_POP3_RETR},
    [FUZZ_POP3_TOP] = {NULL, true, MAILC_POP3_TOP},
    [FUZZ_POP3_DELE] = {NULL, true, MAILC_POP3_DELE},
    [FUZZ_POP3_NOOP] = {mailc_pop3_noop, false, MAILC_POP3_NOOP},
    [FUZZ_POP3_RSET] = {mailc_pop3_rset, false, MAILC_POP3_RSET},
    [FUZZ_POP3_QUIT] = {mailc_pop3_quit, false, MAILC_POP3_QUIT},
    [FUZZ_POP3_STLS] = {mailc_pop3_stls, false, MAILC_POP3_STLS},
    [FUZZ_POP3_AUTH] = {NULL, false, MAILC_POP3_AUTH},
    [FUZZ_POP3_UTF8] = {mailc_pop3_utf8, false, MAILC_POP3_UTF8},
    [FUZZ_POP3_LANG] = {mailc_pop3_lang, false, MAILC_POP3_LANG},
    [FUZZ_POP3_LANG_TO] = {NULL, false, MAILC_POP3_LANG_TO},
    [FUZZ_POP3_CANCEL] = {mailc_pop3_cancel, false, MAILC_POP3_NO_COMMAND},
};

static enum mailc_status give(struct fuzz_engine *engine, unsigned number,
                              uint8_t argument, bool *may_change) {
  enum mailc_status status = MAILC_OK;

  *may_change = false;
  if (commands[number].plain != NULL) {
    status = commands[number].plain(engine->session);
  } else if (commands[number].is_numbered) {
    status = give_numbered(engine->session, number, argument);
  } else {
    status = give_text(engine, number, argument);
  }
  if (status != MAILC_OK) {
    return status;
  }
  if (commands[number].command != MAILC_POP3_NO_COMMAND) {
    fuzz_asked(engine, commands[number].command);
  }
  if (number == FUZZ_POP3_AUTH) {
    engine->login_at = 1 - engine->login_at;
    engine->has_login = true;
  }
  return status;
}

static const struct fuzz_protocol protocol = {
    FUZZ_WRAPPED, .session_size = sizeof(struct mailc_pop3),
    .command_count = FUZZ_POP3_COMMAND_COUNT, .next = next, .give = give};

static void begin(struct fuzz_engine *engine) {
  unsigned chosen = engine->flags[0];
  size_t timestamp_cap = (chosen & CHOOSE_SHORT_TIMESTAMP) != 0
                             ? SHORT_TIMESTAMP_CAP
                             : TIMESTAMP_CAP;
  size_t queue_len = engine->queue_cap * sizeof(struct mailc_pop3_slot);
  struct mailc_pop3_config config = {
      .rx = engine->rx,
      .tx = engine->tx,
      .timestamp = {fuzz_place(FUZZ_AREA_TIMESTAMP, timestamp_cap, true),
                    timestamp_cap},
      .queue = (void *)fuzz_place(FUZZ_AREA_QUEUE, queue_len, true),
      .queue_cap = engine->queue_cap,
      .limits = (chosen & CHOOSE_SMALL_LIMITS) != 0 ? &small_limits : NULL,
      .hash = engine->hash,
      .now_ms = engine->now_ms,
      .timeout_ms = 400,
      .policy = (enum mailc_policy)(engine->flags[1] % 3u),
      .allow_pass_after_apop = (chosen & CHOOSE_PASS_AFTER_APOP) != 0,
      .is_prepared = (chosen & CHOOSE_PREPARED) != 0,
      .has_tls = (chosen & CHOOSE_TLS) != 0,
      .trace_moves = engine->trace_moves};

  FUZZ_REQUIRE(mailc_pop3_init(engine->session, sizeof(struct mailc_pop3),
                               &config) == MAILC_OK);
  FUZZ_REQUIRE(mailc_pop3_connected(engine->session) == MAILC_OK);
}

void fuzz_pop3(struct fuzz_input *input) {
  struct fuzz_engine *engine = &engine_of_pop3;

  fuzz_engine_begin(engine, &protocol, input);
  item_count = 0;
  capability_count = 0;
  begin(engine);
  fuzz_engine_run(engine, input);
}
