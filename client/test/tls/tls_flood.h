/* What a TLS server can send for ever without any data in it. */
#ifndef MAILC_TEST_TLS_FLOOD_H
#define MAILC_TEST_TLS_FLOOD_H

#include <openssl/ssl.h>
#include <stdbool.h>

enum tls_flood {
  /* Before anybody is authenticated. */
  FLOOD_CLEAR_REQUESTS, /* HelloRequest */
  FLOOD_CLEAR_WARNINGS, /* an alert */
  FLOOD_CLEAR_PIECES,   /* the same in pieces of one octet */
  /* After the handshake. */
  FLOOD_REQUESTS,      /* HelloRequest, TLS 1.2 */
  FLOOD_TICKETS,       /* TLS 1.3 */
  FLOOD_UPDATES,       /* KeyUpdate, TLS 1.3 */
  FLOOD_UPDATES_ASKED, /* KeyUpdate that wants one back */
  FLOOD_COUNT
};

/* Whether it goes on in clear, instead of a handshake. */
bool tls_flood_is_clear(enum tls_flood flood);

/* The version of TLS that it needs; 0: any. */
int tls_flood_version(enum tls_flood flood);

/* Writes one more message to the server's BIO; false if that failed. */
bool tls_flood_write(SSL *ssl, enum tls_flood flood);

#endif
