/* The JSON lines of a driver in C: one request and one answer at a time. Octets
   are owned by the request and end with it. */
#ifndef MAILSPEC_DRIVER_H
#define MAILSPEC_DRIVER_H
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* An argument as text, `x_b64` decoded; NULL where it is missing. The length is
 * for octets with NUL. */
const char *arg(const char *name);
const char *arg_octets(const char *name, size_t *length);
long long arg_number(const char *name, long long fallback);
bool arg_true(const char *name);
bool arg_is(const char *name, const char *text);
json_t *
arg_list(const char *name); /* borrowed; NULL where it is missing or no list */

/* What the answer has in `value`. */
void put(const char *name, json_t *value);
json_t *base64(const char *octets, size_t length);

/* Whether nothing is asked for beyond these words, and no text has a NUL, which
 * C cannot hand over. */
bool within(const char *known);

/* Answers until bye. `play` performs the operation or the goal `what` and gives
 * its outcome. */
int serve(const char *name, const char *version, const char *features,
          const char *(*play)(const char *what));
#endif
