/* pop3.batch: ops that are queued before the first reply is awaited. USER and
 * PASS are two commands of one op. */
#include "driver_pop3.h"

#include <string.h>

/* What one op came to. */
struct result {
  struct driver_answer answer;
  struct driver_pop3_content content;
  uint8_t command_count; /* queued and not answered */
  bool has_content;      /* content is of its answer */
};

typedef enum mailc_status plain_command(struct mailc_pop3 *session);
typedef enum mailc_status numbered_command(struct mailc_pop3 *session,
                                           uint32_t number);

static void note(struct result *result, enum mailc_status status) {
  result->answer.status = status;
  if (status == MAILC_OK) {
    result->command_count++;
  }
}

static void queue_login(struct result *result, const json_t *op, bool is_apop) {
  struct mailc_span user;
  struct mailc_span secret;

  if (!driver_text(op, "user", &user) || !driver_text(op, "secret", &secret)) {
    driver_unsupported(&result->answer);
  } else if (is_apop) {
    note(result, mailc_pop3_apop(&pop3.session, user, secret));
  } else {
    note(result, mailc_pop3_user(&pop3.session, user));
    if (result->answer.status == MAILC_OK) {
      note(result, mailc_pop3_pass(&pop3.session, secret));
    }
  }
}

static void queue_numbered(struct result *result, const json_t *op,
                           numbered_command *command) {
  uint32_t number = 0;

  if (driver_pop3_number(op, "n", &result->answer, &number)) {
    note(result, command(&pop3.session, number));
  }
}

/* LIST and UIDL with a number; DELE, RETR; TOP. True if it was one of these. */
static bool queue_by_number(struct result *result, const json_t *op,
                            const char *name) {
  static const struct {
    const char *name;
    numbered_command *command;
  } numbered[] = {{"pop3.list", mailc_pop3_list_one},
                  {"pop3.uidl", mailc_pop3_uidl_one},
                  {"pop3.retr", mailc_pop3_retr},
                  {"pop3.dele", mailc_pop3_dele}};
  uint32_t number = 0;
  uint32_t lines = 0;

  if (json_object_get(op, "n") == NULL) {
    return false;
  }
  if (strcmp(name, "pop3.top") == 0) {
    if (driver_pop3_number(op, "n", &result->answer, &number) &&
        driver_pop3_number(op, "lines", &result->answer, &lines)) {
      note(result, mailc_pop3_top(&pop3.session, number, lines));
    }
    return true;
  }
  for (size_t i = 0; i < sizeof numbered / sizeof numbered[0]; i++) {
    if (strcmp(name, numbered[i].name) == 0) {
      queue_numbered(result, op, numbered[i].command);
      return true;
    }
  }
  return false;
}

static bool queue_plain(struct result *result, const json_t *op,
                        const char *name) {
  static const struct {
    const char *name;
    plain_command *command;
  } plain[] = {{"pop3.capa", mailc_pop3_capa}, {"pop3.stat", mailc_pop3_stat},
               {"pop3.list", mailc_pop3_list}, {"pop3.uidl", mailc_pop3_uidl},
               {"pop3.noop", mailc_pop3_noop}, {"pop3.rset", mailc_pop3_rset},
               {"pop3.quit", mailc_pop3_quit}, {"pop3.utf8", mailc_pop3_utf8},
               {"pop3.lang", mailc_pop3_lang}, {"pop3.stls", mailc_pop3_stls}};
  struct mailc_span tag;

  if (strcmp(name, "pop3.lang") == 0 && driver_text(op, "tag", &tag)) {
    note(result, mailc_pop3_lang_to(&pop3.session, tag));
    return true;
  }
  for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
    if (strcmp(name, plain[i].name) == 0) {
      note(result, plain[i].command(&pop3.session));
      return true;
    }
  }
  return false;
}

static void queue_op(struct result *result, const json_t *op) {
  const char *name = json_string_value(json_object_get(op, "op"));

  if (name == NULL) {
    driver_unsupported(&result->answer);
  } else if (strcmp(name, "pop3.user") == 0 || strcmp(name, "pop3.apop") == 0) {
    queue_login(result, op, strcmp(name, "pop3.apop") == 0);
  } else if (!queue_by_number(result, op, name) &&
             !queue_plain(result, op, name)) {
    driver_unsupported(&result->answer);
  }
}

