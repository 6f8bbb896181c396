#include "session.h"

#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char replay_unsupported[] = "the ops do not support it";

static struct driver driver;
static char wrong[1024];
static char last_outcome[32];

static uint64_t driver_now(void *context) {
  (void)context;
  return replay_timeline.now_ms;
}

/* What the ops need of a connection, without one. */
void driver_tls_configure(struct driver_tls *tls,
                          const struct mailc_tls_config *config) {
  (void)tls;
  (void)config;
}

static void begin(const struct replay_path *path,
                  const struct replay_plan *plan) {
  replay_begin(path, plan);
  json_decref(driver.moves);
  driver = (struct driver){.moves = json_array()};
  driver.link.transport = replay_transport();
  driver.link.tcp.now_ms = driver_now;
}

void replay_wipe(void *octets, size_t len);

void replay_wipe(void *octets, size_t len) { memset(octets, 0, len); }

static bool claims(const struct driver_protocol *protocol, const char *name) {
  for (const char *const *each = protocol->features; *each != NULL; each++) {
    if (strcmp(*each, name) == 0) {
      return true;
    }
  }
  return false;
}

bool replay_can_play(const struct replay_vector *vector) {
  size_t i = 0;
  json_t *need = NULL;

  json_array_foreach(vector->needs, i, need) {
    const char *name = json_string_value(need);
    bool is_protocol =
        strncmp(name, "pop3", 4) == 0 || strncmp(name, "smtp", 4) == 0;

    if (is_protocol && !claims(&driver_pop3, name) &&
        !claims(&driver_smtp, name)) {
      return false;
    }
  }
  return true;
}

static const char *complain(const char *what, const json_t *wanted,
                            const json_t *got) {
  char *wanted_text = json_dumps(wanted, JSON_COMPACT | JSON_ENCODE_ANY);
  char *got_text = json_dumps(got, JSON_COMPACT | JSON_ENCODE_ANY);

  (void)snprintf(wrong, sizeof wrong, "%s: %.400s, not %.400s", what,
                 got_text == NULL ? "nothing" : got_text,
                 wanted_text == NULL ? "nothing" : wanted_text);
  free(wanted_text);
  free(got_text);
  return wrong;
}

/* Whether the expected moves stand among those reported, in this order. */
static bool has_moves(const json_t *wanted, const json_t *answers) {
  size_t at = 0;
  size_t i = 0;
  json_t *answer = NULL;

  json_array_foreach(answers, i, answer) {
    size_t j = 0;
    json_t *move = NULL;

    json_array_foreach(json_object_get(answer, "moves"), j, move) {
      if (json_equal(move, json_array_get(wanted, at))) {
        at++;
      }
    }
  }
  return at == json_array_size(wanted);
}

/* Whether the wanted members are there. */
static bool are_members(json_t *wanted, const json_t *got) {
  const char *name = NULL;
  json_t *value = NULL;

  json_object_foreach(wanted, name, value) {
    if (!json_equal(value, json_object_get(got, name))) {
      return false;
    }
  }
  return true;
}

/* A row of a list: a recipient's may end early, the result of a batched call
 * has an outcome and values. */
static bool is_row(json_t *wanted, json_t *got) {
  if (json_is_object(wanted)) {
    return json_equal(json_object_get(wanted, "outcome"),
                      json_object_get(got, "outcome")) &&
           are_members(json_object_get(wanted, "value"),
                       json_object_get(got, "value"));
  }
  if (!json_is_array(wanted) || !json_is_array(got)) {
    return json_equal(wanted, got);
  }
  for (size_t i = 0; i < json_array_size(wanted); i++) {
    if (!json_equal(json_array_get(wanted, i), json_array_get(got, i))) {
      return false;
    }
  }
  return true;
}

static bool is_value(json_t *wanted, json_t *got) {
  if (!json_is_array(wanted) || !json_is_array(got)) {
    return json_equal(wanted, got);
  }
  if (json_array_size(wanted) != json_array_size(got)) {
    return false;
  }
  for (size_t i = 0; i < json_array_size(wanted); i++) {
    if (!is_row(json_array_get(wanted, i), json_array_get(got, i))) {
      return false;
    }
  }
  return true;
}

/* Values that a client need not know. */
static bool may_be_unknown(const char *name) {
  return strcmp(name, "code") == 0 || strcmp(name, "enhanced") == 0 ||
         strcmp(name, "resp_code") == 0 || strcmp(name, "temporary") == 0;
}

static bool has_outcome(const json_t *expected, const char *outcome) {
  json_t *each = NULL;
  size_t i = 0;

  json_array_foreach(json_object_get(expected, "outcomes"), i, each) {
    if (strcmp(json_string_value(each), outcome) == 0) {
      return true;
    }
  }
  return false;
}

