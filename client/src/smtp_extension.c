#include "smtp_extension.h"

#include "text.h"

struct name_bit {
  const char *name;
  uint32_t bit;
};

static const struct name_bit keywords[] = {
    {"AUTH", MAILC_SMTP_OFFER_AUTH},         /* RFC 4954 */
    {"8BITMIME", MAILC_SMTP_OFFER_8BITMIME}, /* RFC 6152 */
    {"SIZE", MAILC_SMTP_OFFER_SIZE},         /* RFC 1870 */
    {"SMTPUTF8", MAILC_SMTP_OFFER_SMTPUTF8}, /* RFC 6531 */
    {"DSN", MAILC_SMTP_OFFER_DSN},           /* RFC 3461 */
};

static uint32_t bit_of(const struct name_bit *names, size_t count,
                       struct mailc_span name) {
  for (size_t i = 0; i < count; i++) {
    if (mailc_text_is(name, names[i].name)) {
      return names[i].bit;
    }
  }
  return 0;
}

uint32_t mailc_smtp_offer_of(struct mailc_span line, uint32_t *mechs) {
  struct mailc_span word = mailc_text_word(&line);
  uint32_t bits = bit_of(keywords, sizeof keywords / sizeof keywords[0], word);

  if (bits == MAILC_SMTP_OFFER_AUTH) {
    *mechs |= mailc_mechs_of(line);
  }
  return bits;
}

bool mailc_smtp_extension(struct mailc_span text, struct mailc_span *keyword,
                          struct mailc_span *params) {
  if (keyword == NULL || params == NULL) {
    return false;
  }
  *keyword = mailc_text_word(&text);
  while (text.len != 0 && text.data[0] == ' ') {
    text.data++;
    text.len--;
  }
  *params = text;
  return keyword->len != 0;
}

struct known_param {
  const char *name;
  uint32_t offer;
  bool is_rcpt;
  uint16_t added_len;
};

/* What each adds to the longest command line: RFC 4954 section 3, RFC 6152
 * section 2, RFC 1870 section 3, RFC 6531 section 3.1, RFC 3461 section 4. */
static const struct known_param known_params[] = {
    {"AUTH", MAILC_SMTP_OFFER_AUTH, false, 500},
    {"BODY", MAILC_SMTP_OFFER_8BITMIME, false, 17},
    {"SIZE", MAILC_SMTP_OFFER_SIZE, false, 26},
    {"SMTPUTF8", MAILC_SMTP_OFFER_SMTPUTF8, false, 10},
    {"RET", MAILC_SMTP_OFFER_DSN, false, 9},
    {"ENVID", MAILC_SMTP_OFFER_DSN, false, 107},
    {"NOTIFY", MAILC_SMTP_OFFER_DSN, true, 28},
    {"ORCPT", MAILC_SMTP_OFFER_DSN, true, 500},
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

/* Whether "=value" or nothing follows the keyword. */
static bool is_value(struct mailc_span text) {
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

/* BODY=BINARYMIME asks for BDAT instead of DATA (RFC 3030 section 3). */
static bool is_for_data(struct mailc_span text, uint32_t offer) {
  return offer != MAILC_SMTP_OFFER_8BITMIME ||
         mailc_text_is(text, "BODY=8BITMIME") ||
         mailc_text_is(text, "BODY=7BIT");
}

enum mailc_status mailc_smtp_param_of(struct mailc_span text, bool is_rcpt,
                                      struct mailc_smtp_param *param) {
  struct mailc_span name = {text.data, keyword_len(text)};
  struct mailc_span value = {text.data + name.len, text.len - name.len};

  if (name.len == 0 || !is_value(value)) {
    return MAILC_E_TEXT;
  }
  for (size_t i = 0; i < sizeof known_params / sizeof known_params[0]; i++) {
    const struct known_param *known = &known_params[i];
    if (known->is_rcpt == is_rcpt && mailc_text_is(name, known->name) &&
        is_for_data(text, known->offer)) {
      *param = (struct mailc_smtp_param){
          .offer = known->offer,
          .added_len = known->added_len,
          .is_8bit = mailc_text_is(text, "BODY=8BITMIME"),
          .is_utf8 = known->offer == MAILC_SMTP_OFFER_SMTPUTF8,
      };
      return MAILC_OK;
    }
  }
  return MAILC_E_NOT_OFFERED;
}
