/* The commands of RFC 1939 but the logins: checked against the state and
 * queued, or refused with nothing changed. */
#include "pop3/pop3_command.h"

#include "common/number.h"
#include "common/text.h"

enum mailc_status mailc_pop3_write_keyword(struct mailc_pop3 *session,
                                           enum mailc_pop3_command command) {
  enum mailc_status status = mailc_pop3_check_command(session, command);

  return status != MAILC_OK ? status
                            : mailc_pop3_write(session, command, 0, NULL, 0);
}

enum mailc_status mailc_pop3_write_word(struct mailc_pop3 *session,
                                        enum mailc_pop3_command command,
                                        struct mailc_span word) {
  return mailc_pop3_write(session, command, 0, &word, 1);
}

/* Gives a command about a message; TOP has a number of lines too. */
static enum mailc_status write_numbered(struct mailc_pop3 *session,
                                        enum mailc_pop3_command command,
                                        uint32_t number, uint32_t lines) {
  char digits[2][MAILC_NUMBER_CAP];
  struct mailc_span words[] = {
      {(const uint8_t *)digits[0], mailc_number_print(number, digits[0])},
      {(const uint8_t *)digits[1], mailc_number_print(lines, digits[1])}};
  enum mailc_status status = mailc_pop3_check_command(session, command);

  if (status == MAILC_OK && number == 0) {
    status = MAILC_E_ARGUMENT;
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write(session, command, number, words,
                                command == MAILC_POP3_TOP ? 2 : 1);
}

enum mailc_status mailc_pop3_check_text(struct mailc_span text, bool has_blanks,
                                        bool is_utf8) {
  unsigned not_allowed =
      MAILC_TEXT_CONTROL | (has_blanks ? 0u : (unsigned)MAILC_TEXT_BLANK) |
      (unsigned)(is_utf8 ? MAILC_TEXT_NOT_UTF8 : MAILC_TEXT_ABOVE);

  if (text.data == NULL || text.len == 0) {
    return MAILC_E_ARGUMENT;
  }
  return (mailc_text_kinds(text) & not_allowed) != 0 ? MAILC_E_TEXT : MAILC_OK;
}

enum mailc_status mailc_pop3_stat(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_STAT);
}

enum mailc_status mailc_pop3_list(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_LIST);
}

enum mailc_status mailc_pop3_list_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return write_numbered(session, MAILC_POP3_LIST_ONE, number, 0);
}

enum mailc_status mailc_pop3_uidl(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_UIDL);
}

enum mailc_status mailc_pop3_uidl_one(struct mailc_pop3 *session,
                                      uint32_t number) {
  return write_numbered(session, MAILC_POP3_UIDL_ONE, number, 0);
}

enum mailc_status mailc_pop3_retr(struct mailc_pop3 *session, uint32_t number) {
  return write_numbered(session, MAILC_POP3_RETR, number, 0);
}

enum mailc_status mailc_pop3_top(struct mailc_pop3 *session, uint32_t number,
                                 uint32_t lines) {
  return write_numbered(session, MAILC_POP3_TOP, number, lines);
}

enum mailc_status mailc_pop3_dele(struct mailc_pop3 *session, uint32_t number) {
  return write_numbered(session, MAILC_POP3_DELE, number, 0);
}

enum mailc_status mailc_pop3_noop(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_NOOP);
}

enum mailc_status mailc_pop3_rset(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_RSET);
}

enum mailc_status mailc_pop3_quit(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_QUIT);
}
