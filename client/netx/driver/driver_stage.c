/* Arguments and values: JSON on one side, what the services take on the other.
 */
#include "common/base64.h"
#include "driver.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Octets of a message that go into an answer at most; more become a file. */
#define DATA_MAX ((size_t)4 * 1024 * 1024)

/* The timeout of a goal that names none. */
#define TIMEOUT_MS 10000

void *driver_alloc(size_t len) {
  void *memory = calloc(1, len + 1);

  if (memory == NULL) {
    (void)fputs("netx-driver: out of memory\n", stderr);
    exit(EXIT_FAILURE);
  }
  return memory;
}

/* Whether `name`, or what stands before its _b64, is a word of `words`. */
static bool is_word(const char *words, const char *name) {
  size_t len = strlen(name);

  if (len > 4 && strcmp(name + len - 4, "_b64") == 0) {
    len -= 4;
  }
  while (*words != '\0') {
    size_t word_len = strcspn(words, " ");

    if (word_len == len && strncmp(words, name, len) == 0) {
      return true;
    }
    words += word_len;
    words += strspn(words, " ");
  }
  return false;
}

bool driver_has_only(json_t *request, const char *names) {
  const char *name = NULL;
  json_t *value = NULL;

  json_object_foreach(request, name, value) {
    if (strcmp(name, "seq") != 0 && strcmp(name, "goal") != 0 &&
        !is_word(names, name)) {
      return false;
    }
  }
  return true;
}

/* The octets of a JSON string, in base64 if is_b64. */
static bool decode(const json_t *string, bool is_b64,
                   struct driver_octets *octets) {
  const char *from = json_string_value(string);
  size_t len = json_string_length(string);

  *octets = (struct driver_octets){NULL, 0};
  if (from == NULL) {
    return false;
  }
  octets->data = driver_alloc(len);
  octets->len = len;
  if (!is_b64) {
    memcpy(octets->data, from, len);
    return true;
  }
  if (mailc_base64_decode(octets->data, &octets->len, from, len)) {
    octets->data[octets->len] = '\0';
    return true;
  }
  free(octets->data);
  *octets = (struct driver_octets){NULL, 0};
  return false;
}

/* The value `name`, or else `name`_b64, of an object. */
static const json_t *find(const json_t *request, const char *name,
                          bool *is_b64) {
  char coded[40];
  const json_t *plain = json_object_get(request, name);

  *is_b64 = plain == NULL;
  if (plain != NULL) {
    return plain;
  }
  (void)snprintf(coded, sizeof coded, "%s_b64", name);
  return json_object_get(request, coded);
}

char *driver_text(const json_t *request, const char *name) {
  struct driver_octets octets;
  bool is_b64 = false;
  const json_t *value = find(request, name, &is_b64);

  if (json_is_array(value)) {
    value = json_array_size(value) == 1 ? json_array_get(value, 0) : NULL;
  }
  if (!decode(value, is_b64, &octets)) {
    return NULL;
  }
  if (memchr(octets.data, '\0', octets.len) != NULL) {
    free(octets.data);
    return NULL;
  }
  return (char *)octets.data;
}

char *driver_text_or(const json_t *request, const char *name,
                     const char *missing) {
  bool is_b64 = false;
  char *text = NULL;

  if (find(request, name, &is_b64) != NULL) {
    return driver_text(request, name);
  }
  text = driver_alloc(strlen(missing));
  memcpy(text, missing, strlen(missing));
  return text;
}

static bool read_file(const char *path, struct driver_octets *octets) {
  FILE *file = fopen(path, "rb");
  long len = -1;
  bool is_read = false;

  if (file == NULL) {
    return false;
  }
  if (fseek(file, 0, SEEK_END) == 0) {
    len = ftell(file);
  }
  if (len >= 0 && fseek(file, 0, SEEK_SET) == 0) {
    octets->len = (size_t)len;
    octets->data = driver_alloc(octets->len);
    is_read = fread(octets->data, 1, octets->len, file) == octets->len;
  }
  (void)fclose(file);
  return is_read;
}

