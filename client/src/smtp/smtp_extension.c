#include "smtp/smtp_extension.h"

#include "common/number.h"
#include "common/text.h"

#include <mailc/sasl.h>

/* In the order of enum mailc_smtp_offer: RFC 4954, 6152, 1870, 6531, 3461,
 * 3207, 2920, 3030 (two) and 2034. */
static const char keywords[] = "AUTH\0"
                               "8BITMIME\0"
                               "SIZE\0"
                               "SMTPUTF8\0"
                               "DSN\0"
                               "STARTTLS\0"
                               "PIPELINING\0"
                               "CHUNKING\0"
                               "BINARYMIME\0"
                               "ENHANCEDSTATUSCODES\0";

static uint32_t bit_of(struct mailc_span name) {
  uint32_t bit = 1u << mailc_names_find(keywords, name);

  return bit <= MAILC_SMTP_OFFER_ENHANCEDSTATUSCODES ? bit : 0;
}

static uint32_t clamp(uint64_t size) {
  return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

bool mailc_smtp_read_size(struct mailc_span digits, uint32_t *size) {
  uint64_t value = 0;

  if (digits.len == 0 || mailc_number_scan(digits.data, digits.len, UINT64_MAX,
                                           &value) != digits.len) {
    return false;
  }
  *size = clamp(value);
  return true;
}

void mailc_smtp_read_capability(struct mailc_smtp *session,
                                struct mailc_span line) {
  /* As servers wrote it before RFC 2554 gave it its form. */
  bool is_old = line.len > 4 && line.data[4] == '=';
  struct mailc_span word = {line.data, 4};
  uint32_t offer = 0;

  if (is_old) {
    mailc_text_skip(&line, 5);
  } else {
    word = mailc_text_word(&line);
  }
  offer = bit_of(word) & (is_old ? MAILC_SMTP_OFFER_AUTH : ~0u);
  session->offers |= (uint16_t)offer;
  if (offer == MAILC_SMTP_OFFER_AUTH) {
    session->mechs |= (uint16_t)mailc_mechs_of(line);
  }
  if (offer == MAILC_SMTP_OFFER_SIZE) {
    (void)mailc_smtp_read_size(mailc_text_word(&line), &session->size_max);
  }
}

bool mailc_smtp_extension(struct mailc_span text, struct mailc_span *keyword,
                          struct mailc_span *params) {
  if (keyword == NULL || params == NULL) {
    return false;
  }
  *keyword = mailc_text_word(&text);
  mailc_text_skip_blanks(&text);
  *params = text;
  return keyword->len != 0;
}
