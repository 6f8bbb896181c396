#include "text.h"

#include <string.h>

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
