/* The driver's TLS: the back end that it was built with, over its connection.
 * What that costs is paid only by a connection that begins TLS. */
#ifndef MAILC_DRIVER_TLS_H
#define MAILC_DRIVER_TLS_H

#include <mailc/hash.h>
#include <mailc/tls.h>
#include <mailc/transport.h>

#if defined(MAILC_DRIVER_OPENSSL)
#include <mailc/tls_openssl.h>
typedef struct mailc_tls_openssl driver_tls_backend;
#define DRIVER_HAS_TLS 1
#define DRIVER_HAS_HASH 1
#define DRIVER_HASH (&mailc_hash_openssl)
#elif defined(MAILC_DRIVER_MBEDTLS)
#include <mailc/tls_mbedtls.h>
typedef struct mailc_tls_mbedtls driver_tls_backend;
#define DRIVER_HAS_TLS 1
#define DRIVER_HAS_HASH 1
#define DRIVER_HASH (&mailc_hash_mbedtls)
#else
#define DRIVER_HASH NULL
#endif

#ifdef DRIVER_HAS_TLS

/* What a configuration says. */
enum driver_tls_text {
  DRIVER_TLS_HOST,
  DRIVER_TLS_CA,
  DRIVER_TLS_CERT,
  DRIVER_TLS_KEY,
  DRIVER_TLS_TEXT_COUNT
};

struct driver_tls {
  const struct mailc_transport *below;
  char *texts[DRIVER_TLS_TEXT_COUNT]; /* of the configuration, or NULL */
  driver_tls_backend backend;
  struct mailc_transport above; /* of the backend, if it has begun */
  bool has_begun;
};

/* Makes *transport one that passes on to `below` until start_tls() is called,
 * which takes the configuration that is set then. */
void driver_tls_init(struct driver_tls *tls,
                     const struct mailc_transport *below,
                     struct mailc_transport *transport);

/* Sets the configuration of the next connection, copied; all NULL for none. */
void driver_tls_configure(struct driver_tls *tls,
                          const struct mailc_tls_config *config);

#endif

#endif
