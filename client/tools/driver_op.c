/* Performing an op that came as a JSON object, and its answer as another. */
#include "driver.h"

#include <string.h>

static const struct driver_protocol *const protocols[] = {
    &driver_pop3,
    &driver_smtp,
};

#define PROTOCOL_COUNT (sizeof protocols / sizeof protocols[0])

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

void driver_add_move(struct driver *driver, const char *from, const char *event,
                     const char *to) {
  json_t *move = json_array();

  (void)json_array_append_new(move, json_string(from));
  (void)json_array_append_new(move, json_string(event));
  (void)json_array_append_new(move, json_string(to));
  (void)json_array_append_new(driver->moves, move);
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

json_t *driver_answer(struct driver *driver, json_t *request) {
  struct driver_answer answer = {.status = MAILC_OK};
  json_t *line = json_object();

  perform(driver, request, &answer);
  (void)json_object_set(line, "seq", json_object_get(request, "seq"));
  (void)json_object_set_new(line, "outcome",
                            json_string(answer.outcome != NULL
                                            ? answer.outcome
                                            : driver_outcome(answer.status)));
  (void)json_object_set_new(line, "moves", driver->moves);
  if (answer.value != NULL) {
    (void)json_object_set_new(line, "value", answer.value);
  }
  driver->moves = json_array();
  driver_free_all();
  return line;
}
