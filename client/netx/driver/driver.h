/* Inside netx-driver: what its files share. */
#ifndef NETX_DRIVER_H
#define NETX_DRIVER_H

#include <jansson.h>
#include <nxd_pop3_client.h>
#include <nxd_smtp_client.h>
#include <stdint.h>

/* Everything that lasts from one goal to the next. */
struct driver {
  NX_IP ip;
  NX_PACKET_POOL pool;
  char *dir;           /* where files for the suite go, or NULL */
  unsigned file_count; /* made there */
};

/* The part of a goal that both protocols have. */
struct driver_stage {
  NXD_ADDRESS address;
  UINT port;
  ULONG ticks; /* for each wait */
  const char *login;
  char *user; /* of the request, or "" */
  char *secret;
};

/* An answer. */
struct driver_answer {
  const char *outcome; /* static */
  json_t *value;       /* an object */
  UINT code;           /* of an SMTP reply, or 0 */
  UINT status;         /* of the services, that the outcome stands for */
};

/* Octets that were allocated; the caller frees them. */
struct driver_octets {
  unsigned char *data;
  size_t len;
};

/* Memory that is there, or the program ends. */
void *driver_alloc(size_t len);

/* Whether every argument is one of `names`, blanks between; x allows x_b64. */
bool driver_has_only(json_t *request, const char *names);

/* A text of the request, with its end, to be freed; NULL if it is missing or
 * holds a NUL. */
char *driver_text(const json_t *request, const char *name);

/* The same, and a copy of `missing` where the request has no such text. */
char *driver_text_or(const json_t *request, const char *name,
                     const char *missing);

/* The octets of `name`_b64 or of the file `name`_path; a missing one is empty.
 * False if it cannot be read. */
bool driver_octets(const json_t *request, const char *name,
                   struct driver_octets *octets);

/* Message octets for an answer: base64, or a file where they are many. */
json_t *driver_data(struct driver *driver, struct driver_octets octets);

/* A number; above 2^63 - 1, which jansson cannot hold, as a string of its
 * digits. */
json_t *driver_number(uint64_t number);

/* Reads the arguments of connecting and logging in; false if one of them cannot
 * be honoured. */
bool driver_begin(const json_t *request, struct driver_stage *stage);
void driver_end(struct driver_stage *stage);

void driver_pop3_fetch(struct driver *driver, const json_t *request,
                       struct driver_answer *answer);
void driver_pop3_list(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_send(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);

#endif
