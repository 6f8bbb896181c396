/* TLS by OpenSSL 3 over any transport: OpenSSL reads and writes through a BIO
 * of ours, so that waiting stays with the transport below. */
#include "tls_below.h"

#include <mailc/tls_openssl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* What a function of a BIO returns: whether octets moved. */
static int bio_result(BIO *bio, enum mailc_status status, size_t len,
                      int retry_flags) {
  BIO_clear_retry_flags(bio);
  if (status == MAILC_OK && len == 0) {
    BIO_set_flags(bio, retry_flags | BIO_FLAGS_SHOULD_RETRY);
  }
  return status == MAILC_OK && len != 0;
}

static int bio_write(BIO *bio, const char *octets, size_t len, size_t *sent) {
  struct mailc_tls_openssl *tls = BIO_get_data(bio);
  enum mailc_status status = below_send(&tls->below, octets, len, sent);

  return bio_result(bio, status, *sent, BIO_FLAGS_WRITE);
}

static int bio_read(BIO *bio, char *octets, size_t cap, size_t *received) {
  struct mailc_tls_openssl *tls = BIO_get_data(bio);
  enum mailc_status status = below_receive(&tls->below, octets, cap, received);

  return bio_result(bio, status, *received, BIO_FLAGS_READ);
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
  (void)bio;
  (void)number;
  (void)pointer;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/* A key under a pass phrase is refused; nobody is asked for it. */
static int no_pass_phrase(char *out, int cap, int is_for_writing,
                          void *context) {
  (void)out;
  (void)cap;
  (void)is_for_writing;
  (void)context;
  return -1;
}

static bool load_credentials(SSL_CTX *settings,
                             const struct mailc_tls_config *config) {
  const char *key_file =
      config->key_file != NULL ? config->key_file : config->cert_file;
  int is_trusting = config->ca_file != NULL
                        ? SSL_CTX_load_verify_file(settings, config->ca_file)
                        : SSL_CTX_set_default_verify_paths(settings);

  if (is_trusting != 1) {
    return false;
  }
  SSL_CTX_set_default_passwd_cb(settings, no_pass_phrase);
  return config->cert_file == NULL ||
         (SSL_CTX_use_certificate_chain_file(settings, config->cert_file) ==
              1 &&
          SSL_CTX_use_PrivateKey_file(settings, key_file, SSL_FILETYPE_PEM) ==
              1 &&
          SSL_CTX_check_private_key(settings) == 1);
}

static SSL_CTX *make_settings(void) {
  SSL_CTX *settings = SSL_CTX_new(TLS_client_method());

  if (settings == NULL ||
      SSL_CTX_set_min_proto_version(settings, TLS1_2_VERSION) != 1) {
    SSL_CTX_free(settings);
    return NULL;
  }
  SSL_CTX_set_verify(settings, SSL_VERIFY_PEER, NULL);
  (void)SSL_CTX_set_session_cache_mode(settings, SSL_SESS_CACHE_OFF);
  (void)SSL_CTX_set_options(settings, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                          SSL_OP_NO_RENEGOTIATION |
                                          SSL_OP_CLEANSE_PLAINTEXT);
  (void)SSL_CTX_set_mode(settings, SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return settings;
}

static bool demand_host(SSL *ssl, const char *host) {
  X509_VERIFY_PARAM *demands = SSL_get0_param(ssl);

  X509_VERIFY_PARAM_set_hostflags(demands,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_ip_asc(demands, host) == 1) {
    return true;
  }
  return SSL_set1_host(ssl, host) == 1 &&
         SSL_set_tlsext_host_name(ssl, host) == 1;
}

static bool make_bio(struct mailc_tls_openssl *tls) {
  BIO *bio = NULL;

  tls->method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "mailc transport");
  if (tls->method == NULL ||
      BIO_meth_set_write_ex(tls->method, bio_write) != 1 ||
      BIO_meth_set_read_ex(tls->method, bio_read) != 1 ||
      BIO_meth_set_ctrl(tls->method, bio_control) != 1) {
    return false;
  }
  bio = BIO_new(tls->method);
  if (bio == NULL) {
    return false;
  }
  BIO_set_data(bio, tls);
  BIO_set_init(bio, 1);
  SSL_set_bio(tls->ssl, bio, bio);
  return true;
}

enum mailc_status
mailc_tls_openssl_init(struct mailc_tls_openssl *tls,
                       const struct mailc_transport *below,
                       const struct mailc_tls_config *config) {
  bool is_done = false;

  if (tls == NULL || below == NULL || config == NULL || config->host == NULL ||
      config->host[0] == '\0') {
    return MAILC_E_ARGUMENT;
  }
  ERR_clear_error();
  *tls = (struct mailc_tls_openssl){.below = below_make(below, config),
                                    .phase = PHASE_CLEAR};
  tls->settings = make_settings();
  if (tls->settings != NULL && load_credentials(tls->settings, config)) {
    tls->ssl = SSL_new(tls->settings);
    is_done = tls->ssl != NULL && demand_host(tls->ssl, config->host) &&
              make_bio(tls);
  }
  ERR_clear_error();
  return is_done ? MAILC_OK : MAILC_E_CREDENTIALS;
}

void mailc_tls_openssl_free(struct mailc_tls_openssl *tls) {
  SSL_free(tls->ssl);
  SSL_CTX_free(tls->settings);
  BIO_meth_free(tls->method);
  *tls = (struct mailc_tls_openssl){.phase = PHASE_OVER};
}

/* What a call of OpenSSL's came to: SSL_ERROR_NONE for `result` 1. */
static int take_error(const struct mailc_tls_openssl *tls, int result) {
  int error = SSL_get_error(tls->ssl, result);

  ERR_clear_error();
  return error;
}

/* Before each call of OpenSSL's. */
static void prepare(struct mailc_tls_openssl *tls) {
  tls->below.has_moved = false;
  ERR_clear_error();
}

static bool is_waiting(int error) {
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

/* Whether OpenSSL gave up for another reason than the time: octets that it
 * took carried no data. */
static bool is_to_be_repeated(const struct mailc_tls_openssl *tls, int error) {
  return is_waiting(error) && tls->below.has_moved;
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;
  int error = SSL_ERROR_NONE;

  if (tls->phase != PHASE_CLEAR) {
    return MAILC_E_STATE;
  }
  below_begin(&tls->below, until_ms);
  do {
    prepare(tls);
    error = take_error(tls, SSL_connect(tls->ssl));
  } while (is_to_be_repeated(tls, error));
  if (error == SSL_ERROR_NONE) {
    below_progress(&tls->below);
    tls->phase = PHASE_TLS;
    return MAILC_OK;
  }
  tls->phase = PHASE_OVER;
  if (SSL_get_verify_result(tls->ssl) != X509_V_OK) {
    return MAILC_E_CERTIFICATE;
  }
  if (is_waiting(error)) {
    return MAILC_E_TIMEOUT;
  }
  return tls->below.status != MAILC_OK ? tls->below.status : MAILC_E_TLS;
}

/* What became of a call that sends or receives. */
static enum mailc_status judge(struct mailc_tls_openssl *tls, int error) {
  if (error == SSL_ERROR_NONE || is_waiting(error)) {
    return MAILC_OK;
  }
  if (error == SSL_ERROR_ZERO_RETURN) {
    return MAILC_E_CLOSED;
  }
  tls->phase = PHASE_OVER;
  return MAILC_E_LINK;
}

static enum mailc_status send_octets(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;
  int error = SSL_ERROR_NONE;

  if (tls->phase == PHASE_CLEAR) {
    return below_pass_send(&tls->below, octets, len, until_ms, sent);
  }
  *sent = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  below_begin(&tls->below, until_ms);
  do {
    prepare(tls);
    error = take_error(tls, SSL_write_ex(tls->ssl, octets, len, sent));
  } while (is_to_be_repeated(tls, error));
  return judge(tls, error);
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;
  int error = SSL_ERROR_NONE;

  if (tls->phase == PHASE_CLEAR) {
    return below_pass_receive(&tls->below, octets, cap, until_ms, received);
  }
  *received = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  below_begin(&tls->below, until_ms);
  do {
    prepare(tls);
    error = take_error(tls, SSL_read_ex(tls->ssl, octets, cap, received));
  } while (is_to_be_repeated(tls, error));
  if (error == SSL_ERROR_NONE) {
    below_progress(&tls->below);
  }
  return judge(tls, error);
}

static void close_connection(void *context) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;

  if (tls->phase == PHASE_TLS) {
    below_begin(&tls->below, 0);
    prepare(tls);
    /* The second call takes in a close_notify that is there already. */
    if (SSL_shutdown(tls->ssl) == 0) {
      (void)SSL_shutdown(tls->ssl);
    }
    ERR_clear_error();
  }
  tls->phase = PHASE_OVER;
  tls->below.transport.close(tls->below.transport.context);
}

static uint64_t clock_ms(void *context) {
  const struct mailc_tls_openssl *tls =
      (const struct mailc_tls_openssl *)context;

  return below_now_ms(&tls->below);
}

struct mailc_transport
mailc_tls_openssl_transport(struct mailc_tls_openssl *tls) {
  return (struct mailc_transport){.context = tls,
                                  .send = send_octets,
                                  .recv = receive_octets,
                                  .start_tls = start_tls,
                                  .close = close_connection,
                                  .now_ms = clock_ms};
}
