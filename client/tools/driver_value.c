/* Arguments and values: JSON on one side, octets on the other. */
#include "common/base64.h"
#include "common/secret.h"
#include "driver.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets that go into an answer at most; more become a file. */
#define DATA_MAX ((size_t)8 * 1024 * 1024)

/* What driver_alloc() gave out during this op. */
struct block {
  struct block *next;
  size_t len;
};

static struct block *blocks;

void *driver_alloc(size_t len) {
  struct block *block = malloc(sizeof *block + len + 1);

  if (block == NULL) {
    (void)fputs("mailc-driver: out of memory\n", stderr);
    exit(EXIT_FAILURE);
  }
  *block = (struct block){blocks, len};
  blocks = block;
  return block + 1;
}

void driver_free_all(void) {
  while (blocks != NULL) {
    struct block *next = blocks->next;

    mailc_wipe(blocks + 1, blocks->len);
    free(blocks);
    blocks = next;
  }
}

bool driver_string(const json_t *string, bool is_b64, struct mailc_span *text) {
  const char *from = json_string_value(string);
  size_t len = json_string_length(string);
  uint8_t *octets = NULL;

  if (from == NULL) {
    return false;
  }
  *text = (struct mailc_span){(const uint8_t *)from, len};
  if (is_b64) {
    octets = driver_alloc(len);
    text->data = octets;
    return mailc_base64_decode(octets, &text->len, from, len);
  }
  return true;
}

bool driver_text(const json_t *request, const char *name,
                 struct mailc_span *text) {
  char name_b64[64];
  const json_t *string = json_object_get(request, name);

  if (string != NULL) {
    return driver_string(string, false, text);
  }
  (void)snprintf(name_b64, sizeof name_b64, "%s_b64", name);
  return driver_string(json_object_get(request, name_b64), true, text);
}

bool driver_list(const json_t *array, bool is_b64, struct driver_texts *texts) {
  if (!json_is_array(array)) {
    return false;
  }
  texts->count = json_array_size(array);
  texts->spans = driver_alloc(texts->count * sizeof *texts->spans);
  for (size_t i = 0; i < texts->count; i++) {
    if (!driver_string(json_array_get(array, i), is_b64, &texts->spans[i])) {
      return false;
    }
  }
  return true;
}

bool driver_texts(const json_t *request, const char *name,
                  struct driver_texts *texts) {
  const json_t *plain = json_object_get(request, name);
  char coded_name[40];
  const json_t *coded = NULL;

  (void)snprintf(coded_name, sizeof coded_name, "%s_b64", name);
  coded = json_object_get(request, coded_name);
  *texts = (struct driver_texts){NULL, 0};
  if (plain == NULL && coded == NULL) {
    return true;
  }
  return plain != NULL ? driver_list(plain, false, texts)
                       : driver_list(coded, true, texts);
}

bool driver_number(const json_t *request, const char *name, uint64_t max,
                   uint64_t *number) {
  const json_t *value = json_object_get(request, name);

  if (!json_is_integer(value) || json_integer_value(value) < 0 ||
      (uint64_t)json_integer_value(value) > max) {
    return false;
  }
  *number = (uint64_t)json_integer_value(value);
  return true;
}

json_t *driver_utf8(struct mailc_span text) {
  return text.len == 0 ? json_string("")
                       : json_stringn((const char *)text.data, text.len);
}

json_t *driver_size(uint64_t octets) {
  char digits[24];

  if (octets <= INT64_MAX) {
    return json_integer((json_int_t)octets);
  }
  (void)snprintf(digits, sizeof digits, "%" PRIu64, octets);
  return json_string(digits);
}

json_t *driver_b64(struct mailc_span octets) {
  size_t cap = MAILC_BASE64_LEN(octets.len) + 1;
  char *out = driver_alloc(cap);
  struct mailc_base64 encoder;

  mailc_base64_begin(&encoder, out, cap);
  mailc_base64_add(&encoder, octets.data, octets.len);
  (void)mailc_base64_end(&encoder);
  return json_stringn_nocheck(out, encoder.len);
}

void driver_set(struct driver_answer *answer, const char *name, json_t *value) {
  if (answer->value == NULL) {
    answer->value = json_object();
  }
  (void)json_object_set_new(answer->value, name, value);
}

void driver_set_text(struct driver_answer *answer, const char *name,
                     struct mailc_span text) {
  char name_b64[64];
  json_t *string = driver_utf8(text);

  if (string != NULL) {
    driver_set(answer, name, string);
    return;
  }
  (void)snprintf(name_b64, sizeof name_b64, "%s_b64", name);
  driver_set(answer, name_b64, driver_b64(text));
}

/* Writes a file in the folder that the suite gave; false if that fails. */
static bool write_file(const char *path, struct mailc_span data) {
  FILE *file = fopen(path, "wb");
  bool is_written =
      file != NULL && fwrite(data.data, 1, data.len, file) == data.len;

  return file != NULL && fclose(file) == 0 && is_written;
}

void driver_set_data(struct driver *driver, struct driver_answer *answer,
                     struct mailc_span data) {
  char path[4096];

  if (data.len <= DATA_MAX) {
    driver_set(answer, "data_b64", driver_b64(data));
    return;
  }
  driver->file_count++;
  if (driver->dir == NULL ||
      snprintf(path, sizeof path, "%s/data-%u", driver->dir,
               driver->file_count) >= (int)sizeof path ||
      !write_file(path, data)) {
    answer->outcome = "failed";
    return;
  }
  driver_set(answer, "data_path", json_string(path));
}

void driver_unsupported(struct driver_answer *answer) {
  answer->outcome = "unsupported";
}
