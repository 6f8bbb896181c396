#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_LEN ((size_t)8 << 20)

struct mailc_span bench_texts[BENCH_TEXT_COUNT];
struct mailc_span bench_wires[BENCH_TEXT_COUNT];

uint8_t *bench_memory(size_t len) {
  uint8_t *memory = malloc(len);

  if (memory == NULL) {
    bench_require(false, "no memory");
    exit(1);
  }
  return memory;
}

/* Lines of `width` octets with their ends, of which every `dotted`th begins
 * with a dot. */
static struct mailc_span make_text(size_t width, const char *end,
                                   size_t dotted) {
  uint8_t *text = bench_memory(TEXT_LEN);
  size_t end_len = strlen(end);
  size_t len = 0;

  for (size_t line = 0; len + width <= TEXT_LEN; line++) {
    memset(text + len, 'e', width);
    if (line % dotted == 0) {
      text[len] = '.';
    }
    memcpy(text + len + width - end_len, end, end_len);
    len += width;
  }
  return (struct mailc_span){text, len};
}

static struct mailc_span make_wire(struct mailc_span text) {
  uint8_t *wire = bench_memory(2 * text.len + 3);
  size_t len = 0;

  for (size_t i = 0; i < text.len; i++) {
    bool is_start = i == 0 || text.data[i - 1] == '\n';

    if (is_start && text.data[i] == '.') {
      wire[len++] = '.';
    }
    if (text.data[i] == '\n' && text.data[i - 1] != '\r') {
      wire[len++] = '\r';
    }
    wire[len++] = text.data[i];
  }
  memcpy(wire + len, ".\r\n", 3);
  return (struct mailc_span){wire, len + 3};
}

void bench_make_texts(void) {
  bench_texts[BENCH_PROSE] = make_text(72, "\r\n", 20);
  bench_texts[BENCH_DOTS] = make_text(8, "\r\n", 1);
  bench_texts[BENCH_LF] = make_text(72, "\n", 20);
  for (unsigned i = 0; i < BENCH_TEXT_COUNT; i++) {
    bench_wires[i] = make_wire(bench_texts[i]);
  }
}

/* Where copies go; volatile, so that they are made. */
static uint8_t *target(void) {
  static uint8_t *volatile memory;

  if (memory == NULL) {
    memory = bench_memory(2 * TEXT_LEN + 3);
  }
  return memory;
}

void bench_copy(enum bench_text text) {
  memcpy(target(), bench_wires[text].data, bench_wires[text].len);
}

void bench_stuff(enum bench_text text) {
  struct mailc_span from = bench_texts[text];
  uint8_t *out = target();
  uint8_t last = '\n';

  for (size_t i = 0; i < from.len; i++) {
    uint8_t octet = from.data[i];

    if (octet == '.' && last == '\n') {
      *out++ = '.';
    }
    if (octet == '\n' && last != '\r') {
      *out++ = '\r';
    }
    *out++ = octet;
    last = octet;
  }
  memcpy(out, ".\r\n", 3);
  bench_require((size_t)(out - target()) + 3 == bench_wires[text].len,
                "the loop makes another message");
}