bool driver_octets(const json_t *request, const char *name,
                   struct driver_octets *octets) {
  char path_name[40];
  bool is_b64 = false;
  const json_t *value = find(request, name, &is_b64);
  const char *path = NULL;

  (void)snprintf(path_name, sizeof path_name, "%s_path", name);
  path = json_string_value(json_object_get(request, path_name));
  *octets = (struct driver_octets){NULL, 0};
  if (path != NULL) {
    return read_file(path, octets);
  }
  if (value == NULL) {
    octets->data = driver_alloc(0);
    return true;
  }
  return decode(value, is_b64, octets);
}

static json_t *write_file(struct driver *driver, struct driver_octets octets) {
  char path[4096];
  FILE *file = NULL;
  bool is_written = false;

  driver->file_count++;
  if (driver->dir == NULL ||
      snprintf(path, sizeof path, "%s/data-%u", driver->dir,
               driver->file_count) >= (int)sizeof path) {
    return NULL;
  }
  file = fopen(path, "wb");
  is_written =
      file != NULL && fwrite(octets.data, 1, octets.len, file) == octets.len;
  if (file == NULL || fclose(file) != 0 || !is_written) {
    return NULL;
  }
  return json_pack("{s:s}", "data_path", path);
}

json_t *driver_data(struct driver *driver, struct driver_octets octets) {
  struct mailc_base64 encoder;
  size_t cap = MAILC_BASE64_LEN(octets.len) + 1;
  char *text = NULL;
  json_t *string = NULL;

  if (octets.len > DATA_MAX) {
    return write_file(driver, octets);
  }
  text = driver_alloc(cap);
  mailc_base64_begin(&encoder, text, cap);
  mailc_base64_add(&encoder, octets.data, octets.len);
  (void)mailc_base64_end(&encoder);
  string = json_stringn_nocheck(text, encoder.len);
  free(text);
  return string;
}

static bool read_address(const char *host, NXD_ADDRESS *address) {
  uint32_t words[4];

  if (host == NULL) {
    return false;
  }
  if (inet_pton(AF_INET, host, words) == 1) {
    address->nxd_ip_version = NX_IP_VERSION_V4;
    address->nxd_ip_address.v4 = ntohl(words[0]);
    return true;
  }
  address->nxd_ip_version = NX_IP_VERSION_V6;
  if (inet_pton(AF_INET6, host, words) != 1) {
    return false;
  }
  for (int i = 0; i < 4; i++) {
    address->nxd_ip_address.v6[i] = ntohl(words[i]);
  }
  return true;
}

json_t *driver_number(uint64_t number) {
  char digits[24];

  if (number <= INT64_MAX) {
    return json_integer((json_int_t)number);
  }
  (void)snprintf(digits, sizeof digits, "%" PRIu64, number);
  return json_string(digits);
}

/* Whether an argument is this word, or missing. */
static bool is_or_missing(const json_t *request, const char *name,
                          const char *word) {
  const json_t *value = json_object_get(request, name);

  return value == NULL ||
         (json_is_string(value) && strcmp(json_string_value(value), word) == 0);
}

bool driver_begin(const json_t *request, struct driver_stage *stage) {
  const json_t *timeout = json_object_get(request, "timeout_ms");
  json_int_t port = json_integer_value(json_object_get(request, "port"));
  json_int_t ms = timeout == NULL ? TIMEOUT_MS : json_integer_value(timeout);
  const char *host = json_string_value(json_object_get(request, "host"));
  const char *login = json_string_value(json_object_get(request, "login"));

  *stage = (struct driver_stage){.login = login == NULL ? "own" : login};
  if (port <= 0 || port > UINT16_MAX || ms <= 0 || ms > INT32_MAX ||
      !read_address(host, &stage->address) ||
      !is_or_missing(request, "tls", "none") ||
      !is_or_missing(request, "policy", "clear")) {
    return false;
  }
  stage->port = (UINT)port;
  stage->ticks = ((ULONG)ms * NX_IP_PERIODIC_RATE + 999) / 1000;
  stage->user = driver_text_or(request, "user", "");
  stage->secret = driver_text_or(request, "secret", "");
  if (stage->user != NULL && stage->secret != NULL) {
    return true;
  }
  driver_end(stage);
  return false;
}

void driver_end(struct driver_stage *stage) {
  free(stage->user);
  free(stage->secret);
}
