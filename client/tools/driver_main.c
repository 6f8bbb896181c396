/* mailc-driver: performs the ops that come as JSON lines on stdin with mailc,
 * and answers each by one line on stdout. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct driver_protocol *const protocols[] = {
    &driver_pop3,
    &driver_smtp,
};

#define PROTOCOL_COUNT (sizeof protocols / sizeof protocols[0])

static const char *const features[] = {"steps",
                                       "moves",
                                       "clock",
                                       "ipv6",
                                       "policy",
#ifdef DRIVER_HAS_TLS
                                       "tls.implicit",
                                       "client-cert",
#endif
                                       NULL};

const char *driver_outcome(enum mailc_status status) {
  switch (mailc_status_band(status)) {
  case MAILC_BAND_OK:
    return "ok";
  case MAILC_BAND_CALLER:
    return "rejected-locally";
  case MAILC_BAND_REFUSED:
    return status == MAILC_E_AUTH ? "auth-failed" : "refused";
  case MAILC_BAND_LINK:
    return status == MAILC_E_TIMEOUT ? "timeout" : "io-error";
  case MAILC_BAND_POLICY:
    return "policy";
  case MAILC_BAND_LIMIT:
  case MAILC_BAND_PEER:
    break;
  }
  return "protocol-error";
}

static void print_line(json_t *line) {
  (void)json_dumpf(line, stdout, JSON_COMPACT);
  (void)fputc('\n', stdout);
  (void)fflush(stdout);
  json_decref(line);
}

void driver_add_move(struct driver *driver, const char *from, const char *event,
                     const char *to) {
  (void)json_array_append_new(driver->moves,
                              json_pack("[s, s, s]", from, event, to));
}

/* Whether `name`, or what stands before its _b64, is a word of `words`. */
static bool is_argument(const char *words, const char *name) {
  size_t len = strlen(name);
  const char *at = words;

  if (len > 4 && strcmp(name + len - 4, "_b64") == 0) {
    len -= 4;
  }
  while (*at != '\0') {
    size_t word_len = strcspn(at, " ");

    if (word_len == len && strncmp(at, name, len) == 0) {
      return true;
    }
    at += word_len + strspn(at + word_len, " ");
  }
  return false;
}

static bool has_only_arguments(json_t *request, const char *words) {
  const char *name = NULL;
  json_t *value = NULL;

  json_object_foreach(request, name, value) {
    if (strcmp(name, "seq") != 0 && strcmp(name, "op") != 0 &&
        !is_argument(words, name)) {
      return false;
    }
  }
  return true;
}

static const struct driver_op *find_op(const char *name,
                                       const struct driver_protocol **owner) {
  for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
    for (size_t j = 0; j < protocols[i]->op_count; j++) {
      if (strcmp(protocols[i]->ops[j].name, name) == 0) {
        *owner = protocols[i];
        return &protocols[i]->ops[j];
      }
    }
  }
  return NULL;
}

/* Performs an op. The first two of each protocol, connect and close, need no
 * connection. */
static void perform(struct driver *driver, json_t *request,
                    struct driver_answer *answer) {
  const struct driver_protocol *owner = NULL;
  const char *name = json_string_value(json_object_get(request, "op"));
  const struct driver_op *op = name == NULL ? NULL : find_op(name, &owner);

  if (op == NULL || !has_only_arguments(request, op->arguments)) {
    driver_unsupported(answer);
  } else if (op > owner->ops + 1 && driver->protocol != owner) {
    answer->status = MAILC_E_STATE;
  } else {
    op->run(driver, request, answer);
  }
}

static void answer_op(struct driver *driver, json_t *request) {
  struct driver_answer answer = {.status = MAILC_OK};
  json_t *seq = json_object_get(request, "seq");
  json_t *line = NULL;

  perform(driver, request, &answer);
  line = json_pack("{s:O?, s:s, s:o}", "seq", seq, "outcome",
                   answer.outcome != NULL ? answer.outcome
                                          : driver_outcome(answer.status),
                   "moves", driver->moves);
  if (answer.value != NULL) {
    (void)json_object_set_new(line, "value", answer.value);
  }
  print_line(line);
  driver->moves = json_array();
  driver_free_all();
}

static void add_features(json_t *list, const char *const *names) {
  for (; *names != NULL; names++) {
    (void)json_array_append_new(list, json_string(*names));
  }
}

static void answer_hello(struct driver *driver, const json_t *command) {
  const char *dir = json_string_value(json_object_get(command, "dir"));
  json_t *list = json_array();

  free(driver->dir);
  driver->dir = dir == NULL ? NULL : strdup(dir);
  add_features(list, features);
  for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
    add_features(list, protocols[i]->features);
  }
  print_line(json_pack("{s:s, s:s, s:o, s:{s:i}}", "name", "mailc", "version",
                       MAILC_DRIVER_VERSION, "features", list, "limits", "line",
                       998));
}

/* Obeys one line. False if it was bye; exits if it is no line of the protocol.
 */
static bool obey(struct driver *driver, const char *line, size_t len) {
  json_error_t error;
  json_t *request = json_loadb(line, len, JSON_ALLOW_NUL, &error);
  const char *command = json_string_value(json_object_get(request, "cmd"));
  bool goes_on = true;

  if (!json_is_object(request)) {
    (void)fprintf(stderr, "mailc-driver: a line is no JSON object: %s\n",
                  request == NULL ? error.text : "another value");
    exit(2);
  }
  if (command == NULL) {
    answer_op(driver, request);
  } else if (strcmp(command, "hello") == 0) {
    answer_hello(driver, request);
  } else if (strcmp(command, "bye") == 0) {
    goes_on = false;
  } else if (strcmp(command, "advance") != 0 ||
             !driver_link_advance(&driver->link, request)) {
    (void)fprintf(stderr, "mailc-driver: no such command: %.40s\n", command);
    exit(2);
  }
  json_decref(request);
  return goes_on;
}

int main(void) {
  struct driver driver = {.moves = json_array()};
  size_t len = 0;
  char *line = NULL;

  driver_link_init(&driver.link);
  do {
    line = driver_link_next_line(&driver.link, &len);
  } while (line != NULL && obey(&driver, line, len));
  driver_close(&driver);
  driver_link_free(&driver.link);
  json_decref(driver.moves);
  free(driver.dir);
  return EXIT_SUCCESS;
}
