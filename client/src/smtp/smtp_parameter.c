/* The parameters of MAIL and RCPT. */
#include "common/number.h"
#include "common/text.h"
#include "smtp/smtp_extension.h"

#include <string.h>

/* The parameters that are known, in the order of their names below: first those
 * of MAIL, then those of RCPT. */
enum known {
  AUTH,     /* RFC 4954 section 5: xtext or <> */
  BODY,     /* RFC 6152 section 2, RFC 3030 section 3 */
  SIZE,     /* RFC 1870 section 6 */
  SMTPUTF8, /* RFC 6531 section 3.4 */
  RET,      /* RFC 3461 section 4.3 */
  ENVID,    /* section 4.4 there */
  NOTIFY,   /* section 4.1 */
  ORCPT,    /* section 4.2: a type and xtext */
  KNOWN_COUNT
};

_Static_assert(KNOWN_COUNT <= 8 * sizeof(((struct mailc_smtp_param *)0)->seen),
               "`seen` has a bit for each; widen the cast below with it");

static const char names[] =
    "AUTH\0BODY\0SIZE\0SMTPUTF8\0RET\0ENVID\0NOTIFY\0ORCPT\0";

/* Who offers it, and what it adds to the longest command line: RFC 4954 section
 * 3, RFC 6152 section 2, RFC 1870 section 3, RFC 6531 section 3.1, RFC 3461
 * section 4. */
static const struct {
  uint16_t offer;
  uint16_t added_len;
} known_params[KNOWN_COUNT] = {
    [AUTH] = {MAILC_SMTP_OFFER_AUTH, 500},
    [BODY] = {0, 17} /* by its value */,
    [SIZE] = {MAILC_SMTP_OFFER_SIZE, 26},
    [SMTPUTF8] = {MAILC_SMTP_OFFER_SMTPUTF8, 10},
    [RET] = {MAILC_SMTP_OFFER_DSN, 9},
    [ENVID] = {MAILC_SMTP_OFFER_DSN, 107},
    [NOTIFY] = {MAILC_SMTP_OFFER_DSN, 28},
    [ORCPT] = {MAILC_SMTP_OFFER_DSN, 500},
};

/* The length of the keyword that `text` begins with, 0 if there is none. */
static size_t keyword_len(struct mailc_span text) {
  size_t len = 0;

  while (len < text.len && (mailc_text_is_alnum(text.data[len]) ||
                            (len != 0 && text.data[len] == '-'))) {
    len++;
  }
  return len;
}

static bool is_hex(uint8_t octet) {
  return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'F');
}

/* RFC 3461 section 4: what is not itself is + and two digits. */
static bool is_xtext(struct mailc_span text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] == '=' ||
        (text.data[i] == '+' &&
         (text.len - i < 3 || !is_hex(text.data[i + 1]) ||
          !is_hex(text.data[i + 2])))) {
      return false;
    }
  }
  return mailc_text_kinds(text) == MAILC_TEXT_VISIBLE;
}

/* NEVER, or some of the others with commas between. */
static bool is_notify(struct mailc_span text) {
  if (mailc_text_is(text, "NEVER")) {
    return true;
  }
  for (size_t at = 0; at <= text.len;) {
    struct mailc_span word = {text.data + at, 0};
    while (at < text.len && text.data[at] != ',') {
      at++;
      word.len++;
    }
    if (mailc_names_find("SUCCESS\0FAILURE\0DELAY\0", word) == 3) {
      return false;
    }
    at++;
  }
  return true;
}

/* A type such as rfc822, a semicolon, an address as xtext. */
static bool is_recipient(struct mailc_span text) {
  size_t at = keyword_len(text);

  if (at == 0 || at >= text.len || text.data[at] != ';') {
    return false;
  }
  at++;
  return is_xtext((struct mailc_span){text.data + at, text.len - at});
}

_Static_assert(MAILC_SMTP_IS_8BIT == 1 && MAILC_SMTP_IS_BINARY == 2,
               "the kinds are the places of the names");

static bool take_body(struct mailc_span value, struct mailc_smtp_param *sum) {
  size_t at = mailc_names_find("7BIT\0"
                               "8BITMIME\0BINARYMIME\0",
                               value);

  sum->kinds |= (uint8_t)at;
  sum->offer |= at == MAILC_SMTP_IS_BINARY
                    ? MAILC_SMTP_OFFER_BINARYMIME | MAILC_SMTP_OFFER_CHUNKING
                    : MAILC_SMTP_OFFER_8BITMIME;
  return at < 3;
}

/* Checks a value, without its sign, and takes what follows from it. */
static bool take_value(enum known kind, struct mailc_span value,
                       struct mailc_smtp_param *sum) {
  switch (kind) {
  case AUTH:
    return MAILC_HAS(PARAMS) && value.len <= 500 &&
           (mailc_text_is(value, "<>") || is_xtext(value));
  case BODY:
    return take_body(value, sum);
  case SIZE:
    return value.len <= 20 && mailc_smtp_read_size(value, &sum->size);
  case RET:
    return MAILC_HAS(PARAMS) && mailc_names_find("FULL\0HDRS\0", value) < 2;
  case ENVID:
    return MAILC_HAS(PARAMS) && value.len <= 100 && is_xtext(value);
  case NOTIFY:
    return MAILC_HAS(PARAMS) && is_notify(value);
  case ORCPT:
    return MAILC_HAS(PARAMS) && value.len <= 500 && is_recipient(value);
  case SMTPUTF8:
  case KNOWN_COUNT:
    break;
  }
  return false;
}

enum mailc_status mailc_smtp_param_add(struct mailc_span text, bool is_rcpt,
                                       struct mailc_smtp_param *sum) {
  struct mailc_span name = {text.data, 0};
  size_t known = KNOWN_COUNT;
  bool is_bare = false;

  if (text.data == NULL) {
    return MAILC_E_ARGUMENT;
  }
  name.len = keyword_len(text);
  known = mailc_names_find(names, name);
  is_bare = name.len == text.len;
  if (name.len == 0 || (!is_bare && name.data[name.len] != '=')) {
    return MAILC_E_TEXT;
  }
  if (known == KNOWN_COUNT || (known >= NOTIFY) != is_rcpt ||
      (!MAILC_HAS(PARAMS) && known != BODY && known != SIZE)) {
    return MAILC_E_NOT_OFFERED;
  }
  if ((sum->seen & 1u << known) != 0) {
    return MAILC_E_ARGUMENT;
  }
  sum->seen |= (uint8_t)(1u << known);
  sum->offer |= known_params[known].offer;
  sum->added_len = (uint16_t)(sum->added_len + known_params[known].added_len);
  if (is_bare) {
    sum->kinds |= MAILC_SMTP_IS_UTF8;
    return known == SMTPUTF8 ? MAILC_OK : MAILC_E_TEXT;
  }
  mailc_text_skip(&text, name.len + 1);
  return take_value((enum known)known, text, sum) ? MAILC_OK : MAILC_E_TEXT;
}
