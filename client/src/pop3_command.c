/* The commands of RFC 1939 but the logins: checked against the state and
 * queued, or refused with nothing changed. */
#include "pop3_command.h"

#include "number.h"
#include "text.h"

#include <string.h>

enum mailc_status mailc_pop3_put_plain(struct mailc_pop3 *session,
                                       enum mailc_pop3_command command,
                                       struct mailc_span keyword) {
  struct mailc_pop3_line line = {command, 0, {keyword}, 1};
  enum mailc_status status = mailc_pop3_may(session, command);

  return status != MAILC_OK ? status : mailc_pop3_put(session, &line);
}

/* A command about one message; `keyword` ends in a blank. */
static enum mailc_status put_numbered(struct mailc_pop3 *session,
                                      enum mailc_pop3_command command,
                                      struct mailc_span keyword,
                                      uint32_t number) {
  char digits[MAILC_NUMBER_CAP];
  struct mailc_span text = {(const uint8_t *)digits,
                            mailc_number_print(number, digits)};
  struct mailc_pop3_line line = {command, number, {keyword, text}, 2};
  enum mailc_status status = mailc_pop3_may(session, command);

  if (status == MAILC_OK && number == 0) {
    status = MAILC_E_ARGUMENT;
  }
  return status != MAILC_OK ? status : mailc_pop3_put(session, &line);
}

enum mailc_status mailc_pop3_check_text(struct mailc_span text, uint8_t min,
                                        bool may_be_utf8) {
  if (text.data == NULL || text.len == 0) {
    return MAILC_E_ARGUMENT;
  }
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < min || text.data[i] == 0x7f ||
        (text.data[i] > 0x7f && !may_be_utf8)) {
      return MAILC_E_TEXT;
    }
  }
  return may_be_utf8 && !mailc_text_is_utf8(text) ? MAILC_E_TEXT : MAILC_OK;
}

enum mailc_status mailc_pop3_stat(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_STAT, MAILC_SPAN("STAT"));
}

enum mailc_status mailc_pop3_list(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_LIST, MAILC_SPAN("LIST"));
}

enum mailc_status mailc_pop3_list_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return put_numbered(session, MAILC_POP3_LIST_ONE, MAILC_SPAN("LIST "),
                      number);
}

enum mailc_status mailc_pop3_uidl(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_UIDL, MAILC_SPAN("UIDL"));
}

enum mailc_status mailc_pop3_uidl_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return put_numbered(session, MAILC_POP3_UIDL_ONE, MAILC_SPAN("UIDL "),
                      number);
}

enum mailc_status mailc_pop3_retr(struct mailc_pop3 *session, uint32_t number) {
  return put_numbered(session, MAILC_POP3_RETR, MAILC_SPAN("RETR "), number);
}

enum mailc_status mailc_pop3_top(struct mailc_pop3 *session, uint32_t number,
                                 uint32_t lines) {
  char digits[2 * MAILC_NUMBER_CAP + 1];
  char count[MAILC_NUMBER_CAP];
  size_t number_len = mailc_number_print(number, digits);
  size_t count_len = mailc_number_print(lines, count);
  struct mailc_span text = {(const uint8_t *)digits,
                            number_len + 1 + count_len};
  struct mailc_pop3_line line = {
      MAILC_POP3_TOP, number, {MAILC_SPAN("TOP "), text}, 2};
  enum mailc_status status = mailc_pop3_may(session, line.command);

  digits[number_len] = ' ';
  memcpy(digits + number_len + 1, count, count_len);
  if (status == MAILC_OK && number == 0) {
    status = MAILC_E_ARGUMENT;
  }
  return status != MAILC_OK ? status : mailc_pop3_put(session, &line);
}

enum mailc_status mailc_pop3_dele(struct mailc_pop3 *session, uint32_t number) {
  return put_numbered(session, MAILC_POP3_DELE, MAILC_SPAN("DELE "), number);
}

enum mailc_status mailc_pop3_noop(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_NOOP, MAILC_SPAN("NOOP"));
}

enum mailc_status mailc_pop3_rset(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_RSET, MAILC_SPAN("RSET"));
}

enum mailc_status mailc_pop3_quit(struct mailc_pop3 *session) {
  return mailc_pop3_put_plain(session, MAILC_POP3_QUIT, MAILC_SPAN("QUIT"));
}
