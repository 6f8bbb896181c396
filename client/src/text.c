#include "text.h"

#include <string.h>

const char mailc_text_hex[16] = {'0', '1', '2', '3', '4', '5', '6', '7',
                                 '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};

uint8_t mailc_text_upper(uint8_t octet) {
  return octet >= 'a' && octet <= 'z' ? (uint8_t)(octet - 'a' + 'A') : octet;
}

bool mailc_text_is_alnum(uint8_t octet) {
  uint8_t c = mailc_text_upper(octet);

  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool mailc_text_is(struct mailc_span text, const char *name) {
  size_t at = 0;

  while (at < text.len && name[at] != '\0' &&
         mailc_text_upper(text.data[at]) == (uint8_t)name[at]) {
    at++;
  }
  return at == text.len && name[at] == '\0';
}

const char *mailc_names_at(const char *names, size_t at, const char *other) {
  for (; at != 0 && *names != '\0'; at--) {
    names += strlen(names) + 1;
  }
  return *names != '\0' ? names : other;
}

size_t mailc_names_find(const char *names, struct mailc_span text) {
  size_t at = 0;

  while (*names != '\0' && !mailc_text_is(text, names)) {
    names += strlen(names) + 1;
    at++;
  }
  return at;
}

/* The octets that follow `lead` in its sequence, and the least and the greatest
 * that the first of them may be (RFC 3629 section 4); 0 for what is no lead. */
static size_t tail_len(uint8_t lead, uint8_t *min, uint8_t *max) {
  *min = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  *max = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (lead < 0xc2 || lead > 0xf4) {
    return 0;
  }
  return 1u + (lead >= 0xe0) + (lead >= 0xf0);
}

static unsigned kinds_of(uint8_t octet) {
  if (octet == '\r' || octet == '\n' || octet == '\0') {
    return MAILC_TEXT_LINE_END | MAILC_TEXT_CONTROL;
  }
  if (octet > 127) {
    return MAILC_TEXT_ABOVE;
  }
  if (octet < ' ' || octet == 127) {
    return MAILC_TEXT_CONTROL;
  }
  return octet == ' ' ? MAILC_TEXT_BLANK : MAILC_TEXT_VISIBLE;
}

unsigned mailc_text_kinds(struct mailc_span text) {
  unsigned kinds = 0;
  size_t tail = 0; /* octets of a sequence to come */
  uint8_t min = 0;
  uint8_t max = 0;

  for (size_t i = 0; i < text.len; i++) {
    uint8_t octet = text.data[i];

    kinds |= kinds_of(octet);
    if (tail != 0) {
      if (octet < min || octet > max) {
        kinds |= MAILC_TEXT_NOT_UTF8;
      }
      tail--;
      min = 0x80;
      max = 0xbf;
    } else if (octet > 127) {
      tail = tail_len(octet, &min, &max);
      if (tail == 0) {
        kinds |= MAILC_TEXT_NOT_UTF8;
      }
    }
  }
  return tail != 0 ? kinds | MAILC_TEXT_NOT_UTF8 : kinds;
}

struct mailc_span mailc_text_word(struct mailc_span *rest) {
  struct mailc_span word = *rest;

  while (word.len != 0 && word.data[0] == ' ') {
    word.data++;
    word.len--;
  }
  *rest = word;
  word.len = 0;
  while (word.len < rest->len && word.data[word.len] != ' ') {
    word.len++;
  }
  rest->data += word.len;
  rest->len -= word.len;
  return word;
}
