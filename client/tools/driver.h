/* Inside mailc-driver: what the files of the two protocols share. */
#ifndef MAILC_DRIVER_H
#define MAILC_DRIVER_H

#include "driver_link.h"

#include <jansson.h>
#include <mailc/hash.h>
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
  const char *arguments; /* names with a blank between; x also allows x_b64 */
  void (*run)(struct driver *driver, const json_t *request,
              struct driver_answer *answer);
};

struct driver_protocol {
  const struct driver_op *ops; /* connect and close first, which alone need no
                                  connection */
  size_t op_count;
  const char *const *features; /* NULL at the end */
};

extern const struct driver_protocol driver_pop3;
extern const struct driver_protocol driver_smtp;

/* The arguments of connect. */
#ifdef DRIVER_HAS_TLS
#define DRIVER_CONNECT_ARGUMENTS                                               \
  "host port tls policy timeout_ms deadline_ms name ca client_cert client_key"
#else
#define DRIVER_CONNECT_ARGUMENTS "host port tls policy timeout_ms deadline_ms"
#endif

/* Everything that lasts from one op to the next. Each protocol's file keeps its
 * session itself. */
struct driver {
  struct driver_link link; /* the connection, with the driver's clock */
  json_t *moves;           /* since the last answer */
  const struct driver_protocol *protocol; /* that connected, or NULL */
  char *dir;           /* where files for the suite go, or NULL */
  unsigned file_count; /* made there */
};

/* Performs the op of a request; the answer is the caller's. */
json_t *driver_answer(struct driver *driver, json_t *request);

/* Arguments. */

/* Memory for one op, at least one octet, never NULL; it is wiped and freed
 * after the answer, as it may hold secrets. */
void *driver_alloc(size_t len);
void driver_free_all(void);

/* The octets of the string `name` or `name`_b64, valid during the op; false if
 * it is missing or no such string. */
bool driver_text(const json_t *request, const char *name,
                 struct mailc_span *text);

/* The octets of one JSON string, in base64 if is_b64. */
bool driver_string(const json_t *string, bool is_b64, struct mailc_span *text);

/* A list of strings, valid during the op. */
struct driver_texts {
  struct mailc_span *spans;
  size_t count;
};

/* The octets of a JSON array of strings, in base64 if is_b64; false if it is
 * none such. */
bool driver_list(const json_t *array, bool is_b64, struct driver_texts *texts);

/* The list `name` or `name`_b64; empty if it is missing. */
bool driver_texts(const json_t *request, const char *name,
                  struct driver_texts *texts);

/* An integer between 0 and `max`; false if it is missing or none such. */
bool driver_number(const json_t *request, const char *name, uint64_t max,
                   uint64_t *number);

/* Values. */

/* A JSON string of the octets, or NULL if they are not UTF-8. */
json_t *driver_utf8(struct mailc_span text);

/* A JSON string of the octets in base64. */
json_t *driver_b64(struct mailc_span octets);

/* A number, of octets or another; above 2^63 - 1, which jansson cannot hold, as
 * a string of its digits. */
json_t *driver_size(uint64_t octets);

/* Sets `name`, or `name`_b64 if the octets are not UTF-8, in answer->value. */
void driver_set_text(struct driver_answer *answer, const char *name,
                     struct mailc_span text);

/* Sets `name` in answer->value; takes the reference. */
void driver_set(struct driver_answer *answer, const char *name, json_t *value);

/* Sets message octets: data_b64, or data_path where they are many. */
void driver_set_data(struct driver *driver, struct driver_answer *answer,
                     struct mailc_span data);

/* The outcome that a status stands for; static. */
const char *driver_outcome(enum mailc_status status);

/* Makes the answer unsupported. */
void driver_unsupported(struct driver_answer *answer);

/* Moves. */

void driver_add_move(struct driver *driver, const char *from, const char *event,
                     const char *to);

/* Connecting, the part that both protocols share. */

struct driver_connection {
  enum mailc_policy policy;
  uint32_t timeout_ms;
  uint32_t limit_ms;          /* deadline_ms, or 0 */
  uint32_t greeting_limit_ms; /* what is left of that for the greeting, or 0 */
  bool has_tls;               /* TLS has begun */
};

/* Reads the arguments of connect and connects. Returns false if the answer is
 * already there: unsupported, or no connection. */
bool driver_connect(struct driver *driver, const json_t *request,
                    const struct driver_protocol *protocol,
                    struct driver_connection *connection,
                    struct driver_answer *answer);

/* Ends the session, if there is one: closes the connection without a word. */
void driver_close(struct driver *driver);

#endif