/* NULL if the values of an answer are those expected. */
static const char *judge_values(const json_t *expected, const json_t *answer) {
  const char *name = NULL;
  json_t *value = NULL;

  json_object_foreach(json_object_get(expected, "value"), name, value) {
    json_t *got = json_object_get(json_object_get(answer, "value"), name);

    if (!(may_be_unknown(name) && (got == NULL || json_is_null(got))) &&
        !is_value(value, got)) {
      return complain(name, value, answer);
    }
  }
  return NULL;
}

/* NULL if an answer is what the vector expects: where values depend on the
 * outcome, one of the alternatives with it. */
static const char *judge(const json_t *result, const json_t *answer) {
  const char *outcome = json_string_value(json_object_get(answer, "outcome"));
  const char *fault = NULL;
  json_t *each = NULL;
  size_t i = 0;

  if (!has_outcome(result, outcome)) {
    return strcmp(outcome, "unsupported") == 0
               ? replay_unsupported
               : complain("an outcome", json_object_get(result, "outcomes"),
                          answer);
  }
  fault = judge_values(result, answer);
  json_array_foreach(json_object_get(result, "alternatives"), i, each) {
    if (has_outcome(each, outcome)) {
      fault = judge_values(each, answer);
      if (fault == NULL) {
        return NULL;
      }
    }
  }
  return fault;
}

/* The result that belongs to the call at step `at`, or the step behind all. */
static size_t find(const struct replay_path *path, size_t at,
                   enum replay_kind kind) {
  while (at < path->step_count && path->steps[at].kind != kind) {
    at++;
  }
  return at;
}

static void keep_outcome(const json_t *outcome) {
  size_t len = json_string_length(outcome);

  len = len < sizeof last_outcome ? len : sizeof last_outcome - 1;
  memcpy(last_outcome, json_string_value(outcome), len);
  last_outcome[len] = '\0';
}

/* Makes the call at step `at`. NULL, after which *answer is the caller's, or
 * what is wrong. */
static const char *call(const struct replay_path *path, size_t at,
                        json_t **answer) {
  replay_advance(at);
  if (replay_timeline.at != at) {
    return "the client did not send or read what stands before a call";
  }
  replay_advance(find(path, at, REPLAY_RESULT));
  *answer = driver_answer(&driver, path->steps[at].json);
  keep_outcome(json_object_get(*answer, "outcome"));
  if (replay_timeline.has_mismatch) {
    return "the client sent other octets than it must";
  }
  return NULL;
}

/* Ends a play: the rest of the timeline, and the client's closing. */
static const char *end(const struct replay_path *path) {
  replay_advance(path->step_count);
  driver_close(&driver);
  if (replay_timeline.at != path->step_count) {
    return "the timeline was not played to its end";
  }
  return replay_timeline.matched == replay_timeline.sent_len
             ? NULL
             : "the client sent more than it must";
}

const char *replay_last_outcome(void) { return last_outcome; }

const char *replay_record(const struct replay_path *path,
                          struct replay_log *log) {
  static const struct replay_plan plan = {
      .caps = {REPLAY_OWN, REPLAY_OWN, REPLAY_OWN}};
  const char *fault = NULL;
  size_t at = 0;

  *log = (struct replay_log){.answers = json_array()};
  begin(path, &plan);
  while (fault == NULL &&
         (at = find(path, at, REPLAY_CALL)) < path->step_count) {
    json_t *answer = NULL;
    size_t result = find(path, at, REPLAY_RESULT);

    fault = call(path, at, &answer);
    if (fault == NULL && result < path->step_count) {
      fault = judge(path->steps[result].json, answer);
    }
    (void)json_array_append_new(log->answers, answer);
    at++;
  }
  if (fault == NULL) {
    fault = end(path);
  }
  if (fault == NULL && !has_moves(path->moves, log->answers)) {
    fault = complain("the moves", path->moves, log->answers);
  }
  log->sent_len = replay_timeline.sent_len;
  log->sent = malloc(log->sent_len + 1);
  if (log->sent == NULL) {
    return "out of memory";
  }
  memcpy(log->sent, replay_timeline.sent, log->sent_len);
  return fault;
}

void replay_free(struct replay_log *log) {
  json_decref(log->answers);
  free(log->sent);
}

const char *replay_compare(const struct replay_path *path,
                           const struct replay_plan *plan,
                           const struct replay_log *log) {
  const char *fault = NULL;
  size_t at = 0;

  begin(path, plan);
  for (size_t i = 0; fault == NULL && i < json_array_size(log->answers); i++) {
    json_t *answer = NULL;

    at = find(path, at, REPLAY_CALL);
    fault = call(path, at, &answer);
    if (fault == NULL && !json_equal(answer, json_array_get(log->answers, i))) {
      fault = complain("an answer", json_array_get(log->answers, i), answer);
    }
    json_decref(answer);
    at++;
  }
  if (fault == NULL) {
    fault = end(path);
  }
  if (fault == NULL &&
      (replay_timeline.sent_len != log->sent_len ||
       memcmp(replay_timeline.sent, log->sent, log->sent_len) != 0)) {
    fault = "other octets were sent";
  }
  return fault;
}
