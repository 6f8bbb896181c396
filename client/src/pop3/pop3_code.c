/* Response codes: what a refusal is due to. RFC 2449 section 8 has their form,
 * levels set apart by "/"; RFC 3206 and RFC 6856 section 5 have further ones.
 */
#include "pop3/pop3_code.h"

#include "common/text.h"

#include <string.h>

/* The text between the brackets that follow the status indicator; data NULL if
 * there is none. */
static struct mailc_span code_text(struct mailc_span line) {
  size_t at = 4;
  const uint8_t *end = NULL;

  if (line.len >= 3 && memcmp(line.data, "+OK", 3) == 0) {
    at = 3;
  } else if (line.len < 4 || memcmp(line.data, "-ERR", 4) != 0) {
    at = line.len;
  }
  while (at < line.len && line.data[at] == ' ') {
    at++;
  }
  if (at < line.len && line.data[at] == '[') {
    at++;
    end = memchr(line.data + at, ']', line.len - at);
  }
  return end == NULL ? (struct mailc_span){NULL, 0}
                     : (struct mailc_span){line.data + at,
                                           (size_t)(end - line.data) - at};
}

enum mailc_pop3_code mailc_pop3_code(struct mailc_span line,
                                     struct mailc_span *text) {
  /* In the order of enum mailc_pop3_code, from the first behind OTHER. */
  static const char known[] = "IN-USE\0LOGIN-DELAY\0SYS\0SYS/TEMP\0SYS/PERM\0"
                              "AUTH\0UTF8\0";
  struct mailc_span code = line.data == NULL ? line : code_text(line);

  if (text != NULL) {
    *text = code;
  }
  if (code.data == NULL) {
    return MAILC_POP3_CODE_NONE;
  }
  /* Levels below a known one are left out, the lowest first. */
  for (;; code.len--) {
    size_t found = mailc_names_find(known, code);

    if (found <= MAILC_POP3_CODE_UTF8 - MAILC_POP3_CODE_IN_USE) {
      return (enum mailc_pop3_code)(MAILC_POP3_CODE_IN_USE + found);
    }
    while (code.len != 0 && code.data[code.len - 1] != '/') {
      code.len--;
    }
    if (code.len == 0) {
      return MAILC_POP3_CODE_OTHER;
    }
  }
}

bool mailc_pop3_code_is_temporary(enum mailc_pop3_code code) {
  return code == MAILC_POP3_CODE_IN_USE ||
         code == MAILC_POP3_CODE_LOGIN_DELAY ||
         code == MAILC_POP3_CODE_SYS_TEMP;
}

enum mailc_status mailc_pop3_refusal(const struct mailc_pop3 *session,
                                     struct mailc_span line, bool is_login) {
  enum mailc_pop3_code code =
      MAILC_HAS(CODES) ? mailc_pop3_code(line, NULL) : MAILC_POP3_CODE_NONE;

  if (mailc_pop3_code_is_temporary(code)) {
    return MAILC_E_REFUSED_NOW;
  }
  if (!is_login) {
    return MAILC_E_REFUSED;
  }
  if (code == MAILC_POP3_CODE_AUTH) {
    return MAILC_E_AUTH;
  }
  /* A server with AUTH-RESP-CODE would have said so, RFC 3206 section 6. */
  return code == MAILC_POP3_CODE_SYS || code == MAILC_POP3_CODE_SYS_PERM ||
                 (session->offers & MAILC_POP3_OFFER_AUTH_RESP_CODE) != 0
             ? MAILC_E_REFUSED
             : MAILC_E_AUTH;
}
