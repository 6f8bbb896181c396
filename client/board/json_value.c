/* JSON values. */
#include "json.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program where there was no memory. */
static void *had(void *block) {
  if (block == NULL) {
    (void)fputs("mailc-board: out of memory\n", stderr);
    exit(EXIT_FAILURE);
  }
  return block;
}

void *json_alloc(size_t len) { return had(calloc(1, len == 0 ? 1 : len)); }

json_t *json_new(enum json_type type) {
  json_t *value = json_alloc(sizeof *value);

  value->type = type;
  value->reference_count = 1;
  return value;
}

json_t *json_object(void) { return json_new(JSON_OBJECT); }

json_t *json_array(void) { return json_new(JSON_ARRAY); }

json_t *json_null(void) { return json_new(JSON_NULL); }

json_t *json_boolean(bool value) {
  return json_new(value ? JSON_TRUE : JSON_FALSE);
}

json_t *json_integer(json_int_t number) {
  json_t *value = json_new(JSON_INTEGER);

  value->number = number;
  return value;
}

json_t *json_stringn_nocheck(const char *text, size_t len) {
  json_t *value = json_new(JSON_STRING);

  value->text = json_alloc(len + 1);
  memcpy(value->text, text, len);
  value->len = len;
  return value;
}

/* The octets of the character that begins here, 0 if it is none. */
static size_t utf8_length(const uint8_t *at, size_t len) {
  size_t count = at[0] < 0x80                     ? 1
                 : at[0] >= 0xc2 && at[0] <= 0xdf ? 2
                 : (at[0] & 0xf0) == 0xe0         ? 3
                 : at[0] >= 0xf0 && at[0] <= 0xf4 ? 4
                                                  : 0;

  if (count == 0 || count > len) {
    return 0;
  }
  for (size_t i = 1; i < count; i++) {
    if ((at[i] & 0xc0) != 0x80) {
      return 0;
    }
  }
  if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
      (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)) {
    return 0;
  }
  return count;
}

bool json_is_utf8(const char *text, size_t len) {
  for (size_t at = 0; at < len;) {
    size_t count = utf8_length((const uint8_t *)text + at, len - at);

    if (count == 0) {
      return false;
    }
    at += count;
  }
  return true;
}

json_t *json_stringn(const char *text, size_t len) {
  return json_is_utf8(text, len) ? json_stringn_nocheck(text, len) : NULL;
}

json_t *json_string(const char *text) {
  return text == NULL ? NULL : json_stringn(text, strlen(text));
}

json_t *json_sprintf(const char *format, ...) {
  char text[256];
  va_list args;

  va_start(args, format);
  (void)vsnprintf(text, sizeof text, format, args);
  va_end(args);
  return json_string(text);
}

json_t *json_incref(json_t *value) {
  if (value != NULL) {
    value->reference_count++;
  }
  return value;
}

void json_decref(json_t *value) {
  if (value == NULL || --value->reference_count != 0) {
    return;
  }
  for (size_t i = 0; i < value->count; i++) {
    free(value->members[i].name);
    json_decref(value->members[i].value);
  }
  free(value->members);
  free(value->text);
  free(value);
}

bool json_is(const json_t *value, enum json_type type) {
  return value != NULL && value->type == type;
}

void json_add(json_t *container, const char *name, size_t len, json_t *value) {
  if (container->count == container->cap) {
    container->cap = container->cap == 0 ? 4 : 2 * container->cap;
    container->members = had(realloc(
        container->members, container->cap * sizeof *container->members));
  }
  char *copy = NULL;
  if (name != NULL) {
    copy = json_alloc(len + 1);
    memcpy(copy, name, len);
  }
  container->members[container->count++] = (struct json_member){copy, value};
}

static struct json_member *find(const json_t *object, const char *name) {
  for (size_t i = 0; json_is_object(object) && i < object->count; i++) {
    if (strcmp(object->members[i].name, name) == 0) {
      return &object->members[i];
    }
  }
  return NULL;
}

json_t *json_object_get(const json_t *object, const char *name) {
  const struct json_member *member = find(object, name);

  return member == NULL ? NULL : member->value;
}

int json_object_set_new(json_t *object, const char *name, json_t *value) {
  struct json_member *member = find(object, name);

  if (!json_is_object(object) || value == NULL) {
    json_decref(value);
    return -1;
  }
  if (member != NULL) {
    json_decref(member->value);
    member->value = value;
  } else {
    json_add(object, name, strlen(name), value);
  }
  return 0;
}

int json_object_set(json_t *object, const char *name, json_t *value) {
  return json_object_set_new(object, name, json_incref(value));
}

bool json_object_at(const json_t *object, size_t at, const char **name,
                    json_t **value) {
  if (!json_is_object(object) || at >= object->count) {
    return false;
  }
  *name = object->members[at].name;
  *value = object->members[at].value;
  return true;
}

size_t json_array_size(const json_t *array) {
  return json_is_array(array) ? array->count : 0;
}

json_t *json_array_get(const json_t *array, size_t at) {
  return at < json_array_size(array) ? array->members[at].value : NULL;
}

int json_array_append_new(json_t *array, json_t *value) {
  if (!json_is_array(array) || value == NULL) {
    json_decref(value);
    return -1;
  }
  json_add(array, NULL, 0, value);
  return 0;
}

const char *json_string_value(const json_t *string) {
  return json_is_string(string) ? string->text : NULL;
}

size_t json_string_length(const json_t *string) {
  return json_is_string(string) ? string->len : 0;
}

json_int_t json_integer_value(const json_t *integer) {
  return json_is_integer(integer) ? integer->number : 0;
}

static json_t *pack(const char **at, va_list *args);

/* A container up to its closing sign. */
static json_t *pack_container(const char **at, va_list *args, char end) {
  json_t *container = end == '}' ? json_object() : json_array();

  for (;;) {
    const char *name = NULL;

    *at += strspn(*at, " ,:");
    if (**at == end || **at == '\0') {
      *at += **at == end;
      return container;
    }
    if (end == '}') {
      name = va_arg(*args, const char *);
      (*at)++;
    }
    json_t *value = pack(at, args);
    if (value == NULL) {
      value = json_null();
    }
    json_add(container, name, name == NULL ? 0 : strlen(name), value);
  }
}

static json_t *pack(const char **at, va_list *args) {
  json_t *value = NULL;

  *at += strspn(*at, " ,:");
  switch (*(*at)++) {
  case '{':
    return pack_container(at, args, '}');
  case '[':
    return pack_container(at, args, ']');
  case 's':
    value = json_string(va_arg(*args, const char *));
    break;
  case 'i':
    return json_integer(va_arg(*args, int));
  case 'O':
    value = json_incref(va_arg(*args, json_t *));
    break;
  default:
    value = va_arg(*args, json_t *);
    break;
  }
  *at += **at == '?';
  return value;
}

json_t *json_pack(const char *format, ...) {
  va_list args;

  va_start(args, format);
  json_t *value = pack(&format, &args);
  va_end(args);
  return value;
}
