/* The POP3 ops whose answer has several lines. */
#include "common/text.h"
#include "driver_pop3.h"

#include <string.h>

/* A capability, its keyword in upper case; one that is not UTF-8 is left out,
 * as JSON has no place for it. */
static void add_capability(json_t *caps, const struct mailc_pop3_event *event) {
  uint8_t *octets = driver_alloc(event->text.len);
  json_t *keyword = NULL;
  json_t *parameters = driver_utf8(event->value);

  for (size_t i = 0; i < event->text.len; i++) {
    octets[i] = mailc_text_upper(event->text.data[i]);
  }
  keyword = driver_utf8((struct mailc_span){octets, event->text.len});
  if (keyword != NULL && parameters != NULL) {
    (void)json_array_append_new(caps, json_pack("[O, O]", keyword, parameters));
  }
  json_decref(keyword);
  json_decref(parameters);
}

static void add_item(json_t *items, uint32_t number, json_t *what) {
  (void)json_array_append_new(items,
                              json_pack("[o, o]", driver_size(number), what));
}

static void add_data(struct driver_pop3_content *content,
                     struct mailc_span octets) {
  if (content->data == NULL ||
      octets.len > content->data_cap - content->data_len) {
    size_t cap = 4 * content->data_cap + sizeof pop3.rx;
    uint8_t *grown = driver_alloc(cap);

    if (content->data != NULL) {
      memcpy(grown, content->data, content->data_len);
    }
    content->data = grown;
    content->data_cap = cap;
  }
  memcpy(content->data + content->data_len, octets.data, octets.len);
  content->data_len += octets.len;
}

void driver_pop3_collect(struct driver_pop3_content *content,
                         const struct mailc_pop3_event *event) {
  if (event->kind == MAILC_POP3_EVENT_DATA) {
    add_data(content, event->value);
    return;
  }
  if (content->lines == NULL) {
    content->lines = json_array();
  }
  if (event->kind == MAILC_POP3_EVENT_CAPABILITY) {
    add_capability(content->lines, event);
  } else if (event->kind == MAILC_POP3_EVENT_LANGUAGE) {
    (void)json_array_append_new(content->lines,
                                json_pack("[o, o]", driver_utf8(event->text),
                                          driver_utf8(event->value)));
  } else if (event->kind == MAILC_POP3_EVENT_ITEM) {
    add_item(content->lines, event->number,
             event->command == MAILC_POP3_LIST ? driver_size(event->size)
                                               : driver_utf8(event->value));
  }
}

void driver_pop3_set_content(struct driver *driver,
                             struct driver_answer *answer,
                             enum mailc_pop3_command command,
                             struct driver_pop3_content *content) {
  if (content->lines == NULL) {
    content->lines = json_array();
  }
  if (answer->status == MAILC_OK &&
      (command == MAILC_POP3_RETR || command == MAILC_POP3_TOP)) {
    driver_set_data(driver, answer,
                    (struct mailc_span){content->data, content->data_len});
  } else if (answer->status == MAILC_OK) {
    driver_set(answer, command == MAILC_POP3_CAPA ? "caps" : "items",
               json_incref(content->lines));
  }
  json_decref(content->lines);
  content->lines = NULL;
}

/* Reads what is open, if `status` says that it is, and gives the answer. A
 * caller who has no room for more than `most` octets drops the rest. */
static void read_most(struct driver *driver, struct driver_answer *answer,
                      enum mailc_pop3_command command, enum mailc_status status,
                      uint64_t most) {
  struct driver_pop3_content content = {.lines = NULL};
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};

  while (status == MAILC_OK && pop3.pump.is_reading) {
    status = mailc_pop3_pump_read(&pop3.pump, &event);
    if (status == MAILC_OK) {
      driver_pop3_collect(&content, &event);
    }
    if (status == MAILC_OK && content.data_len > most) {
      driver_pop3_end_op(answer, mailc_pop3_pump_skip(&pop3.pump));
      answer->outcome = answer->status == MAILC_OK ? "failed" : NULL;
      json_decref(content.lines);
      return;
    }
  }
  driver_pop3_end_op(answer, status);
  driver_pop3_set_content(driver, answer, command, &content);
}

static void read_all(struct driver *driver, struct driver_answer *answer,
                     enum mailc_pop3_command command,
                     enum mailc_status status) {
  read_most(driver, answer, command, status, UINT64_MAX);
}

void driver_pop3_capa(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  (void)request;
  read_all(driver, answer, MAILC_POP3_CAPA,
           mailc_pop3_pump_open_capa(&pop3.pump));
}

/* The answer of one item. */
static void set_item(struct driver_answer *answer, uint32_t number,
                     json_t *what) {
  json_t *items = json_array();

  add_item(items, number, what);
  if (answer->status == MAILC_OK) {
    driver_set(answer, "items", json_incref(items));
  }
  json_decref(items);
}

void driver_pop3_list(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  uint32_t number = 0;
  uint64_t size = 0;

  if (json_object_get(request, "n") == NULL) {
    read_all(driver, answer, MAILC_POP3_LIST,
             mailc_pop3_pump_open_list(&pop3.pump));
  } else if (driver_pop3_number(request, "n", answer, &number)) {
    driver_pop3_end_op(answer,
                       mailc_pop3_pump_list_one(&pop3.pump, number, &size));
    set_item(answer, number, driver_size(size));
  }
}

void driver_pop3_uidl(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  uint32_t number = 0;
  struct mailc_span uid = {NULL, 0};

  if (json_object_get(request, "n") == NULL) {
    read_all(driver, answer, MAILC_POP3_UIDL,
             mailc_pop3_pump_open_uidl(&pop3.pump));
  } else if (driver_pop3_number(request, "n", answer, &number)) {
    driver_pop3_end_op(answer,
                       mailc_pop3_pump_uidl_one(&pop3.pump, number, &uid));
    set_item(answer, number, driver_utf8(uid));
  }
}

void driver_pop3_lang(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct mailc_span tag;

  if (driver_text(request, "tag", &tag)) {
    driver_pop3_end_op(answer, mailc_pop3_pump_lang_to(&pop3.pump, tag));
  } else if (json_object_get(request, "tag") == NULL &&
             json_object_get(request, "tag_b64") == NULL) {
    read_all(driver, answer, MAILC_POP3_LANG,
             mailc_pop3_pump_open_lang(&pop3.pump));
  } else {
    driver_unsupported(answer);
  }
}

void driver_pop3_retr(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  uint32_t number = 0;
  uint64_t most = UINT64_MAX;

  if (json_object_get(request, "fail_after") != NULL &&
      !driver_number(request, "fail_after", INT64_MAX, &most)) {
    driver_unsupported(answer);
  } else if (driver_pop3_number(request, "n", answer, &number)) {
    read_most(driver, answer, MAILC_POP3_RETR,
              mailc_pop3_pump_open_retr(&pop3.pump, number), most);
  }
}

void driver_pop3_top(struct driver *driver, const json_t *request,
                     struct driver_answer *answer) {
  uint32_t number = 0;
  uint32_t lines = 0;

  if (driver_pop3_number(request, "n", answer, &number) &&
      driver_pop3_number(request, "lines", answer, &lines)) {
    read_all(driver, answer, MAILC_POP3_TOP,
             mailc_pop3_pump_open_top(&pop3.pump, number, lines));
  }
}
