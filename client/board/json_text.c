/* JSON values as text (RFC 8259). */
#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64

struct reader {
  const char *at;
  const char *end;
  unsigned depth;
};

static json_t *read_value(struct reader *reader);

static void skip(struct reader *reader) {
  while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL &&
         *reader->at != '\0') {
    reader->at++;
  }
}

static bool take(struct reader *reader, char sign) {
  skip(reader);
  if (reader->at == reader->end || *reader->at != sign) {
    return false;
  }
  reader->at++;
  return true;
}

static bool take_word(struct reader *reader, const char *word) {
  size_t len = strlen(word);

  if ((size_t)(reader->end - reader->at) < len ||
      memcmp(reader->at, word, len) != 0) {
    return false;
  }
  reader->at += len;
  return true;
}

/* Four hexadecimal digits; false if there are none. */
static bool take_hex(struct reader *reader, uint32_t *number) {
  *number = 0;
  for (int i = 0; i < 4; i++) {
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    const char *digit = reader->at == reader->end || *reader->at == '\0'
                            ? NULL
                            : strchr(digits, *reader->at);

    if (digit == NULL) {
      return false;
    }
    *number = *number * 16 + (uint32_t)((digit - digits) % 16);
    reader->at++;
  }
  return true;
}

static size_t put_utf8(char *out, uint32_t code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xc0 | (code >> 6));
    out[1] = (char)(0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xe0 | (code >> 12));
    out[1] = (char)(0x80 | ((code >> 6) & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | (code >> 18));
  out[1] = (char)(0x80 | ((code >> 12) & 0x3f));
  out[2] = (char)(0x80 | ((code >> 6) & 0x3f));
  out[3] = (char)(0x80 | (code & 0x3f));
  return 4;
}

/* What stands behind a backslash; the count of octets, 0 for an error. */
static size_t take_escape(struct reader *reader, char *out) {
  static const char names[] = "\"\\/bfnrt";
  static const char values[] = "\"\\/\b\f\n\r\t";
  uint32_t code = 0;
  uint32_t low = 0;

  if (reader->at == reader->end || *reader->at == '\0') {
    return 0;
  }
  const char *name = strchr(names, *reader->at);
  if (name != NULL) {
    reader->at++;
    out[0] = values[name - names];
    return 1;
  }
  if (*reader->at++ != 'u' || !take_hex(reader, &code)) {
    return 0;
  }
  if (code >= 0xd800 && code < 0xdc00) {
    if (!take_word(reader, "\\u") || !take_hex(reader, &low) || low < 0xdc00 ||
        low > 0xdfff) {
      return 0;
    }
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return 0;
  }
  return put_utf8(out, code);
}

/* The octets up to the closing quote, or to the end. */
static size_t string_room(const struct reader *reader) {
  const char *at = reader->at;

  while (at < reader->end && *at != '"') {
    at += *at == '\\' && at + 1 < reader->end ? 2 : 1;
  }
  return (size_t)(at - reader->at);
}

static json_t *read_string(struct reader *reader) {
  char *text = json_alloc(string_room(reader) + 4);
  size_t len = 0;
  json_t *value = NULL;

  while (reader->at < reader->end && *reader->at != '"') {
    size_t count = 1;

    if ((uint8_t)*reader->at < 0x20) {
      break;
    }
    text[len] = *reader->at++;
    if (text[len] == '\\') {
      count = take_escape(reader, text + len);
    }
    if (count == 0) {
      break;
    }
    len += count;
  }
  if (reader->at < reader->end && *reader->at == '"') {
    reader->at++;
    value = json_stringn(text, len);
  }
  free(text);
  return value;
}

static json_t *read_number(struct reader *reader) {
  char text[48];
  size_t len = 0;
  char *end = NULL;

  while (reader->at < reader->end && len < sizeof text - 1 &&
         *reader->at != '\0' &&
         strchr("+-.eE0123456789", *reader->at) != NULL) {
    text[len++] = *reader->at++;
  }
  text[len] = '\0';
  json_int_t number = strtoll(text, &end, 10);
  if (len == 0) {
    return NULL;
  }
  return *end == '\0' ? json_integer(number) : json_new(JSON_REAL);
}

