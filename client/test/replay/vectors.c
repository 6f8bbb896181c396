#include "vectors.h"

#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void refuse(const char *what) {
  (void)fprintf(stderr, "mailc-replay: %s\n", what);
  exit(2);
}

static void *allocate(size_t count, size_t size) {
  void *memory = calloc(count + 1, size);

  if (memory == NULL) {
    refuse("out of memory");
  }
  return memory;
}

/* The octets of a step's text, for good. */
static struct mailc_span keep_text(const json_t *step, const char *name) {
  struct mailc_span text;
  uint8_t *copy = NULL;

  if (!driver_text(step, name, &text)) {
    refuse("a step has no octets");
  }
  copy = allocate(text.len, 1);
  memcpy(copy, text.data, text.len);
  driver_free_all();
  return (struct mailc_span){copy, text.len};
}

static bool has_text(const json_t *step, const char *name,
                     const char *name_b64) {
  return json_object_get(step, name) != NULL ||
         json_object_get(step, name_b64) != NULL;
}

static struct replay_step read_step(const json_t *json) {
  struct replay_step step = {.kind = REPLAY_ACCEPT};
  const json_t *end = json_object_get(json, "end");
  const json_t *tls = json_object_get(json, "starttls");

  if (json_object_get(json, "call") != NULL) {
    step.kind = REPLAY_CALL;
    step.json = json_object_get(json, "call");
  } else if (json_object_get(json, "result") != NULL) {
    step.kind = REPLAY_RESULT;
    step.json = json_object_get(json, "result");
  } else if (has_text(json, "expect", "expect_b64")) {
    step.kind = REPLAY_EXPECT;
    step.octets = keep_text(json, "expect");
  } else if (has_text(json, "send", "send_b64")) {
    step.kind = REPLAY_SEND;
    step.octets = keep_text(json, "send");
  } else if (json_object_get(json, "pause") != NULL) {
    step.kind = REPLAY_PAUSE;
  } else if (end != NULL || tls != NULL) {
    step.kind = end != NULL ? REPLAY_END : REPLAY_STARTTLS;
    step.name = json_string_value(end != NULL ? end : tls);
  }
  return step;
}

static void read_path(const json_t *json, struct replay_path *path) {
  const json_t *steps = json_object_get(json, "steps");

  path->moves = json_object_get(json, "moves");
  path->step_count = json_array_size(steps);
  path->steps = allocate(path->step_count, sizeof *path->steps);
  for (size_t i = 0; i < path->step_count; i++) {
    path->steps[i] = read_step(json_array_get(steps, i));
    if (path->steps[i].kind == REPLAY_SEND) {
      path->server_len += path->steps[i].octets.len;
    }
  }
}

static void read_vector(const json_t *json, struct replay_vector *vector) {
  const json_t *paths = json_object_get(json, "paths");

  vector->id = json_string_value(json_object_get(json, "id"));
  vector->needs = json_object_get(json, "needs");
  vector->is_cuttable = json_is_true(json_object_get(json, "cuttable"));
  vector->path_count = json_array_size(paths);
  vector->paths = allocate(vector->path_count, sizeof *vector->paths);
  for (size_t i = 0; i < vector->path_count; i++) {
    read_path(json_array_get(paths, i), &vector->paths[i]);
  }
}

struct replay_vectors replay_load(const char *file) {
  json_error_t error;
  json_t *root = json_load_file(file, JSON_ALLOW_NUL, &error);
  const json_t *list = json_object_get(root, "vectors");
  struct replay_vectors vectors = {root, NULL, 0};

  if (root == NULL) {
    refuse(error.text);
  }
  if (json_integer_value(json_object_get(root, "schema")) != 1) {
    refuse("these vectors have another schema than 1");
  }
  vectors.count = json_array_size(list);
  vectors.items = allocate(vectors.count, sizeof *vectors.items);
  for (size_t i = 0; i < vectors.count; i++) {
    read_vector(json_array_get(list, i), &vectors.items[i]);
  }
  return vectors;
}
