/* TLS by mbedTLS over any transport: mbedTLS sends and receives through it, so
 * that waiting stays there. */
#include "mbedtls_version.h"
#include "tls_below.h"

#include <arpa/inet.h>
#include <limits.h>
#include <mailc/tls_mbedtls.h>
#include <mbedtls/net_sockets.h>
#include <string.h>

#ifndef MAILC_CA_FILE
#define MAILC_CA_FILE "/etc/ssl/certs/ca-certificates.crt"
#endif

/* An iPAddress in a subjectAltName, RFC 5280 section 4.2.1.6. */
#define SAN_ADDRESS (MBEDTLS_ASN1_CONTEXT_SPECIFIC | 7)

/* mbedTLS sends what it has left when it is asked to send data, and takes that
 * for the data. What is to be sent while it receives (an alert that refuses a
 * renegotiation) has to leave whole and in between two pieces of data. */
static bool may_send(const struct mailc_tls_mbedtls *tls) {
  return !tls->is_receiving || tls->pending_len == 0;
}

static int send_below(void *context, const unsigned char *octets, size_t len) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;
  size_t sent = 0;

  if (!may_send(tls) ||
      below_send(&tls->below, octets, below_least(len, INT_MAX), &sent) !=
          MAILC_OK ||
      (sent == 0 && tls->is_receiving)) {
    return MBEDTLS_ERR_NET_SEND_FAILED;
  }
  return sent == 0 ? MBEDTLS_ERR_SSL_WANT_WRITE : (int)sent;
}

/* The end of the stream is 0 for mbedTLS. */
static int receive_below(void *context, unsigned char *octets, size_t cap) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;
  size_t received = 0;
  enum mailc_status status =
      below_receive(&tls->below, octets, below_least(cap, INT_MAX), &received);

  if (status != MAILC_OK) {
    return status == MAILC_E_CLOSED ? 0 : MBEDTLS_ERR_NET_RECV_FAILED;
  }
  return received == 0 ? MBEDTLS_ERR_SSL_WANT_READ : (int)received;
}

static bool has_address(const mbedtls_x509_crt *certificate,
                        const struct mailc_tls_mbedtls *tls) {
  const mbedtls_x509_sequence *at = NULL;

  for (at = &certificate->subject_alt_names; at != NULL; at = at->next) {
    if (at->buf.tag == SAN_ADDRESS && at->buf.len == tls->address_len &&
        memcmp(at->buf.p, tls->address, tls->address_len) == 0) {
      return true;
    }
  }
  return false;
}

/* mbedTLS compares names alone: an address is compared here, for the server's
 * own certificate, which has depth 0. */
static int verify_address(void *context, mbedtls_x509_crt *certificate,
                          int depth, uint32_t *flags) {
  const struct mailc_tls_mbedtls *tls =
      (const struct mailc_tls_mbedtls *)context;

  if (depth == 0 && tls->address_len != 0 && !has_address(certificate, tls)) {
    *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
  }
  return 0;
}

/* Whom the certificate is to be for. */
static bool demand_host(struct mailc_tls_mbedtls *tls, const char *host) {
  if (inet_pton(AF_INET, host, tls->address) == 1) {
    tls->address_len = 4;
  } else if (inet_pton(AF_INET6, host, tls->address) == 1) {
    tls->address_len = 16;
  }
  return mbedtls_ssl_set_hostname(&tls->ssl,
                                  tls->address_len == 0 ? host : NULL) == 0;
}

/*
 * A bundle may hold some that mbedTLS cannot read. A machine without one of its
 * own trusts nobody: as with OpenSSL, the handshake then refuses every server.
 */
static bool load_trust(struct mailc_tls_mbedtls *tls, const char *ca_file) {
  if (ca_file == NULL) {
    (void)mbedtls_x509_crt_parse_file(&tls->trusted, MAILC_CA_FILE);
    return true;
  }
  return mbedtls_x509_crt_parse_file(&tls->trusted, ca_file) >= 0 &&
         tls->trusted.raw.len != 0;
}

