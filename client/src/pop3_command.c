/* The commands of a POP3 session: checked against the state, put into the
 * transmit buffer and queued; or refused with nothing changed. */
#include "pop3_command.h"

#include "link.h"
#include "number.h"
#include "pop3_action.h"
#include "secret.h"

#include <string.h>

/* The most parts that a command line is made of. */
#define PARTS_MAX 4

struct command {
  enum mailc_pop3_command command;
  enum mailc_pop3_fsm_event event;
  uint32_t number;
  struct mailc_span parts[PARTS_MAX];
  size_t part_count;
};

/* Whether a command may be given now. */
static enum mailc_status check(const struct mailc_pop3 *session,
                               enum mailc_pop3_fsm_event event) {
  if (session == NULL) {
    return MAILC_E_ARGUMENT;
  }
  if (session->link.status != MAILC_OK) {
    return session->link.status;
  }
  if (!mailc_pop3_can(session, event) ||
      session->queue_count == MAILC_QUEUE_CAP) {
    return MAILC_E_STATE;
  }
  if (session->link.has_move || session->event.kind != MAILC_POP3_EVENT_NONE ||
      session->link.is_eof || mailc_link_rest(&session->link).len != 0) {
    return MAILC_E_EVENTS;
  }
  return MAILC_OK;
}

/* Queues a command that was checked. The queue being empty before, it becomes
 * the head at once. */
static enum mailc_status queue(struct mailc_pop3 *session,
                               const struct command *command) {
  enum mailc_status status =
      mailc_link_put_line(&session->link, command->parts, command->part_count,
                          MAILC_POP3_COMMAND_MAX);

  if (status != MAILC_OK) {
    return status;
  }
  session->queue[session->queue_count++] = (struct mailc_pop3_slot){
      .command = (uint8_t)command->command, .number = command->number};
  mailc_pop3_step(session, command->event, MAILC_OK);
  return MAILC_OK;
}

/* A command that is its keyword. */
static enum mailc_status put_plain(struct mailc_pop3 *session,
                                   enum mailc_pop3_command name,
                                   enum mailc_pop3_fsm_event event,
                                   struct mailc_span keyword) {
  struct command command = {name, event, 0, {keyword}, 1};
  enum mailc_status status = check(session, event);

  return status != MAILC_OK ? status : queue(session, &command);
}

/* A command about one message; `keyword` ends in a blank. */
static enum mailc_status put_numbered(struct mailc_pop3 *session,
                                      enum mailc_pop3_command name,
                                      enum mailc_pop3_fsm_event event,
                                      struct mailc_span keyword,
                                      uint32_t number) {
  char digits[MAILC_NUMBER_CAP];
  struct mailc_span text = {(const uint8_t *)digits,
                            mailc_number_print(number, digits)};
  struct command command = {name, event, number, {keyword, text}, 2};
  enum mailc_status status = check(session, event);

  if (status == MAILC_OK && number == 0) {
    status = MAILC_E_ARGUMENT;
  }
  return status != MAILC_OK ? status : queue(session, &command);
}

/* Whether a text may be the argument of a command: octets from `min` to the
 * last that is printable. */
static enum mailc_status check_text(struct mailc_span text, uint8_t min) {
  if (text.data == NULL || text.len == 0) {
    return MAILC_E_ARGUMENT;
  }
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < min || text.data[i] > '~') {
      return MAILC_E_TEXT;
    }
  }
  return MAILC_OK;
}

enum mailc_status mailc_pop3_check_secret(struct mailc_span secret) {
  enum mailc_status status = check_text(secret, ' ');

  if (status == MAILC_OK &&
      secret.len > MAILC_POP3_COMMAND_MAX - (sizeof "PASS \r\n" - 1)) {
    status = MAILC_E_TOO_LONG;
  }
  return status;
}

/* Whether a password may go out. */
static enum mailc_status check_password(const struct mailc_pop3 *session) {
  if (session->policy != MAILC_POLICY_CLEAR && !session->link.has_tls) {
    return MAILC_E_CLEAR_SECRET;
  }
  if (session->has_refused_apop && !session->allow_pass_after_apop) {
    return MAILC_E_AFTER_APOP;
  }
  return MAILC_OK;
}

enum mailc_status mailc_pop3_capa(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_CAPA, MAILC_POP3_EV_CMD_CAPA,
                   MAILC_SPAN("CAPA"));
}

enum mailc_status mailc_pop3_user(struct mailc_pop3 *session,
                                  struct mailc_span user) {
  struct command command = {MAILC_POP3_USER,
                            MAILC_POP3_EV_CMD_USER,
                            0,
                            {MAILC_SPAN("USER "), user},
                            2};
  enum mailc_status status = check(session, command.event);

  if (status == MAILC_OK) {
    status = check_text(user, '!');
  }
  if (status == MAILC_OK) {
    status = check_password(session);
  }
  return status != MAILC_OK ? status : queue(session, &command);
}

enum mailc_status mailc_pop3_pass(struct mailc_pop3 *session,
                                  struct mailc_span secret) {
  struct command command = {MAILC_POP3_PASS,
                            MAILC_POP3_EV_CMD_PASS,
                            0,
                            {MAILC_SPAN("PASS "), secret},
                            2};
  enum mailc_status status = check(session, command.event);

  if (status == MAILC_OK) {
    status = mailc_pop3_check_secret(secret);
  }
  return status != MAILC_OK ? status : queue(session, &command);
}

