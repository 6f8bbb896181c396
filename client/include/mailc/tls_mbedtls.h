/* TLS by mbedTLS. <mailc/tls.h> says what it does and does not. mbedTLS 2.28
 * speaks TLS 1.2 alone. It knows no trust store of the system: without a
 * ca_file the PEM file named by MAILC_CA_FILE is read.
 *
 * A server that asks for a renegotiation is refused by an alert. Where that
 * cannot leave before until_ms, or while octets of send() wait to leave, the
 * connection has failed: recv() is MAILC_E_LINK. */
#ifndef MAILC_TLS_MBEDTLS_H
#define MAILC_TLS_MBEDTLS_H

#include <mailc/tls.h>
#include <mailc/transport.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One connection. Of the library's: the caller provides the memory, which stays
 * where it is, and reads nothing here. */
struct mailc_tls_mbedtls {
  mbedtls_ssl_context ssl;
  mbedtls_ssl_config settings;
  mbedtls_x509_crt trusted;
  mbedtls_x509_crt own;
  mbedtls_pk_context key;
  mbedtls_entropy_context entropy;
  mbedtls_ctr_drbg_context random;
  struct mailc_tls_below below;
  size_t pending_len; /* octets of data that wait to leave */
  bool is_receiving;
  uint8_t phase;
  uint8_t address_len; /* 0 if the host is a name */
  uint8_t address[16]; /* the host's, in network order */
};

/* Makes a connection, which is to be freed in every case but MAILC_E_ARGUMENT.
 *   tls     out: memory of the caller's, of any content
 *   below   in: connected before start_tls(), closed by *tls; copied, but its
 *           context stays the caller's
 *   config  in: whom to trust; needed during the call only
 * MAILC_OK               it is there
 *   MAILC_E_ARGUMENT     a pointer, the host or the transport is missing
 *   MAILC_E_CREDENTIALS  a file cannot be read or holds nothing usable, the key
 *                        does not belong to the certificate, or there is no
 *                        source of random octets */
enum mailc_status mailc_tls_mbedtls_init(struct mailc_tls_mbedtls *tls,
                                         const struct mailc_transport *below,
                                         const struct mailc_tls_config *config);

/* Frees and wipes what init took; the connection is not closed by this. A
 * second call does nothing.
 *   tls  in/out: what mailc_tls_mbedtls_init() has made */
void mailc_tls_mbedtls_free(struct mailc_tls_mbedtls *tls);

/* Returns the transport of *tls. Its close() says close_notify without waiting
 * for an answer.
 *   tls  in: outlives the transport */
struct mailc_transport
mailc_tls_mbedtls_transport(struct mailc_tls_mbedtls *tls);

#ifdef __cplusplus
}
#endif

#endif
