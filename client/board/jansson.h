/* The part of jansson's interface that mailc-driver uses, for a board that has
 * no jansson. What each function does is jansson's documentation; memory that
 * cannot be had ends the program. */
#ifndef MAILC_BOARD_JANSSON_H
#define MAILC_BOARD_JANSSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef long long json_int_t;

enum json_type {
  JSON_OBJECT,
  JSON_ARRAY,
  JSON_STRING,
  JSON_INTEGER,
  JSON_REAL,
  JSON_TRUE,
  JSON_FALSE,
  JSON_NULL
};

typedef struct json_t json_t;

typedef struct {
  char text[80];
} json_error_t;

#define JSON_COMPACT 1u
#define JSON_ALLOW_NUL 2u

json_t *json_object(void);
json_t *json_array(void);
json_t *json_string(const char *text);
json_t *json_stringn(const char *text, size_t len);
json_t *json_stringn_nocheck(const char *text, size_t len);
json_t *json_sprintf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
json_t *json_integer(json_int_t value);
json_t *json_boolean(bool value);
json_t *json_null(void);

/* Takes { } [ ] s s? o o? O i; blanks, colons and commas between them. */
json_t *json_pack(const char *format, ...);

json_t *json_incref(json_t *value);
void json_decref(json_t *value);

bool json_is(const json_t *value, enum json_type type);
#define json_is_object(value) json_is((value), JSON_OBJECT)
#define json_is_array(value) json_is((value), JSON_ARRAY)
#define json_is_string(value) json_is((value), JSON_STRING)
#define json_is_integer(value) json_is((value), JSON_INTEGER)
#define json_is_true(value) json_is((value), JSON_TRUE)
#define json_is_boolean(value)                                                 \
  (json_is((value), JSON_TRUE) || json_is((value), JSON_FALSE))

json_t *json_object_get(const json_t *object, const char *name);
int json_object_set(json_t *object, const char *name, json_t *value);
int json_object_set_new(json_t *object, const char *name, json_t *value);
size_t json_array_size(const json_t *array);
json_t *json_array_get(const json_t *array, size_t at);
int json_array_append_new(json_t *array, json_t *value);
const char *json_string_value(const json_t *string);
size_t json_string_length(const json_t *string);
json_int_t json_integer_value(const json_t *integer);

/* Member number `at` of an object; false behind the last. */
bool json_object_at(const json_t *object, size_t at, const char **name,
                    json_t **value);

#define json_object_foreach(object, name, value)                               \
  for (size_t json_at = 0;                                                     \
       json_object_at((object), json_at, &(name), &(value)); json_at++)
#define json_array_foreach(array, at, value)                                   \
  for ((at) = 0; ((value) = json_array_get((array), (at))) != NULL; (at)++)

json_t *json_loadb(const char *text, size_t len, size_t flags,
                   json_error_t *error);
int json_dumpf(const json_t *value, FILE *file, size_t flags);

#endif