static bool load_own(struct mailc_tls_mbedtls *tls,
                     const struct mailc_tls_config *config) {
  const char *key_file =
      config->key_file != NULL ? config->key_file : config->cert_file;

  return config->cert_file == NULL ||
         (mbedtls_x509_crt_parse_file(&tls->own, config->cert_file) == 0 &&
          version_parse_key(&tls->key, key_file, &tls->random) == 0 &&
          version_check_pair(&tls->own.pk, &tls->key, &tls->random) == 0 &&
          mbedtls_ssl_conf_own_cert(&tls->settings, &tls->own, &tls->key) == 0);
}

static bool set_up(struct mailc_tls_mbedtls *tls,
                   const struct mailc_tls_config *config) {
  mbedtls_ssl_config *settings = &tls->settings;

  if (version_seed(&tls->random, &tls->entropy) != 0 ||
      mbedtls_ssl_config_defaults(settings, MBEDTLS_SSL_IS_CLIENT,
                                  MBEDTLS_SSL_TRANSPORT_STREAM,
                                  MBEDTLS_SSL_PRESET_DEFAULT) != 0 ||
      !load_trust(tls, config->ca_file) || !load_own(tls, config)) {
    return false;
  }
  version_demand_tls_1_2(settings);
  mbedtls_ssl_conf_rng(settings, mbedtls_ctr_drbg_random, &tls->random);
  mbedtls_ssl_conf_ca_chain(settings, &tls->trusted, NULL);
  mbedtls_ssl_conf_authmode(settings, MBEDTLS_SSL_VERIFY_REQUIRED);
  mbedtls_ssl_conf_verify(settings, verify_address, tls);
#ifdef MBEDTLS_SSL_RENEGOTIATION
  mbedtls_ssl_conf_renegotiation(settings, MBEDTLS_SSL_RENEGOTIATION_DISABLED);
#endif
#ifdef MBEDTLS_SSL_SESSION_TICKETS
  mbedtls_ssl_conf_session_tickets(settings,
                                   MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
#endif
  if (mbedtls_ssl_setup(&tls->ssl, settings) != 0 ||
      !demand_host(tls, config->host)) {
    return false;
  }
  mbedtls_ssl_set_bio(&tls->ssl, tls, send_below, receive_below, NULL);
  return true;
}

enum mailc_status
mailc_tls_mbedtls_init(struct mailc_tls_mbedtls *tls,
                       const struct mailc_transport *below,
                       const struct mailc_tls_config *config) {
  if (tls == NULL || below == NULL || config == NULL || config->host == NULL ||
      config->host[0] == '\0') {
    return MAILC_E_ARGUMENT;
  }
  memset(tls, 0, sizeof *tls);
  tls->below = below_make(below, config);
  mbedtls_ssl_init(&tls->ssl);
  mbedtls_ssl_config_init(&tls->settings);
  mbedtls_x509_crt_init(&tls->trusted);
  mbedtls_x509_crt_init(&tls->own);
  mbedtls_pk_init(&tls->key);
  mbedtls_entropy_init(&tls->entropy);
  mbedtls_ctr_drbg_init(&tls->random);
  return set_up(tls, config) ? MAILC_OK : MAILC_E_CREDENTIALS;
}

void mailc_tls_mbedtls_free(struct mailc_tls_mbedtls *tls) {
  mbedtls_ssl_free(&tls->ssl);
  mbedtls_ssl_config_free(&tls->settings);
  mbedtls_x509_crt_free(&tls->trusted);
  mbedtls_x509_crt_free(&tls->own);
  mbedtls_pk_free(&tls->key);
  mbedtls_ctr_drbg_free(&tls->random);
  mbedtls_entropy_free(&tls->entropy);
  tls->phase = PHASE_OVER;
}

static bool is_waiting(int result) {
  return result == MBEDTLS_ERR_SSL_WANT_READ ||
         result == MBEDTLS_ERR_SSL_WANT_WRITE;
}

/* Whether mbedTLS gave up for another reason than the time: octets that it took
 * carried no data, such as a ticket or a warning. */
static bool is_to_be_repeated(const struct mailc_tls_mbedtls *tls, int result) {
  return version_is_ticket(result) ||
         (is_waiting(result) && tls->below.has_moved);
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;
  int result = 0;

  if (tls->phase != PHASE_CLEAR) {
    return MAILC_E_STATE;
  }
  below_begin(&tls->below, until_ms);
  do {
    tls->below.has_moved = false;
    result = mbedtls_ssl_handshake(&tls->ssl);
  } while (is_to_be_repeated(tls, result));
  if (result == 0 && mbedtls_ssl_get_verify_result(&tls->ssl) == 0) {
    below_progress(&tls->below);
    tls->phase = PHASE_TLS;
    return MAILC_OK;
  }
  tls->phase = PHASE_OVER;
  if (result == 0 || result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) {
    return MAILC_E_CERTIFICATE;
  }
  if (is_waiting(result)) {
    return MAILC_E_TIMEOUT;
  }
  return tls->below.status != MAILC_OK ? tls->below.status : MAILC_E_TLS;
}

/* What became of a call that sent or received nothing. */
static enum mailc_status judge(struct mailc_tls_mbedtls *tls, int result) {
  if (is_waiting(result)) {
    return MAILC_OK;
  }
  if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) {
    return MAILC_E_CLOSED;
  }
  tls->phase = PHASE_OVER;
  return MAILC_E_LINK;
}

