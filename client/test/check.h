/* What a test of the library needs: a check that goes on after a failure, and
 * an exit status that tells. */
#ifndef MAILC_TEST_CHECK_H
#define MAILC_TEST_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned check_failure_count;

static inline void check_that(bool holds, const char *text, const char *file,
                              int line) {
  if (!holds) {
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, text);
    check_failure_count++;
  }
}

static inline bool check_same(const void *octets, size_t len,
                              const void *expected, size_t expected_len) {
  return len == expected_len &&
         (len == 0 || memcmp(octets, expected, len) == 0);
}

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)

/* `octets` are those of the string literal `text`. */
#define CHECK_OCTETS(octets, len, text)                                        \
  check_that(check_same((octets), (len), (text), sizeof(text) - 1),            \
             #octets " is " #text, __FILE__, __LINE__)

/* The exit status of a test program. */
static inline int check_status(void) {
  return check_failure_count == 0 ? 0 : 1;
}

#endif
