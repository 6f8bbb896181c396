#include "base64.h"

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

bool mailc_base64_end(struct mailc_base64 *encoder) {
  if (encoder->held != 0 && !encoder->is_full) {
    write_group(encoder, encoder->held + 1u);
  }
  encoder->bits = 0;
  encoder->held = 0;
  return !encoder->is_full;
}

/* The value of one character, or 64 if it is none. */
static uint32_t sextet_of(uint8_t c) {
  if (c >= 'A' && c <= 'Z') {
    return c - (uint32_t)'A';
  }
  if (c >= 'a' && c <= 'z') {
    return c - (uint32_t)'a' + 26;
  }
  if (c >= '0' && c <= '9') {
    return c - (uint32_t)'0' + 52;
  }
  if (c == '+') {
    return 62;
  }
  return c == '/' ? 63 : 64;
}

/* Joins `count` (2 to 4) characters into 24 bits; false if one is foreign. */
static bool read_group(const uint8_t *in, unsigned count, uint32_t *bits) {
  *bits = 0;
  for (unsigned i = 0; i < count; i++) {
    uint32_t sextet = sextet_of(in[i]);
    if (sextet == 64) {
      return false;
    }
    *bits |= sextet << (18 - 6 * i);
  }
  return true;
}

bool mailc_base64_decode(void *out, size_t *out_len, const void *text,
                         size_t len) {
  const uint8_t *in = text;
  uint8_t *to = out;
  size_t written = 0;

  *out_len = 0;
  if (len % 4 != 0) {
    return false;
  }
  for (size_t at = 0; at < len; at += 4) {
    unsigned count = 4;
    uint32_t bits;
    if (at + 4 == len && in[at + 3] == '=') {
      count = in[at + 2] == '=' ? 2 : 3;
    }
    if (!read_group(in + at, count, &bits)) {
      return false;
    }
    if ((bits & (0xFFFFFFu >> (8 * (count - 1)))) != 0) {
      return false;
    }
    for (unsigned i = 0; i + 1 < count; i++) {
      to[written++] = (uint8_t)(bits >> (16 - 8 * i));
    }
  }
  *out_len = written;
  return true;
}
