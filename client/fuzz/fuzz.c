#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

#define RUBBISH 0xA5

void fuzz_require(bool holds, const char *text, const char *file, int line) {
  if (!holds) {
    (void)fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, text);
    abort();
  }
}

uint8_t fuzz_octet(struct fuzz_input *input) {
  if (input->len == 0) {
    return 0;
  }
  input->len--;
  return *input->at++;
}

static uint8_t *map_area(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  uint8_t *memory = mmap(NULL, FUZZ_AREA_LEN + 2 * page, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  FUZZ_REQUIRE(memory != MAP_FAILED);
  FUZZ_REQUIRE(mprotect(memory + page, FUZZ_AREA_LEN, PROT_READ | PROT_WRITE) ==
               0);
  return memory + page;
}

uint8_t *fuzz_place(unsigned area, size_t len, bool is_at_end) {
  static uint8_t *areas[FUZZ_AREA_COUNT];
  uint8_t *place = NULL;

  FUZZ_REQUIRE(area < FUZZ_AREA_COUNT && len <= FUZZ_AREA_LEN);
  if (areas[area] == NULL) {
    areas[area] = map_area();
  }
  place = areas[area] + (is_at_end ? FUZZ_AREA_LEN - len : 0);
  fuzz_open(areas[area], FUZZ_AREA_LEN);
  memset(place, RUBBISH, len);
  return place;
}

struct mailc_span fuzz_place_text(unsigned area, struct mailc_span text) {
  uint8_t *copy = NULL;

  if (text.data == NULL) {
    return text;
  }
  copy = fuzz_place(area, text.len, true);
  memcpy(copy, text.data, text.len);
  return (struct mailc_span){copy, text.len};
}

void fuzz_shut(const uint8_t *octets, size_t len) {
#ifdef HAS_ASAN
  ASAN_POISON_MEMORY_REGION(octets, len);
#else
  (void)octets;
  (void)len;
#endif
}

void fuzz_open(const uint8_t *octets, size_t len) {
#ifdef HAS_ASAN
  ASAN_UNPOISON_MEMORY_REGION(octets, len);
#else
  (void)octets;
  (void)len;
#endif
}

bool fuzz_holds(const void *octets, size_t len, struct mailc_span part) {
  const uint8_t *at = octets;
  const uint8_t *end = at + len;

  while ((size_t)(end - at) >= part.len) {
    at = memchr(at, part.data[0], (size_t)(end - at) - part.len + 1);
    if (at == NULL) {
      return false;
    }
    if (memcmp(at, part.data, part.len) == 0) {
      return true;
    }
    at++;
  }
  return false;
}

size_t fuzz_base64(struct mailc_span octets, uint8_t *out) {
  static const char digits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t len = 0;

  for (size_t i = 0; i < octets.len; i += 3) {
    size_t left = octets.len - i;
    unsigned long three = (unsigned long)octets.data[i] << 16;

    three |= left > 1 ? (unsigned long)octets.data[i + 1] << 8 : 0;
    three |= left > 2 ? (unsigned long)octets.data[i + 2] : 0;
    for (size_t k = 0; k < 4; k++) {
      out[len++] = k <= left ? (uint8_t)digits[three >> (18 - 6 * k) & 63u]
                             : (uint8_t)'=';
    }
  }
  return len;
}
