#include "smtp_extension.h"

#include "number.h"
#include "text.h"

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

/* RFC 1870 section 4: a number, of which 0 and none say nothing. */
static uint32_t size_of(struct mailc_span text) {
  struct mailc_span word = mailc_text_word(&text);
  uint64_t size = 0;

  if (word.len == 0 ||
      mailc_number_scan(word.data, word.len, UINT64_MAX, &size) != word.len) {
    return 0;
  }
  return size > UINT32_MAX ? UINT32_MAX : (uint32_t)size;
}

struct mailc_smtp_offers mailc_smtp_offers_of(struct mailc_span line) {
  struct mailc_span word = mailc_text_word(&line);
  struct mailc_smtp_offers offers = {.extensions = bit_of(word)};

  if (offers.extensions == MAILC_SMTP_OFFER_AUTH) {
    offers.mechs = mailc_mechs_of(line);
  }
  if (offers.extensions == MAILC_SMTP_OFFER_SIZE) {
    offers.size_max = size_of(line);
  }
  return offers;
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
