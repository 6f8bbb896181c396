/* A transport without a connection: what the server says is given beforehand,
 * a reply for each line received; what the client sends is kept. */
#ifndef MAILC_TEST_MEMORY_TRANSPORT_H
#define MAILC_TEST_MEMORY_TRANSPORT_H

#include "check.h"

#include <mailc/transport.h>

struct memory_transport {
  /* What the server sends: the first at once, each other one when another line
   * of the client's is complete; NULL at the end. */
  const char *const *replies;
  bool closes;    /* after the last reply; otherwise the server falls silent */
  bool is_stuck;  /* nothing can be sent */
  bool is_broken; /* sending fails */
  enum mailc_status tls_status; /* what a handshake comes to */
  unsigned tls_count;           /* handshakes begun */
  size_t step;                  /* octets per call of either kind; 0: one */
  uint64_t now_ms;
  char sent[4096];
  size_t sent_len;
  size_t line_count; /* complete lines of these */
  size_t reply_at;   /* the reply that is being received */
  size_t octet_at;   /* and how much of it was */
  unsigned close_count;
};

static inline enum mailc_status memory_send(void *context, const void *octets,
                                            size_t len, uint64_t until_ms,
                                            size_t *sent) {
  struct memory_transport *memory = (struct memory_transport *)context;
  size_t step = memory->step == 0 ? 1 : memory->step;

  *sent = 0;
  if (memory->is_broken) {
    return MAILC_E_LINK;
  }
  if (memory->is_stuck) {
    memory->now_ms = until_ms;
    return MAILC_OK;
  }
  *sent = len < step ? len : step;
  CHECK(memory->sent_len + *sent <= sizeof memory->sent);
  memcpy(memory->sent + memory->sent_len, octets, *sent);
  for (size_t i = 0; i < *sent; i++) {
    memory->line_count += ((const char *)octets)[i] == '\n';
  }
  memory->sent_len += *sent;
  return MAILC_OK;
}

static inline enum mailc_status memory_recv(void *context, void *octets,
                                            size_t cap, uint64_t until_ms,
                                            size_t *received) {
  struct memory_transport *memory = (struct memory_transport *)context;
  size_t step = memory->step == 0 ? 1 : memory->step;
  const char *reply = memory->replies[memory->reply_at];
  size_t len = 0;

  *received = 0;
  if (reply == NULL && memory->closes) {
    return MAILC_E_CLOSED;
  }
  if (reply == NULL || memory->reply_at > memory->line_count) {
    memory->now_ms = until_ms > memory->now_ms ? until_ms : memory->now_ms;
    return MAILC_OK;
  }
  len = strlen(reply + memory->octet_at);
  len = len < step ? len : step;
  len = len < cap ? len : cap;
  memcpy(octets, reply + memory->octet_at, len);
  memory->octet_at += len;
  if (reply[memory->octet_at] == '\0') {
    memory->reply_at++;
    memory->octet_at = 0;
  }
  *received = len;
  return MAILC_OK;
}

static inline enum mailc_status memory_start_tls(void *context,
                                                 uint64_t until_ms) {
  struct memory_transport *memory = (struct memory_transport *)context;

  memory->tls_count++;
  if (memory->tls_status == MAILC_E_TIMEOUT) {
    memory->now_ms = until_ms;
  }
  return memory->tls_status;
}

static inline void memory_close(void *context) {
  ((struct memory_transport *)context)->close_count++;
}

static inline uint64_t memory_now_ms(void *context) {
  return ((struct memory_transport *)context)->now_ms;
}

static inline struct mailc_transport
memory_transport(struct memory_transport *memory) {
  return (struct mailc_transport){.context = memory,
                                  .send = memory_send,
                                  .recv = memory_recv,
                                  .close = memory_close,
                                  .now_ms = memory_now_ms};
}

#endif
