#include "common/text.h"

#include <string.h>

const char mailc_text_hex[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                 '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

uint8_t mailc_text_upper(uint8_t octet) {
  return octet >= 'a' && octet <= 'z' ? (uint8_t)(octet - 'a' + 'A') : octet;
}

bool mailc_text_is_alnum(uint8_t octet) {
  uint8_t letter = (uint8_t)((octet | 32u) - 'a');
  uint8_t digit = (uint8_t)(octet - '0');

  return letter < 26 || digit < 10;
}

bool mailc_octets_are(const uint8_t *data, size_t len, const char *name) {
  for (; len != 0 && *name != '\0'; data++, name++, len--) {
    if (mailc_text_upper(*data) != (uint8_t)*name) {
      return false;
    }
  }
  return len == 0 && *name == '\0';
}

const char *mailc_names_at(const char *names, size_t at, const char *other) {
  for (; at != 0 && *names != '\0'; at--) {
    names += strlen(names) + 1;
  }
  return *names != '\0' ? names : other;
}

size_t mailc_octets_find(const uint8_t *data, size_t len, const char *names) {
  size_t at = 0;

  while (*names != '\0' && !mailc_octets_are(data, len, names)) {
    names += strlen(names) + 1;
    at++;
  }
  return at;
}

/* Of ASCII. */
static unsigned kinds_of(unsigned octet) {
  if (octet == '\r' || octet == '\n' || octet == '\0') {
    return MAILC_TEXT_LINE_END | MAILC_TEXT_CONTROL;
  }
  if (octet < ' ' || octet == 127) {
    return MAILC_TEXT_CONTROL;
  }
  return octet == ' ' ? MAILC_TEXT_BLANK : MAILC_TEXT_VISIBLE;
}

/* Whether a lead and the octet behind it begin a sequence that is too long, of
 * a surrogate, or above U+10FFFF (RFC 3629 section 4). */
static bool is_bad_begin(unsigned pair) {
  return (pair & 0xffe0) == 0xe080 || (pair & 0xfff0) == 0xf080 ||
         (pair & 0xffe0) == 0xeda0 || pair >= 0xf490;
}

unsigned mailc_octets_kinds(const uint8_t *data, size_t len) {
  unsigned kinds = 0;
  unsigned tail = 0; /* octets of a sequence to come */
  unsigned before = 0;

  for (; len != 0; data++, len--) {
    unsigned octet = *data;
    bool is_good = tail == 0;

    if (octet < 128) {
      kinds |= kinds_of(octet);
      tail = 0;
    } else if (tail != 0) {
      kinds |= MAILC_TEXT_ABOVE;
      is_good = octet < 0xc0 && !is_bad_begin(before << 8 | octet);
      tail--;
    } else {
      kinds |= MAILC_TEXT_ABOVE;
      tail = (unsigned)(octet > 0xc1) + (octet > 0xdf) + (octet > 0xef);
      is_good = tail != 0;
    }
    if (!is_good) {
      kinds |= MAILC_TEXT_NOT_UTF8;
    }
    before = octet;
  }
  return tail != 0 ? kinds | MAILC_TEXT_NOT_UTF8 : kinds;
}

void mailc_text_skip_blanks(struct mailc_span *text) {
  while (text->len != 0 && text->data[0] == ' ') {
    mailc_text_skip(text, 1);
  }
}

struct mailc_span mailc_text_word(struct mailc_span *rest) {
  struct mailc_span word;

  mailc_text_skip_blanks(rest);
  word = (struct mailc_span){rest->data, 0};
  while (rest->len != 0 && rest->data[0] != ' ') {
    mailc_text_skip(rest, 1);
    word.len++;
  }
  return word;
}
