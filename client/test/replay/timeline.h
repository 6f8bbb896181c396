/* The server's side of a vector, as a transport without a socket. */
#ifndef MAILC_REPLAY_TIMELINE_H
#define MAILC_REPLAY_TIMELINE_H

#include "vectors.h"

#include <mailc/transport.h>
#include <stdint.h>

/* The client's buffers. */
enum replay_buffer {
  REPLAY_RX,
  REPLAY_TX,
  REPLAY_TIMESTAMP,
  REPLAY_BUFFER_COUNT
};

/* A buffer is as large as the ops make it. */
#define REPLAY_OWN SIZE_MAX

/* How octets move, and how much memory the client has. */
struct replay_plan {
  size_t cut;   /* one piece ends behind so many octets of the server's; 0: none
                 */
  size_t chunk; /* the longest piece in either direction; 0: any */
  size_t caps[REPLAY_BUFFER_COUNT]; /* octets, or REPLAY_OWN */
};

/* The most octets that either side may send in a trace. */
#define REPLAY_LEN_MAX ((size_t)1 << 20)

struct replay_timeline {
  const struct replay_path *path;
  const struct replay_plan *plan;
  size_t at;       /* the step that the server plays next */
  size_t limit;    /* the step that it has to wait at */
  size_t written;  /* octets that the server wrote, */
  size_t received; /* and of these the client has */
  size_t matched;  /* octets sent that steps have taken */
  size_t sent_len;
  uint64_t now_ms;
  unsigned connection_count;
  unsigned accepted_count;
  enum mailc_status end; /* what recv() says at the end; MAILC_OK before it */
  bool has_mismatch;     /* the client sent other octets than it must */
  uint8_t inbox[REPLAY_LEN_MAX];
  uint8_t sent[REPLAY_LEN_MAX];
};

/* There is one, since the driver's ops have one connection. */
extern struct replay_timeline replay_timeline;

/* Begins a path anew. */
void replay_begin(const struct replay_path *path,
                  const struct replay_plan *plan);

/* Lets the server play what it can up to the step `limit`. */
void replay_advance(size_t limit);

/* The transport of the timeline. */
struct mailc_transport replay_transport(void);

#endif
