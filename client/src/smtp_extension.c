#include "smtp_extension.h"

#include "number.h"
#include "text.h"

#include <mailc/sasl.h>

struct keyword {
  const char *name;
  uint32_t bit;
};

static const struct keyword keywords[] = {
    {"AUTH", MAILC_SMTP_OFFER_AUTH},             /* RFC 4954 */
    {"8BITMIME", MAILC_SMTP_OFFER_8BITMIME},     /* RFC 6152 */
    {"SIZE", MAILC_SMTP_OFFER_SIZE},             /* RFC 1870 */
    {"SMTPUTF8", MAILC_SMTP_OFFER_SMTPUTF8},     /* RFC 6531 */
    {"DSN", MAILC_SMTP_OFFER_DSN},               /* RFC 3461 */
    {"STARTTLS", MAILC_SMTP_OFFER_STARTTLS},     /* RFC 3207 */
    {"PIPELINING", MAILC_SMTP_OFFER_PIPELINING}, /* RFC 2920 */
    {"CHUNKING", MAILC_SMTP_OFFER_CHUNKING},     /* RFC 3030 */
    {"BINARYMIME", MAILC_SMTP_OFFER_BINARYMIME}, /* RFC 3030 */
    {"ENHANCEDSTATUSCODES",
     MAILC_SMTP_OFFER_ENHANCEDSTATUSCODES}, /* RFC 2034 */
};

static uint32_t bit_of(struct mailc_span name) {
  for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
    if (mailc_text_is(name, keywords[i].name)) {
      return keywords[i].bit;
    }
  }
  return 0;
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
