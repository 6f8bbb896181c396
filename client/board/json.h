/* What the files of the board's JSON share. */
#ifndef MAILC_BOARD_JSON_H
#define MAILC_BOARD_JSON_H

#include "jansson.h"

struct json_member {
  char *name; /* NULL in an array */
  json_t *value;
};

struct json_t {
  enum json_type type;
  size_t reference_count;
  json_int_t number;
  char *text; /* with a NUL behind it */
  size_t len;
  struct json_member *members;
  size_t count;
  size_t cap;
};

void *json_alloc(size_t len);
json_t *json_new(enum json_type type);
void json_add(json_t *container, const char *name, size_t len, json_t *value);

/* Whether the octets are UTF-8 (RFC 3629). */
bool json_is_utf8(const char *text, size_t len);

#endif
