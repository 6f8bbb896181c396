/* The TLS back end that a test is built for: OpenSSL's or mbedTLS's. */
#ifndef MAILC_TEST_TLS_BACKEND_H
#define MAILC_TEST_TLS_BACKEND_H

#ifdef TEST_MBEDTLS
#include <mailc/tls_mbedtls.h>
typedef struct mailc_tls_mbedtls backend;
#define backend_init mailc_tls_mbedtls_init
#define backend_free mailc_tls_mbedtls_free
#define backend_transport mailc_tls_mbedtls_transport
#else
#include <mailc/tls_openssl.h>
typedef struct mailc_tls_openssl backend;
#define backend_init mailc_tls_openssl_init
#define backend_free mailc_tls_openssl_free
#define backend_transport mailc_tls_openssl_transport
#endif

#endif
