#include "driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static json_t *args, *values;

json_t *base64(const char *octets, size_t length) {
  char *text = malloc(length / 3 * 4 + 5), *to = text;
  if (text == NULL)
    abort();
  for (size_t at = 0; at < length; at += 3) {
    size_t count = length - at < 3 ? length - at : 3;
    unsigned long bits = 0;
    for (size_t i = 0; i < 3; i++)
      bits = bits << 8 | (i < count ? (unsigned char)octets[at + i] : 0U);
    for (size_t i = 0; i < 4; i++)
      *to++ = i <= count ? digits[bits >> (18 - 6 * i) & 63] : '=';
  }
  json_t *found = json_stringn(text, (size_t)(to - text));
  free(text);
  return found;
}

static json_t *decoded(json_t *value) {
  if (json_is_array(value)) {
    json_t *list = json_array();
    for (size_t i = 0; i < json_array_size(value); i++)
      json_array_append_new(list, decoded(json_array_get(value, i)));
    return list;
  }
  const char *text = json_string_value(value);
  size_t length = 0, count = 0;
  char *octets = malloc(text == NULL ? 1 : strlen(text) + 1);
  if (octets == NULL)
    abort();
  for (unsigned long bits = 0; text != NULL && *text != '\0' && *text != '=';
       text++) {
    bits = bits << 6 | (unsigned long)(strchr(digits, *text) - digits);
    if (++count % 4 != 1)
      octets[length++] = (char)(bits >> (6 - 2 * ((count - 1) % 4)) & 255);
  }
  json_t *found = json_stringn_nocheck(octets, length);
  free(octets);
  return found;
}

const char *arg_octets(const char *name, size_t *length) {
  const json_t *value = json_object_get(args, name);
  *length = json_string_length(value);
  return json_string_value(value);
}

const char *arg(const char *name) {
  return json_string_value(json_object_get(args, name));
}

long long arg_number(const char *name, long long fallback) {
  const json_t *value = json_object_get(args, name);
  return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool arg_is(const char *name, const char *text) {
  const char *value = arg(name);
  return value != NULL && strcmp(value, text) == 0;
}

bool arg_true(const char *name) {
  return json_is_true(json_object_get(args, name));
}

json_t *arg_list(const char *name) {
  json_t *value = json_object_get(args, name);
  return json_is_array(value) ? value : NULL;
}

void put(const char *name, json_t *value) {
  json_object_set_new(values, name, value);
}

static bool has_nul(const json_t *value) {
  const char *text = json_string_value(value);
  for (size_t i = 0; i < json_array_size(value); i++)
    if (has_nul(json_array_get(value, i)))
      return true;
  return text != NULL && strlen(text) < json_string_length(value);
}

bool within(const char *known) {
  const char *name;
  json_t *value;
  json_object_foreach(args, name, value) {
    char word[64], all[512];
    snprintf(word, sizeof word, " %s ", name);
    snprintf(all, sizeof all, " seq op goal %s ", known);
    bool asks_nothing = json_is_false(value) || json_is_null(value) ||
                        (json_is_array(value) && json_array_size(value) == 0);
    if (strstr(all, word) == NULL && !asks_nothing)
      return false;
    if (strcmp(name, "message") != 0 && has_nul(value))
      return false;
  }
  return true;
}

static void take(json_t *request) {
  const char *name;
  json_t *value;
  args = json_object();
  json_object_foreach(request, name, value) {
    size_t length = strlen(name);
    if (length > 4 && strcmp(name + length - 4, "_b64") == 0) {
      char plain[64];
      snprintf(plain, sizeof plain, "%.*s", (int)length - 4, name);
      json_object_set_new(args, plain, decoded(value));
    } else {
      json_object_set(args, name, value);
    }
  }
}

static void say(json_t *answer) {
  json_dumpf(answer, stdout, JSON_COMPACT);
  putchar('\n');
  fflush(stdout);
  json_decref(answer);
}

static json_t *split(const char *words) {
  json_t *list = json_array();
  while (*(words += strspn(words, " ")) != '\0') {
    size_t length = strcspn(words, " ");
    json_array_append_new(list, json_stringn(words, length));
    words += length;
  }
  return list;
}

/* A library that goes round in circles is ended by SIGXCPU, by which mailspec
 * knows a HANG; it would wait for seconds otherwise. */
static void allow_cpu_ms(long ms) {
  struct itimerval time = {.it_value = {ms / 1000, ms % 1000 * 1000}};
  setitimer(ITIMER_PROF, &time, NULL);
}

static void out_of_time(int number) {
  (void)number;
  raise(SIGXCPU);
}

int serve(const char *name, const char *version, const char *features,
          const char *(*play)(const char *what)) {
  enum { MOST_CPU_MS = 500 };
  signal(SIGPROF, out_of_time);
  for (;;) {
    json_t *request =
        json_loadf(stdin, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, NULL);
    const char *command = json_string_value(json_object_get(request, "cmd"));
    if (request == NULL || (command != NULL && strcmp(command, "bye") == 0)) {
      json_decref(request);
      return 0;
    }
    if (command != NULL && strcmp(command, "hello") == 0)
      say(json_pack("{ssssso}", "name", name, "version", version, "features",
                    split(features)));
    if (command == NULL) {
      take(request);
      values = json_object();
      const char *what = arg("op") != NULL ? arg("op") : arg("goal");
      allow_cpu_ms(MOST_CPU_MS);
      const char *outcome = play(what != NULL ? what : "");
      allow_cpu_ms(0);
      say(json_pack("{sOssso}", "seq", json_object_get(args, "seq"), "outcome",
                    outcome, "value", values));
      json_decref(args);
    }
    json_decref(request);
  }
}
