/* Inside mailc-driver: what the files of the two protocols share. */
#ifndef MAILC_DRIVER_H
#define MAILC_DRIVER_H

#include "driver_link.h"

#include <jansson.h>
#include <mailc/pump.h>
#include <mailc/span.h>
#include <stdbool.h>
#include <stddef.h>

/* The answer to one op. Zero is the outcome ok without a value. */
struct driver_answer {
  enum mailc_status status; /* gives the outcome by its band */
  const char *outcome;      /* overrides that; static, or NULL */
  json_t *value;            /* an object, or NULL; the answer's own */
};

struct driver;

/* One op. `run` is called with arguments whose names are all in `arguments`;
 * with another the op is unsupported. It answers unsupported itself where a
 * value cannot be honoured. */
struct driver_op {
  const char *name;      /* "pop3.stat" */
  const char *arguments; /* names with a blank between, a string x also allows
                            x_b64 */
  void (*run)(struct driver *driver, const json_t *request,
              struct driver_answer *answer);
};

struct driver_protocol {
  const struct driver_op *ops;
  size_t op_count;
  const char *const *features; /* NULL at the end */
};

extern const struct driver_protocol driver_pop3;
extern const struct driver_protocol driver_smtp;

/* The arguments of connect. */
#define DRIVER_CONNECT_ARGUMENTS                                               \
  "host port tls policy ca name client_cert client_key timeout_ms deadline_ms"

/* Everything that lasts from one op to the next. Each protocol's file keeps its
 * session itself. */
struct driver {
  struct driver_link link; /* the connection, with the driver's clock */
  json_t *moves;           /* since the last answer */
  const struct driver_protocol *protocol; /* that connected, or NULL */
};

/* Arguments. */

/* Memory for one op, freed after its answer; wiped, as it may hold secrets. */
void *driver_alloc(size_t len);

/* The octets of the string `name` or `name`_b64, valid during the op; false if
 * it is missing or no such string. */
bool driver_text(const json_t *request, const char *name,
                 struct mailc_span *text);

/* An integer between 0 and `max`; false if it is missing or none such. */
bool driver_number(const json_t *request, const char *name, uint64_t max,
                   uint64_t *number);

/* Values. */

/* Sets `name`, or `name`_b64 if the octets are not UTF-8, in answer->value. */
void driver_set_text(struct driver_answer *answer, const char *name,
                     struct mailc_span text);

/* Sets `name` in answer->value; takes the reference. */
void driver_set(struct driver_answer *answer, const char *name, json_t *value);

/* Makes the answer unsupported. */
void driver_unsupported(struct driver_answer *answer);

/* Moves. */

void driver_add_move(struct driver *driver, const char *from, const char *event,
                     const char *to);

/* Connecting, the part that both protocols share. */

struct driver_connection {
  enum mailc_policy policy;
  uint32_t timeout_ms;
  uint32_t limit_ms; /* deadline_ms, or 0 */
};

/* Reads the arguments of connect and connects. Returns false if the answer is
 * already there: unsupported (TLS), or no connection. */
bool driver_connect(struct driver *driver, const json_t *request,
                    struct driver_connection *connection,
                    struct driver_answer *answer);

/* Ends the session of the driver, if there is one: closes the connection
 * without a word. */
void driver_close(struct driver *driver);

#endif
