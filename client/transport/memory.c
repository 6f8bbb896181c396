/* A pair of transports over two buffers. */
#include "common/secret.h"

#include <mailc/memory.h>
#include <string.h>

static struct mailc_memory_end *other(struct mailc_memory_end *end) {
  return &end->pair->ends[end == &end->pair->ends[0] ? 1 : 0];
}

static uint64_t clock_ms(void *context) {
  return ((struct mailc_memory_end *)context)->pair->now_ms;
}

static uint64_t later(uint64_t now_ms, uint64_t until_ms) {
  return until_ms > now_ms ? until_ms : now_ms;
}

/* Waits for the other side. False if the time has come. */
static bool wait_for_other(struct mailc_memory_end *end, uint64_t until_ms) {
  struct mailc_memory_pair *pair = end->pair;

  if (pair->now_ms >= until_ms) {
    return false;
  }
  if (pair->wait != NULL) {
    pair->wait(pair->context, end == &pair->ends[0] ? 0 : 1, until_ms);
  }
  return true;
}

/* As many octets as there is room for. */
static size_t put(struct mailc_memory_end *to, const void *octets, size_t len) {
  size_t room = to->inbox.cap - (to->len - to->used);

  if (to->used != 0) {
    to->len -= to->used;
    memmove(to->inbox.data, to->inbox.data + to->used, to->len);
    to->used = 0;
  }
  len = len < room ? len : room;
  memcpy(to->inbox.data + to->len, octets, len);
  to->len += len;
  return len;
}

static size_t take(struct mailc_memory_end *end, void *octets, size_t cap) {
  size_t len = end->len - end->used;

  len = len < cap ? len : cap;
  if (len != 0) {
    memcpy(octets, end->inbox.data + end->used, len);
    mailc_wipe(end->inbox.data + end->used, len);
    end->used += len;
  }
  return len;
}

static enum mailc_status send_octets(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  struct mailc_memory_end *end = (struct mailc_memory_end *)context;

  *sent = 0;
  for (bool has_waited = false;; has_waited = true) {
    if (end->is_closed || other(end)->is_closed) {
      return MAILC_E_LINK;
    }
    *sent = put(other(end), octets, len);
    if (*sent != 0) {
      return MAILC_OK;
    }
    if (has_waited || !wait_for_other(end, until_ms)) {
      end->pair->now_ms = later(end->pair->now_ms, until_ms);
      return MAILC_OK;
    }
  }
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  struct mailc_memory_end *end = (struct mailc_memory_end *)context;

  *received = 0;
  for (bool has_waited = false;; has_waited = true) {
    *received = take(end, octets, cap);
    if (*received != 0) {
      return MAILC_OK;
    }
    if (end->is_closed || other(end)->is_closed) {
      return end->is_closed ? MAILC_E_LINK : MAILC_E_CLOSED;
    }
    if (has_waited || !wait_for_other(end, until_ms)) {
      end->pair->now_ms = later(end->pair->now_ms, until_ms);
      return MAILC_OK;
    }
  }
}

static void close_end(void *context) {
  ((struct mailc_memory_end *)context)->is_closed = true;
}

enum mailc_status mailc_memory_init(struct mailc_memory_pair *pair,
                                    struct mailc_buffer first_inbox,
                                    struct mailc_buffer second_inbox) {
  if (pair == NULL || first_inbox.data == NULL || first_inbox.cap == 0 ||
      second_inbox.data == NULL || second_inbox.cap == 0) {
    return MAILC_E_ARGUMENT;
  }
  *pair = (struct mailc_memory_pair){
      .ends = {{.pair = pair, .inbox = first_inbox},
               {.pair = pair, .inbox = second_inbox}}};
  return MAILC_OK;
}

struct mailc_transport mailc_memory_transport(struct mailc_memory_pair *pair,
                                              unsigned end) {
  return (struct mailc_transport){.context = &pair->ends[end & 1u],
                                  .send = send_octets,
                                  .recv = receive_octets,
                                  .close = close_end,
                                  .now_ms = clock_ms};
}
