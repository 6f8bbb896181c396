/* A TLS server by OpenSSL at the other end of a pair in memory. It echoes what
 * it is sent, and runs whenever the client waits. */
#ifndef MAILC_TEST_TLS_PEER_H
#define MAILC_TEST_TLS_PEER_H

#include "certificate.h"

#include <mailc/memory.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum tls_peer_manner {
  PEER_SERVES,
  PEER_IS_SILENT,
  PEER_TALKS_CLEAR, /* answers the first octets with a line in clear */
  PEER_CLOSES       /* at the first octets */
};

struct tls_peer {
  /* The test's to set, before tls_peer_begin(). */
  struct identity identity;         /* its own */
  const struct identity *authority; /* of client certificates that it demands;
                                       NULL: it demands none */
  int version_max;                  /* 0: any */
  enum tls_peer_manner manner;

  /* The peer's. */
  struct mailc_memory_pair pair;  /* the client has end 0 */
  unsigned char inboxes[2][4000]; /* a first message with keys for after
                                      quantum computers takes 1,600 */
  SSL_CTX *settings;
  SSL *ssl;
  bool has_shaken_hands;
  bool is_broken;        /* by an error of TLS */
  bool has_close_notify; /* the client said it */
  size_t heard_len;      /* octets of records that came */
  size_t read_len;       /* octets that were in them */
};

void tls_peer_begin(struct tls_peer *peer);

/* Runs the server with what the client has sent. */
void tls_peer_run(struct tls_peer *peer);

/* Moves what the server has written to the client, as many octets as fit. */
void tls_peer_flush(struct tls_peer *peer);

/* Sends close_notify. */
void tls_peer_say_goodbye(struct tls_peer *peer);

/* Sends a line without TLS. */
void tls_peer_say_in_clear(struct tls_peer *peer);

/* Closes without a word. */
void tls_peer_cut(struct tls_peer *peer);

void tls_peer_end(struct tls_peer *peer);

#endif
