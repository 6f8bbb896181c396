/* Inside mailc-driver: what the files of the POP3 ops share. */
#ifndef MAILC_DRIVER_POP3_H
#define MAILC_DRIVER_POP3_H

#include "driver.h"

#include <mailc/pop3_pump.h>

/* Commands that a batch may hold. */
#define DRIVER_POP3_QUEUE_CAP 64

/* The one session that there is. */
struct driver_pop3_session {
  uint8_t rx[4096];
  uint8_t tx[4096];
  uint8_t timestamp[512];
  uint8_t reply[512];
  struct mailc_pop3_slot queue[DRIVER_POP3_QUEUE_CAP];
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump;
};

extern struct driver_pop3_session pop3;

/* An op: see struct driver_op. */
typedef void driver_pop3_op(struct driver *driver, const json_t *request,
                            struct driver_answer *answer);

driver_pop3_op driver_pop3_capa;
driver_pop3_op driver_pop3_list;
driver_pop3_op driver_pop3_uidl;
driver_pop3_op driver_pop3_lang;
driver_pop3_op driver_pop3_retr;
driver_pop3_op driver_pop3_top;
driver_pop3_op driver_pop3_user;
driver_pop3_op driver_pop3_apop;
driver_pop3_op driver_pop3_stls;
driver_pop3_op driver_pop3_auth;
driver_pop3_op driver_pop3_utf8;
driver_pop3_op driver_pop3_batch;

/* Takes the status of an operation that is over; of a refusal, which `reply` is
 * the line of, the response code is set too. */
void driver_pop3_end(struct driver_answer *answer, enum mailc_status status,
                     struct mailc_span reply);

/* The same with the reply that the pump keeps. */
void driver_pop3_end_op(struct driver_answer *answer, enum mailc_status status);

/* A number of a message or of lines. False, with the answer given, where it is
 * none that the library can take. */
bool driver_pop3_number(const json_t *request, const char *name,
                        struct driver_answer *answer, uint32_t *number);

/* What the answer to a command consists of, collected from its events. */
struct driver_pop3_content {
  json_t *lines; /* of a list or of CAPA; an array, or NULL */
  uint8_t *data; /* of a message; of driver_alloc(), or NULL */
  size_t data_cap;
  size_t data_len;
};

/* Adds what an event brings. */
void driver_pop3_collect(struct driver_pop3_content *content,
                         const struct mailc_pop3_event *event);

/* Puts what was collected into a good answer to `command`, and frees it in any
 * case. */
void driver_pop3_set_content(struct driver *driver,
                             struct driver_answer *answer,
                             enum mailc_pop3_command command,
                             struct driver_pop3_content *content);

#endif
