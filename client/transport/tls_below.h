/* The transport below a TLS back end, bounded. A TLS library asks for octets
 * until it has data, however many records without any are in between, so that
 * the bounds lie where it asks. */
#ifndef MAILC_TLS_BELOW_H
#define MAILC_TLS_BELOW_H

#include <mailc/tls.h>

/* Where a connection is. */
enum phase {
  PHASE_CLEAR, /* octets pass through */
  PHASE_TLS,
  PHASE_OVER /* no octet goes either way */
};

static inline struct mailc_tls_below
below_make(const struct mailc_transport *transport,
           const struct mailc_tls_config *config) {
  uint32_t max =
      config->overhead_max != 0 ? config->overhead_max : MAILC_TLS_OVERHEAD_MAX;

  return (struct mailc_tls_below){
      .transport = *transport,
      .overhead_max = max > MAILC_TLS_RECORD_MAX ? max : MAILC_TLS_RECORD_MAX};
}

static inline uint64_t below_now_ms(const struct mailc_tls_below *below) {
  return below->transport.now_ms(below->transport.context);
}

/* A call of the transport above begins, which has until `until_ms`. */
static inline void below_begin(struct mailc_tls_below *below,
                               uint64_t until_ms) {
  below->until_ms = until_ms;
  below->late_room = below_now_ms(below) >= until_ms ? MAILC_TLS_RECORD_MAX : 0;
}

/* The handshake is done, or data came. */
static inline void below_progress(struct mailc_tls_below *below) {
  below->overhead_len = 0;
}

/* Sends. MAILC_OK with *sent 0 says that the time came. */
static inline enum mailc_status below_send(struct mailc_tls_below *below,
                                           const void *octets, size_t len,
                                           size_t *sent) {
  enum mailc_status status = below->transport.send(
      below->transport.context, octets, len, below->until_ms, sent);

  if (status != MAILC_OK) {
    below->status = status;
  }
  below->has_moved = status == MAILC_OK && *sent != 0;
  return status;
}

/* The lesser of two. */
static inline size_t below_least(size_t first, size_t second) {
  return first < second ? first : second;
}

/* Receives. MAILC_OK with *received 0 says that the time came; E_TLS that the
 * server has sent too much without data. */
static inline enum mailc_status below_receive(struct mailc_tls_below *below,
                                              void *octets, size_t cap,
                                              size_t *received) {
  bool is_late = below_now_ms(below) >= below->until_ms;
  size_t left = below->overhead_max - below->overhead_len;
  size_t room = below_least(is_late ? below->late_room : cap, cap);
  enum mailc_status status = MAILC_OK;

  *received = 0;
  below->has_moved = false;
  if (left == 0) {
    status = MAILC_E_TLS;
  } else if (room != 0) {
    status = below->transport.recv(below->transport.context, octets,
                                   below_least(room, left), below->until_ms,
                                   received);
  }
  if (status != MAILC_OK) {
    below->status = status;
    return status;
  }
  below->has_moved = *received != 0;
  below->overhead_len += (uint32_t)*received;
  below->late_room -= is_late ? (uint32_t)*received : 0;
  return MAILC_OK;
}

/* In clear: nothing is bounded but by the transport itself. */
static inline enum mailc_status below_pass_send(struct mailc_tls_below *below,
                                                const void *octets, size_t len,
                                                uint64_t until_ms,
                                                size_t *sent) {
  return below->transport.send(below->transport.context, octets, len, until_ms,
                               sent);
}

static inline enum mailc_status
below_pass_receive(struct mailc_tls_below *below, void *octets, size_t cap,
                   uint64_t until_ms, size_t *received) {
  return below->transport.recv(below->transport.context, octets, cap, until_ms,
                               received);
}

#endif
