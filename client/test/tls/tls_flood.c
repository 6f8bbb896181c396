#include "tls_flood.h"

#include <openssl/bio.h>

#define RECORD(text)                                                           \
  { (text), sizeof(text) - 1 }

/* Records in clear. The pieces are those of HelloRequests, all of whose octets
 * are 0. */
static const struct {
  const char *octets;
  size_t len;
} records[] = {
    [FLOOD_CLEAR_REQUESTS] = RECORD("\x16\3\3\0\4\0\0\0\0"),
    [FLOOD_CLEAR_WARNINGS] = RECORD("\x15\3\3\0\2\1\x5a"),
    [FLOOD_CLEAR_PIECES] = RECORD("\x16\3\3\0\1\0"),
};

bool tls_flood_is_clear(enum tls_flood flood) {
  return flood <= FLOOD_CLEAR_PIECES;
}

int tls_flood_version(enum tls_flood flood) {
  return flood == FLOOD_REQUESTS ? TLS1_2_VERSION : 0;
}

bool tls_flood_write(SSL *ssl, enum tls_flood flood) {
  bool is_ready = false;

  if (tls_flood_is_clear(flood)) {
    int len = (int)records[flood].len;

    return BIO_write(SSL_get_wbio(ssl), records[flood].octets, len) == len;
  }
  if (flood == FLOOD_REQUESTS) {
    is_ready = SSL_renegotiate(ssl) == 1;
  } else if (flood == FLOOD_TICKETS) {
    is_ready = SSL_new_session_ticket(ssl) == 1;
  } else {
    is_ready = SSL_key_update(ssl, flood == FLOOD_UPDATES
                                       ? SSL_KEY_UPDATE_NOT_REQUESTED
                                       : SSL_KEY_UPDATE_REQUESTED) == 1;
  }
  return is_ready && SSL_do_handshake(ssl) == 1;
}