/* The digest in 32 lower-case hexadecimal digits, RFC 1939 section 7. */
static enum mailc_status apop_digest(const struct mailc_pop3 *session,
                                     struct mailc_span secret, char out[32]) {
  static const char digits[] = "0123456789abcdef";
  uint8_t digest[MAILC_HASH_CAP];

  if (session->timestamp_len == 0) {
    return MAILC_E_TIMESTAMP;
  }
  if (session->hash == NULL ||
      !session->hash->digest(MAILC_HASH_MD5, session->timestamp.data,
                             session->timestamp_len, secret.data, secret.len,
                             digest)) {
    return MAILC_E_NO_HASH;
  }
  for (size_t i = 0; i < 16; i++) {
    out[2 * i] = digits[digest[i] >> 4];
    out[2 * i + 1] = digits[digest[i] & 15];
  }
  mailc_wipe(digest, sizeof digest);
  return MAILC_OK;
}

enum mailc_status mailc_pop3_apop(struct mailc_pop3 *session,
                                  struct mailc_span user,
                                  struct mailc_span secret) {
  char digest[32];
  struct mailc_span text = {(const uint8_t *)digest, sizeof digest};
  struct command command = {MAILC_POP3_APOP,
                            MAILC_POP3_EV_CMD_APOP,
                            0,
                            {MAILC_SPAN("APOP "), user, MAILC_SPAN(" "), text},
                            4};
  enum mailc_status status = check(session, command.event);

  if (status == MAILC_OK) {
    status = check_text(user, '!');
  }
  if (status == MAILC_OK && (secret.data == NULL || secret.len == 0)) {
    status = MAILC_E_ARGUMENT;
  }
  if (status == MAILC_OK && session->policy == MAILC_POLICY_TLS &&
      !session->link.has_tls) {
    status = MAILC_E_CLEAR_SECRET;
  }
  if (status == MAILC_OK) {
    status = apop_digest(session, secret, digest);
  }
  if (status == MAILC_OK) {
    status = queue(session, &command);
    mailc_wipe(digest, sizeof digest);
  }
  return status;
}

enum mailc_status mailc_pop3_stat(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_STAT, MAILC_POP3_EV_CMD_STAT,
                   MAILC_SPAN("STAT"));
}

enum mailc_status mailc_pop3_list(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_LIST, MAILC_POP3_EV_CMD_LIST,
                   MAILC_SPAN("LIST"));
}

enum mailc_status mailc_pop3_list_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return put_numbered(session, MAILC_POP3_LIST_ONE, MAILC_POP3_EV_CMD_LIST_ONE,
                      MAILC_SPAN("LIST "), number);
}

enum mailc_status mailc_pop3_uidl(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_UIDL, MAILC_POP3_EV_CMD_UIDL,
                   MAILC_SPAN("UIDL"));
}

enum mailc_status mailc_pop3_uidl_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return put_numbered(session, MAILC_POP3_UIDL_ONE, MAILC_POP3_EV_CMD_UIDL_ONE,
                      MAILC_SPAN("UIDL "), number);
}

enum mailc_status mailc_pop3_retr(struct mailc_pop3 *session, uint32_t number) {
  return put_numbered(session, MAILC_POP3_RETR, MAILC_POP3_EV_CMD_RETR,
                      MAILC_SPAN("RETR "), number);
}

enum mailc_status mailc_pop3_top(struct mailc_pop3 *session, uint32_t number,
                                 uint32_t lines) {
  char digits[2 * MAILC_NUMBER_CAP + 1];
  char count[MAILC_NUMBER_CAP];
  size_t number_len = mailc_number_print(number, digits);
  size_t count_len = mailc_number_print(lines, count);
  struct mailc_span text = {(const uint8_t *)digits,
                            number_len + 1 + count_len};
  struct command command = {MAILC_POP3_TOP,
                            MAILC_POP3_EV_CMD_TOP,
                            number,
                            {MAILC_SPAN("TOP "), text},
                            2};
  enum mailc_status status = check(session, command.event);

  digits[number_len] = ' ';
  memcpy(digits + number_len + 1, count, count_len);
  if (status == MAILC_OK && number == 0) {
    status = MAILC_E_ARGUMENT;
  }
  return status != MAILC_OK ? status : queue(session, &command);
}

enum mailc_status mailc_pop3_dele(struct mailc_pop3 *session, uint32_t number) {
  return put_numbered(session, MAILC_POP3_DELE, MAILC_POP3_EV_CMD_DELE,
                      MAILC_SPAN("DELE "), number);
}

enum mailc_status mailc_pop3_noop(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_NOOP, MAILC_POP3_EV_CMD_NOOP,
                   MAILC_SPAN("NOOP"));
}

enum mailc_status mailc_pop3_rset(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_RSET, MAILC_POP3_EV_CMD_RSET,
                   MAILC_SPAN("RSET"));
}

enum mailc_status mailc_pop3_quit(struct mailc_pop3 *session) {
  return put_plain(session, MAILC_POP3_QUIT, MAILC_POP3_EV_CMD_QUIT,
                   MAILC_SPAN("QUIT"));
}