static json_t *read_members(struct reader *reader, json_t *container,
                            char end) {
  if (take(reader, end)) {
    return container;
  }
  do {
    json_t *name = NULL;
    json_t *value = NULL;

    if (end == '}') {
      name = take(reader, '"') ? read_string(reader) : NULL;
      if (name == NULL || !take(reader, ':')) {
        json_decref(name);
        json_decref(container);
        return NULL;
      }
    }
    value = read_value(reader);
    if (value == NULL) {
      json_decref(name);
      json_decref(container);
      return NULL;
    }
    if (name == NULL) {
      (void)json_array_append_new(container, value);
    } else {
      (void)json_object_set_new(container, name->text, value);
    }
    json_decref(name);
  } while (take(reader, ','));
  if (!take(reader, end)) {
    json_decref(container);
    return NULL;
  }
  return container;
}

static json_t *read_value(struct reader *reader) {
  json_t *value = NULL;

  if (reader->depth == DEPTH_MAX) {
    return NULL;
  }
  reader->depth++;
  if (take(reader, '{')) {
    value = read_members(reader, json_object(), '}');
  } else if (take(reader, '[')) {
    value = read_members(reader, json_array(), ']');
  } else if (take(reader, '"')) {
    value = read_string(reader);
  } else if (take_word(reader, "true")) {
    value = json_boolean(true);
  } else if (take_word(reader, "false")) {
    value = json_boolean(false);
  } else if (take_word(reader, "null")) {
    value = json_null();
  } else {
    value = read_number(reader);
  }
  reader->depth--;
  return value;
}

json_t *json_loadb(const char *text, size_t len, size_t flags,
                   json_error_t *error) {
  struct reader reader = {text, text + len, 0};
  json_t *value = read_value(&reader);

  (void)flags;
  skip(&reader);
  if (value != NULL && reader.at != reader.end) {
    json_decref(value);
    value = NULL;
  }
  if (value == NULL && error != NULL) {
    (void)snprintf(error->text, sizeof error->text, "wrong at octet %lu",
                   (unsigned long)(reader.at - text));
  }
  return value;
}

static void write_string(const char *text, size_t len, FILE *file) {
  (void)fputc('"', file);
  for (size_t i = 0; i < len; i++) {
    if (text[i] == '"' || text[i] == '\\') {
      (void)fprintf(file, "\\%c", text[i]);
    } else if ((uint8_t)text[i] < 0x20) {
      (void)fprintf(file, "\\u%04x", (unsigned)text[i]);
    } else {
      (void)fputc(text[i], file);
    }
  }
  (void)fputc('"', file);
}

static void write_members(const json_t *value, FILE *file) {
  bool is_object = value->type == JSON_OBJECT;

  (void)fputc(is_object ? '{' : '[', file);
  for (size_t i = 0; i < value->count; i++) {
    if (i != 0) {
      (void)fputc(',', file);
    }
    if (is_object) {
      write_string(value->members[i].name, strlen(value->members[i].name),
                   file);
      (void)fputc(':', file);
    }
    (void)json_dumpf(value->members[i].value, file, JSON_COMPACT);
  }
  (void)fputc(is_object ? '}' : ']', file);
}

int json_dumpf(const json_t *value, FILE *file, size_t flags) {
  (void)flags;
  switch (value->type) {
  case JSON_OBJECT:
  case JSON_ARRAY:
    write_members(value, file);
    break;
  case JSON_STRING:
    write_string(value->text, value->len, file);
    break;
  case JSON_INTEGER:
    (void)fprintf(file, "%lld", value->number);
    break;
  case JSON_TRUE:
    (void)fputs("true", file);
    break;
  case JSON_FALSE:
    (void)fputs("false", file);
    break;
  case JSON_REAL:
  case JSON_NULL:
    (void)fputs("null", file);
    break;
  }
  return 0;
}
