/* What mbedTLS 3 changed against 2.28, and nothing else. */
#ifndef MAILC_MBEDTLS_VERSION_H
#define MAILC_MBEDTLS_VERSION_H

#include <mailc/span.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if MBEDTLS_VERSION_MAJOR >= 3

#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <psa/crypto.h>
#endif

/* TLS 1.3 takes its keys from the PSA interface, which wants a start. */
static inline int version_seed(mbedtls_ctr_drbg_context *random,
                               mbedtls_entropy_context *entropy) {
#if defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3)
  if (psa_crypto_init() != PSA_SUCCESS) {
    return -1;
  }
#endif
  return mbedtls_ctr_drbg_seed(random, mbedtls_entropy_func, entropy, NULL, 0);
}

static inline void version_demand_tls_1_2(mbedtls_ssl_config *settings) {
  mbedtls_ssl_conf_min_tls_version(settings, MBEDTLS_SSL_VERSION_TLS1_2);
}

static inline int version_parse_key(mbedtls_pk_context *key, const char *path,
                                    mbedtls_ctr_drbg_context *random) {
  return mbedtls_pk_parse_keyfile(key, path, NULL, mbedtls_ctr_drbg_random,
                                  random);
}

static inline int version_check_pair(const mbedtls_pk_context *in_public,
                                     const mbedtls_pk_context *in_private,
                                     mbedtls_ctr_drbg_context *random) {
  return mbedtls_pk_check_pair(in_public, in_private, mbedtls_ctr_drbg_random,
                               random);
}

/* A ticket that came instead of octets; reading goes on. */
static inline bool version_is_ticket(int result) {
#ifdef MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET
  return result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
  (void)result;
  return false;
#endif
}

static inline int version_pbkdf2(mbedtls_md_type_t type,
                                 struct mailc_span secret,
                                 struct mailc_span salt, uint32_t iterations,
                                 uint32_t len, uint8_t *out) {
  return mbedtls_pkcs5_pbkdf2_hmac_ext(type, secret.data, secret.len, salt.data,
                                       salt.len, iterations, len, out);
}

#else

static inline int version_seed(mbedtls_ctr_drbg_context *random,
                               mbedtls_entropy_context *entropy) {
  return mbedtls_ctr_drbg_seed(random, mbedtls_entropy_func, entropy, NULL, 0);
}

static inline void version_demand_tls_1_2(mbedtls_ssl_config *settings) {
  mbedtls_ssl_conf_min_version(settings, MBEDTLS_SSL_MAJOR_VERSION_3,
                               MBEDTLS_SSL_MINOR_VERSION_3);
}

static inline int version_parse_key(mbedtls_pk_context *key, const char *path,
                                    mbedtls_ctr_drbg_context *random) {
  (void)random;
  return mbedtls_pk_parse_keyfile(key, path, NULL);
}

static inline int version_check_pair(const mbedtls_pk_context *in_public,
                                     const mbedtls_pk_context *in_private,
                                     mbedtls_ctr_drbg_context *random) {
  (void)random;
  return mbedtls_pk_check_pair(in_public, in_private);
}

static inline bool version_is_ticket(int result) {
  (void)result;
  return false;
}

static inline int version_pbkdf2(mbedtls_md_type_t type,
                                 struct mailc_span secret,
                                 struct mailc_span salt, uint32_t iterations,
                                 uint32_t len, uint8_t *out) {
  mbedtls_md_context_t context;
  int result = 0;

  mbedtls_md_init(&context);
  result = mbedtls_md_setup(&context, mbedtls_md_info_from_type(type), 1);
  if (result == 0) {
    result =
        mbedtls_pkcs5_pbkdf2_hmac(&context, secret.data, secret.len, salt.data,
                                  salt.len, iterations, len, out);
  }
  mbedtls_md_free(&context);
  return result;
}

#endif

#endif
