#include "common/base64.h"

#include <string.h>

static const char alphabet[65] = {
    'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
    'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
    'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/', '='};

/* Writes the group in bits: `chars` characters, then padding up to four. */
static void write_group(struct mailc_base64 *encoder, unsigned chars) {
  if (encoder->cap - encoder->len < 4) {
    encoder->is_full = true;
    return;
  }
  for (unsigned i = 0; i < 4; i++) {
    uint32_t sextet = (encoder->bits >> (18 - 6 * i)) & 63u;
    encoder->out[encoder->len++] = alphabet[i < chars ? sextet : 64];
  }
}

void mailc_base64_begin(struct mailc_base64 *encoder, void *out, size_t cap) {
  *encoder = (struct mailc_base64){.out = out, .cap = cap};
}

void mailc_base64_add(struct mailc_base64 *encoder, const void *octets,
                      size_t len) {
  const uint8_t *in = octets;

  for (size_t i = 0; i < len && !encoder->is_full; i++) {
    encoder->bits |= (uint32_t)in[i] << (16 - 8 * encoder->held);
    if (++encoder->held == 3) {
      write_group(encoder, 4);
      encoder->bits = 0;
      encoder->held = 0;
    }
  }
}

void mailc_base64_add_twice(struct mailc_base64 *encoder, const void *octets,
                            size_t len) {
  const uint8_t *in = octets;

  for (size_t at = 0; at < len; at += 3) {
    struct mailc_base64 group;
    char text[4];

    mailc_base64_begin(&group, text, sizeof text);
    mailc_base64_add(&group, in + at, len - at < 3 ? len - at : 3);
    (void)mailc_base64_end(&group);
    mailc_base64_add(encoder, text, sizeof text);
  }
}

bool mailc_base64_end(struct mailc_base64 *encoder) {
  if (encoder->held != 0 && !encoder->is_full) {
    write_group(encoder, encoder->held + 1u);
  }
  encoder->bits = 0;
  encoder->held = 0;
  return !encoder->is_full;
}

bool mailc_base64_decode(void *out, size_t *out_len, const void *text,
                         size_t len) {
  const uint8_t *in = text;
  uint8_t *to = out;
  uint32_t bits = 0;
  unsigned pad = 0;

  *out_len = 0;
  if (len % 4 != 0) {
    return false;
  }
  if (len != 0 && in[len - 1] == '=') {
    pad = in[len - 2] == '=' ? 2 : 1;
    len -= pad;
  }
  for (size_t at = 0; at < len; at++) {
    const char *found = memchr(alphabet, in[at], 64);
    if (found == NULL) {
      return false;
    }
    bits = bits << 6 | (uint32_t)(found - alphabet);
    if (at % 4 != 0) {
      *to++ = (uint8_t)(bits >> (6 - 2 * (at % 4)));
    }
  }
  if ((bits & ((1u << 2 * pad) - 1)) != 0) {
    return false;
  }
  *out_len = (size_t)(to - (uint8_t *)out);
  return true;
}
