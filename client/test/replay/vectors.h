/* Linear traces as `mailspec export` writes them. */
#ifndef MAILC_REPLAY_VECTORS_H
#define MAILC_REPLAY_VECTORS_H

#include <jansson.h>
#include <mailc/span.h>
#include <stdbool.h>
#include <stddef.h>

enum replay_kind {
  REPLAY_CALL,     /* json: the request */
  REPLAY_RESULT,   /* json: outcomes and value */
  REPLAY_EXPECT,   /* octets: what the client must send */
  REPLAY_SEND,     /* octets: what the server sends */
  REPLAY_END,      /* name: close, reset or half-close */
  REPLAY_STARTTLS, /* name: the fault, or empty */
  REPLAY_PAUSE,    /* the client reads what was sent before the rest is */
  REPLAY_ACCEPT    /* the client connects once more */
};

struct replay_step {
  enum replay_kind kind;
  struct mailc_span octets;
  const char *name;
  json_t *json;
};

/* One way through the groups of a trace. */
struct replay_path {
  struct replay_step *steps;
  size_t step_count;
  size_t server_len; /* octets that the server sends */
  const json_t *moves;
};

struct replay_vector {
  const char *id;
  const json_t *needs;
  bool is_cuttable; /* the same however the server's octets are cut */
  struct replay_path *paths;
  size_t path_count;
};

struct replay_vectors {
  json_t *root; /* what all of the rest points into */
  struct replay_vector *items;
  size_t count;
};

/* Reads a file of vectors. If it is not one, prints a sentence and ends the
 * program. The vectors live until the program ends. */
struct replay_vectors replay_load(const char *file);

#endif
