#include "text.h"

#include <string.h>

const char *mailc_text_at(const char *texts, size_t at, const char *other) {
  for (; at != 0 && *texts != '\0'; at--) {
    texts += strlen(texts) + 1;
  }
  return *texts != '\0' ? texts : other;
}

uint8_t mailc_text_upper(uint8_t octet) {
  return octet >= 'a' && octet <= 'z' ? (uint8_t)(octet - 'a' + 'A') : octet;
}

bool mailc_text_is(struct mailc_span text, const char *name) {
  size_t at = 0;

  for (; at < text.len && name[at] != '\0'; at++) {
    if (mailc_text_upper(text.data[at]) != (uint8_t)name[at]) {
      return false;
    }
  }
  return at == text.len && name[at] == '\0';
}

bool mailc_text_is_clean(struct mailc_span text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] == '\r' || text.data[i] == '\n' || text.data[i] == '\0') {
      return false;
    }
  }
  return true;
}

bool mailc_text_is_ascii(struct mailc_span text) {
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] > 127) {
      return false;
    }
  }
  return true;
}

/* The octets that follow `lead` in its sequence, and the least and the greatest
 * that the first of them may be (RFC 3629 section 4); 0 for what is no lead. */
static size_t tail_len(uint8_t lead, uint8_t *min, uint8_t *max) {
  *min = 0x80;
  *max = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 1;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    *min = lead == 0xe0 ? 0xa0 : 0x80;
    *max = lead == 0xed ? 0x9f : 0xbf;
    return 2;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    *min = lead == 0xf0 ? 0x90 : 0x80;
    *max = lead == 0xf4 ? 0x8f : 0xbf;
    return 3;
  }
  return 0;
}

/* The length of the sequence that `text` begins with, 0 if it is none. */
static size_t sequence_len(struct mailc_span text) {
  uint8_t min = 0;
  uint8_t max = 0;
  size_t tail = 0;

  if (text.data[0] < 0x80) {
    return 1;
  }
  tail = tail_len(text.data[0], &min, &max);
  if (tail == 0 || text.len <= tail || text.data[1] < min ||
      text.data[1] > max) {
    return 0;
  }
  for (size_t i = 2; i <= tail; i++) {
    if ((text.data[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  return tail + 1;
}

bool mailc_text_is_utf8(struct mailc_span text) {
  while (text.len != 0) {
    size_t len = sequence_len(text);

    if (len == 0) {
      return false;
    }
    text.data += len;
    text.len -= len;
  }
  return true;
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
