/* Response codes: what a refusal is due to. RFC 2449 section 8 has their form,
 * levels set apart by "/"; RFC 3206 and RFC 6856 section 5 have further ones.
 */
#include "pop3_extension.h"
#include "text.h"

#include <string.h>

/* The text between the brackets that follow the status indicator; data NULL if
 * there is none. */
static struct mailc_span code_text(struct mailc_span line) {
  size_t at = line.len >= 3 && memcmp(line.data, "+OK", 3) == 0 ? 3 : 4;
  const uint8_t *end = NULL;

  if (line.len < at || (at == 4 && memcmp(line.data, "-ERR", 4) != 0)) {
    return (struct mailc_span){NULL, 0};
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

/* Whether the code is `name` or a level below it. */
static bool is_code(struct mailc_span code, const char *name) {
  size_t len = strlen(name);

  if (code.len > len && code.data[len] != '/') {
    return false;
  }
  code.len = code.len > len ? len : code.len;
  return mailc_text_is(code, name);
}

enum mailc_pop3_code mailc_pop3_code(struct mailc_span line,
                                     struct mailc_span *text) {
  /* A level below another one comes first. */
  static const struct {
    const char *name;
    enum mailc_pop3_code code;
  } known[] = {{"IN-USE", MAILC_POP3_CODE_IN_USE},
               {"LOGIN-DELAY", MAILC_POP3_CODE_LOGIN_DELAY},
               {"SYS/TEMP", MAILC_POP3_CODE_SYS_TEMP},
               {"SYS/PERM", MAILC_POP3_CODE_SYS_PERM},
               {"SYS", MAILC_POP3_CODE_SYS},
               {"AUTH", MAILC_POP3_CODE_AUTH},
               {"UTF8", MAILC_POP3_CODE_UTF8}};
  struct mailc_span found =
      line.data == NULL ? (struct mailc_span){NULL, 0} : code_text(line);

  if (text != NULL) {
    *text = found;
  }
  for (size_t i = 0; found.data != NULL && i < sizeof known / sizeof known[0];
       i++) {
    if (is_code(found, known[i].name)) {
      return known[i].code;
    }
  }
  return found.data == NULL ? MAILC_POP3_CODE_NONE : MAILC_POP3_CODE_OTHER;
}

bool mailc_pop3_code_is_temporary(enum mailc_pop3_code code) {
  return code == MAILC_POP3_CODE_IN_USE ||
         code == MAILC_POP3_CODE_LOGIN_DELAY ||
         code == MAILC_POP3_CODE_SYS_TEMP;
}

enum mailc_status mailc_pop3_refusal(const struct mailc_pop3 *session,
                                     struct mailc_span line, bool is_login) {
  enum mailc_pop3_code code = mailc_pop3_code(line, NULL);

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
                 (session->offers & MAILC_POP3_OFFERS_AUTH_CODE) != 0
             ? MAILC_E_REFUSED
             : MAILC_E_AUTH;
}