static enum mailc_status send_octets(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;
  int result = 0;

  if (tls->phase == PHASE_CLEAR) {
    return below_pass_send(&tls->below, octets, len, until_ms, sent);
  }
  *sent = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  below_begin(&tls->below, until_ms);
  if (tls->pending_len != 0) {
    len = below_least(len, tls->pending_len);
  }
  do {
    tls->below.has_moved = false;
    result = mbedtls_ssl_write(&tls->ssl, octets, len);
  } while (is_to_be_repeated(tls, result));
  tls->pending_len = result == MBEDTLS_ERR_SSL_WANT_WRITE ? len : 0;
  if (result < 0) {
    return judge(tls, result);
  }
  *sent = (size_t)result;
  return MAILC_OK;
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;
  int result = 0;

  if (tls->phase == PHASE_CLEAR) {
    return below_pass_receive(&tls->below, octets, cap, until_ms, received);
  }
  *received = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  below_begin(&tls->below, until_ms);
  tls->is_receiving = true;
  do {
    tls->below.has_moved = false;
    result = mbedtls_ssl_read(&tls->ssl, octets, cap);
  } while (is_to_be_repeated(tls, result));
  tls->is_receiving = false;
  if (result <= 0) {
    return judge(tls, result);
  }
  below_progress(&tls->below);
  *received = (size_t)result;
  return MAILC_OK;
}

static void close_connection(void *context) {
  struct mailc_tls_mbedtls *tls = (struct mailc_tls_mbedtls *)context;

  if (tls->phase == PHASE_TLS) {
    below_begin(&tls->below, 0);
    (void)mbedtls_ssl_close_notify(&tls->ssl);
  }
  tls->phase = PHASE_OVER;
  tls->below.transport.close(tls->below.transport.context);
}

static uint64_t clock_ms(void *context) {
  const struct mailc_tls_mbedtls *tls =
      (const struct mailc_tls_mbedtls *)context;

  return below_now_ms(&tls->below);
}

struct mailc_transport
mailc_tls_mbedtls_transport(struct mailc_tls_mbedtls *tls) {
  return (struct mailc_transport){.context = tls,
                                  .send = send_octets,
                                  .recv = receive_octets,
                                  .start_tls = start_tls,
                                  .close = close_connection,
                                  .now_ms = clock_ms};
}
