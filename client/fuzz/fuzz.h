/* What the fuzz targets share: what they demand, their input, their memory. */
#ifndef MAILC_FUZZ_H
#define MAILC_FUZZ_H

#include <mailc/span.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A target: what libFuzzer calls, and main.c in its place. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Ends the program with a message unless the condition holds. */
#define FUZZ_REQUIRE(condition)                                                \
  fuzz_require((condition), #condition, __FILE__, __LINE__)
void fuzz_require(bool holds, const char *text, const char *file, int line);

/* What is left of an input. */
struct fuzz_input {
  const uint8_t *at;
  size_t len;
};

/* The next octet; 0 behind the end. */
uint8_t fuzz_octet(struct fuzz_input *input);

/* Pieces of memory that lie against pages which nobody may touch. */
enum fuzz_area {
  FUZZ_AREA_SESSION,
  FUZZ_AREA_QUEUE,
  FUZZ_AREA_RX,
  FUZZ_AREA_TX,
  FUZZ_AREA_TIMESTAMP,
  FUZZ_AREA_SCRATCH,
  FUZZ_AREA_OUT,
  FUZZ_AREA_IN,
  FUZZ_AREA_TEXTS, /* one for each text of the caller's */
  FUZZ_AREA_COUNT = FUZZ_AREA_TEXTS + 40
};

/* The most octets of an area. */
#define FUZZ_AREA_LEN ((size_t)8192)

/* `len` octets of the area, full of rubbish: its last if `is_at_end`, otherwise
 * its first. What was placed there before is gone. */
uint8_t *fuzz_place(unsigned area, size_t len, bool is_at_end);

/* The span of a string literal, for tables. */
#define FUZZ_TEXT(literal)                                                     \
  { (const uint8_t *)("" literal), sizeof(literal) - 1 }

/* A copy of the text in an area of its own. */
struct mailc_span fuzz_place_text(unsigned area, struct mailc_span text);

/* Until it is opened again nobody may touch these octets: seen by the address
 * sanitizer alone. */
void fuzz_shut(const uint8_t *octets, size_t len);
void fuzz_open(const uint8_t *octets, size_t len);

/* Whether `part` stands somewhere in `octets`. */
bool fuzz_holds(const void *octets, size_t len, struct mailc_span part);

/* Writes base64; returns its length. `out` has room for it. */
size_t fuzz_base64(struct mailc_span octets, uint8_t *out);

#endif
