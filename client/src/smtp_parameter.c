/* The parameters of MAIL and RCPT. */
#include "number.h"
#include "smtp_extension.h"
#include "text.h"

enum value {
  VALUE_NONE,
  VALUE_SIZE,      /* RFC 1870 section 6 */
  VALUE_BODY,      /* RFC 6152 section 2, RFC 3030 section 3 */
  VALUE_RET,       /* RFC 3461 section 4.3 */
  VALUE_NOTIFY,    /* section 4.1 there */
  VALUE_XTEXT,     /* section 4 */
  VALUE_RECIPIENT, /* section 4.2: a type and xtext */
  VALUE_MAILBOX    /* RFC 4954 section 5: xtext or <> */
};

struct known_param {
  const char *name;
  uint16_t offer;
  uint16_t added_len;
  uint8_t value;
  bool is_rcpt;
};

/* What each adds to the longest command line: RFC 4954 section 3, RFC 6152
 * section 2, RFC 1870 section 3, RFC 6531 section 3.1, RFC 3461 section 4. */
static const struct known_param known_params[] = {
    {"AUTH", MAILC_SMTP_OFFER_AUTH, 500, VALUE_MAILBOX, false},
    {"BODY", MAILC_SMTP_OFFER_8BITMIME, 17, VALUE_BODY, false},
    {"SIZE", MAILC_SMTP_OFFER_SIZE, 26, VALUE_SIZE, false},
    {"SMTPUTF8", MAILC_SMTP_OFFER_SMTPUTF8, 10, VALUE_NONE, false},
    {"RET", MAILC_SMTP_OFFER_DSN, 9, VALUE_RET, false},
    {"ENVID", MAILC_SMTP_OFFER_DSN, 107, VALUE_XTEXT, false},
    {"NOTIFY", MAILC_SMTP_OFFER_DSN, 28, VALUE_NOTIFY, true},
    {"ORCPT", MAILC_SMTP_OFFER_DSN, 500, VALUE_RECIPIENT, true},
};

static bool is_letter_or_digit(uint8_t octet) {
  uint8_t c = mailc_text_upper(octet);

  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The length of the keyword that `text` begins with, 0 if there is none. */
static size_t keyword_len(struct mailc_span text) {
  size_t len = 0;

  while (len < text.len && (is_letter_or_digit(text.data[len]) ||
                            (len != 0 && text.data[len] == '-'))) {
    len++;
  }
  return len;
}

/* Whether "=value" or nothing follows the keyword (RFC 5321 section 4.1.2). */
static bool is_parameter(struct mailc_span text) {
  if (text.len == 0) {
    return true;
  }
  for (size_t i = 1; i < text.len; i++) {
    if (text.data[i] <= ' ' || text.data[i] == '=' || text.data[i] > '~') {
      return false;
    }
  }
  return text.data[0] == '=' && text.len > 1;
}

static bool is_hex(uint8_t octet) {
  return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'F');
}

/* RFC 3461 section 4: what is not itself is + and two digits. */
static bool is_xtext(struct mailc_span text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] != '+') {
      continue;
    }
    if (text.len - i < 3 || !is_hex(text.data[i + 1]) ||
        !is_hex(text.data[i + 2])) {
      return false;
    }
  }
  return text.len != 0;
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
    if (!mailc_text_is(word, "SUCCESS") && !mailc_text_is(word, "FAILURE") &&
        !mailc_text_is(word, "DELAY")) {
      return false;
    }
    at++;
  }
  return true;
}

/* A type such as rfc822, a semicolon, an address as xtext. */
static bool is_recipient(struct mailc_span text) {
  size_t type_len = keyword_len(text);
  struct mailc_span address = {text.data + type_len + 1, 0};

  if (type_len == 0 || type_len == text.len || text.data[type_len] != ';') {
    return false;
  }
  address.len = text.len - type_len - 1;
  return is_xtext(address);
}

/* Checks a value, without its sign, and takes what follows from it. */
static bool take_value(enum value kind, struct mailc_span value,
                       struct mailc_smtp_param *param) {
  switch (kind) {
  case VALUE_NONE:
    return value.data == NULL;
  case VALUE_SIZE:
    return value.len != 0 && value.len <= 20 &&
           mailc_number_scan(value.data, value.len, UINT64_MAX, &param->size) ==
               value.len;
  case VALUE_BODY:
    param->is_8bit = mailc_text_is(value, "8BITMIME");
    param->is_binary = mailc_text_is(value, "BINARYMIME");
    if (param->is_binary) {
      param->offer = MAILC_SMTP_OFFER_BINARYMIME | MAILC_SMTP_OFFER_CHUNKING;
    }
    return param->is_8bit || param->is_binary || mailc_text_is(value, "7BIT");
  case VALUE_RET:
    return mailc_text_is(value, "FULL") || mailc_text_is(value, "HDRS");
  case VALUE_NOTIFY:
    return is_notify(value);
  case VALUE_XTEXT:
    return value.len <= 100 && is_xtext(value);
  case VALUE_RECIPIENT:
    return value.len <= 500 && is_recipient(value);
  case VALUE_MAILBOX:
    return value.len <= 500 && (mailc_text_is(value, "<>") || is_xtext(value));
  }
  return false;
}

enum mailc_status mailc_smtp_param_of(struct mailc_span text, bool is_rcpt,
                                      struct mailc_smtp_param *param) {
  struct mailc_span name = {text.data, keyword_len(text)};
  struct mailc_span rest = {text.data + name.len, text.len - name.len};
  struct mailc_span value = {NULL, 0};

  if (name.len == 0 || !is_parameter(rest)) {
    return MAILC_E_TEXT;
  }
  if (rest.len != 0) {
    value = (struct mailc_span){rest.data + 1, rest.len - 1};
  }
  for (size_t i = 0; i < sizeof known_params / sizeof known_params[0]; i++) {
    const struct known_param *known = &known_params[i];
    if (known->is_rcpt == is_rcpt && mailc_text_is(name, known->name)) {
      *param = (struct mailc_smtp_param){
          .offer = known->offer,
          .added_len = known->added_len,
          .is_utf8 = known->offer == MAILC_SMTP_OFFER_SMTPUTF8,
      };
      return take_value((enum value)known->value, value, param) ? MAILC_OK
                                                                : MAILC_E_TEXT;
    }
  }
  return MAILC_E_NOT_OFFERED;
}
