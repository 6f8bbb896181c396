/* TLS by OpenSSL 3. <mailc/tls.h> says what it does and does not. */
#ifndef MAILC_TLS_OPENSSL_H
#define MAILC_TLS_OPENSSL_H

#include <mailc/tls.h>
#include <mailc/transport.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One connection. Of the library's: the caller provides the memory and reads
 * nothing here. */
struct mailc_tls_openssl {
  struct ssl_ctx_st *settings;
  struct ssl_st *ssl;
  struct bio_method_st *method;
  struct mailc_tls_below below;
  uint8_t phase;
};

/* Makes a connection, which is to be freed in every case but MAILC_E_ARGUMENT.
 *   tls     out: memory of the caller's, of any content
 *   below   in: connected before start_tls(), closed by *tls; copied, but its
 *           context stays the caller's
 *   config  in: whom to trust; needed during the call only
 * MAILC_OK               it is there
 *   MAILC_E_ARGUMENT     a pointer, the host or the transport is missing
 *   MAILC_E_CREDENTIALS  a file cannot be read or holds nothing usable, or the
 *                        key does not belong to the certificate */
enum mailc_status mailc_tls_openssl_init(struct mailc_tls_openssl *tls,
                                         const struct mailc_transport *below,
                                         const struct mailc_tls_config *config);

/* Frees what init took; the connection is not closed by this. A second call
 * does nothing.
 *   tls  in/out: what mailc_tls_openssl_init() has made */
void mailc_tls_openssl_free(struct mailc_tls_openssl *tls);

/* Returns the transport of *tls. Its close() says close_notify without waiting
 * for an answer.
 *   tls  in: outlives the transport */
struct mailc_transport
mailc_tls_openssl_transport(struct mailc_tls_openssl *tls);

#ifdef __cplusplus
}
#endif

#endif