/* The values that the reply itself carries. */
static void set_values(struct driver_answer *answer,
                       const struct mailc_pop3_event *event) {
  if (event->command == MAILC_POP3_STAT) {
    driver_set(answer, "count", driver_size(event->number));
    driver_set(answer, "octets", driver_size(event->size));
  } else if (event->command == MAILC_POP3_LIST_ONE ||
             event->command == MAILC_POP3_UIDL_ONE) {
    driver_set(answer, "items",
               json_pack("[[o, o]]", driver_size(event->number),
                         event->command == MAILC_POP3_LIST_ONE
                             ? driver_size(event->size)
                             : driver_utf8(event->value)));
  } else if (event->command == MAILC_POP3_PASS ||
             event->command == MAILC_POP3_APOP) {
    driver_set_text(answer, "reply", event->text);
  }
}

/* Takes an event of the op's command. True with the last one of the op. */
static bool take_event(struct driver *driver, struct result *result,
                       const struct mailc_pop3_event *event) {
  if (event->kind == MAILC_POP3_EVENT_END) {
    if (result->has_content) {
      driver_pop3_set_content(driver, &result->answer, event->command,
                              &result->content);
    }
    return --result->command_count == 0;
  }
  if (event->kind != MAILC_POP3_EVENT_REPLY) {
    driver_pop3_collect(&result->content, event);
    return false;
  }
  if (result->answer.status == MAILC_OK) {
    driver_pop3_end(&result->answer, event->status, event->text);
    if (event->status == MAILC_OK) {
      set_values(&result->answer, event);
    }
  }
  result->has_content = event->has_more && event->command != MAILC_POP3_STLS;
  return !event->has_more && --result->command_count == 0;
}

static json_t *to_json(struct result *result) {
  const struct driver_answer *answer = &result->answer;
  json_t *line =
      json_pack("{s:s}", "outcome",
                answer->outcome != NULL ? answer->outcome
                                        : driver_outcome(answer->status));

  if (answer->value != NULL) {
    (void)json_object_set_new(line, "value", answer->value);
  }
  json_decref(result->content.lines);
  return line;
}

/* Hands the events to the ops in their order; what the session fails by is the
 * result of all that have none then. */
static enum mailc_status take_events(struct driver *driver,
                                     struct result *results, size_t count) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = MAILC_OK;
  size_t at = 0;

  do {
    while (at < count && results[at].command_count == 0) {
      at++;
    }
    status = mailc_pop3_pump_next(&pop3.pump, &event);
    if (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_NONE &&
        at < count) {
      (void)take_event(driver, &results[at], &event);
    }
  } while (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_NONE);
  for (; at < count && status != MAILC_OK; at++) {
    if (results[at].command_count != 0) {
      results[at].answer.status = status;
    }
  }
  return status;
}

void driver_pop3_batch(struct driver *driver, const json_t *request,
                       struct driver_answer *answer) {
  static struct result results[DRIVER_POP3_QUEUE_CAP];
  const json_t *ops = json_object_get(request, "ops");
  size_t count = json_array_size(ops);
  enum mailc_status status = MAILC_OK;
  json_t *list = NULL;

  if (!json_is_array(ops) || count > DRIVER_POP3_QUEUE_CAP) {
    driver_unsupported(answer);
    return;
  }
  memset(results, 0, sizeof results);
  status = mailc_pop3_pump_begin(&pop3.pump);
  for (size_t i = 0; i < count && status == MAILC_OK; i++) {
    queue_op(&results[i], json_array_get(ops, i));
  }
  if (status == MAILC_OK) {
    status = take_events(driver, results, count);
  }
  list = json_array();
  for (size_t i = 0; i < count; i++) {
    (void)json_array_append_new(list, to_json(&results[i]));
  }
  driver_set(answer, "results", list);
  answer->status = status;
}
