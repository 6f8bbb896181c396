/* TLS by OpenSSL 3 over any transport: OpenSSL reads and writes through a BIO
 * of ours, so that waiting stays with the transport below. */
#include <mailc/tls_openssl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

enum phase {
  PHASE_CLEAR, /* octets pass through */
  PHASE_TLS,
  PHASE_OVER /* no octet goes either way */
};

static int bio_write(BIO *bio, const char *octets, size_t len, size_t *sent) {
  struct mailc_tls_openssl *tls = BIO_get_data(bio);
  enum mailc_status status =
      tls->below.send(tls->below.context, octets, len, tls->until_ms, sent);

  BIO_clear_retry_flags(bio);
  if (status != MAILC_OK) {
    tls->below_status = status;
    return 0;
  }
  if (*sent == 0) {
    BIO_set_retry_write(bio);
    return 0;
  }
  return 1;
}

static int bio_read(BIO *bio, char *octets, size_t cap, size_t *received) {
  struct mailc_tls_openssl *tls = BIO_get_data(bio);
  enum mailc_status status =
      tls->below.recv(tls->below.context, octets, cap, tls->until_ms, received);

  BIO_clear_retry_flags(bio);
  if (status != MAILC_OK) {
    tls->below_status = status;
    return 0;
  }
  if (*received == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  return 1;
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
  *tls = (struct mailc_tls_openssl){.below = *below, .phase = PHASE_CLEAR};
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

/* OpenSSL's word for why a call that gave `result` did not succeed. */
static int take_error(const struct mailc_tls_openssl *tls, int result) {
  int error = SSL_get_error(tls->ssl, result);

  ERR_clear_error();
  return error;
}

static bool is_time(int error) {
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;
  int result = 0;
  int error = 0;

  if (tls->phase != PHASE_CLEAR) {
    return MAILC_E_STATE;
  }
  tls->until_ms = until_ms;
  ERR_clear_error();
  result = SSL_connect(tls->ssl);
  if (result == 1) {
    tls->phase = PHASE_TLS;
    return MAILC_OK;
  }
  error = take_error(tls, result);
  tls->phase = PHASE_OVER;
  if (SSL_get_verify_result(tls->ssl) != X509_V_OK) {
    return MAILC_E_CERTIFICATE;
  }
  if (is_time(error)) {
    return MAILC_E_TIMEOUT;
  }
  return tls->below_status != MAILC_OK ? tls->below_status : MAILC_E_TLS;
}

/* What became of a call that sent or received nothing. */
static enum mailc_status judge(struct mailc_tls_openssl *tls, int result) {
  int error = take_error(tls, result);

  if (is_time(error)) {
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
  int result = 0;

  if (tls->phase == PHASE_CLEAR) {
    return tls->below.send(tls->below.context, octets, len, until_ms, sent);
  }
  *sent = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  tls->until_ms = until_ms;
  ERR_clear_error();
  result = SSL_write_ex(tls->ssl, octets, len, sent);
  return result == 1 ? MAILC_OK : judge(tls, result);
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;
  int result = 0;

  if (tls->phase == PHASE_CLEAR) {
    return tls->below.recv(tls->below.context, octets, cap, until_ms, received);
  }
  *received = 0;
  if (tls->phase == PHASE_OVER) {
    return MAILC_E_LINK;
  }
  tls->until_ms = until_ms;
  ERR_clear_error();
  result = SSL_read_ex(tls->ssl, octets, cap, received);
  return result == 1 ? MAILC_OK : judge(tls, result);
}

static void close_connection(void *context) {
  struct mailc_tls_openssl *tls = (struct mailc_tls_openssl *)context;

  if (tls->phase == PHASE_TLS) {
    tls->until_ms = 0;
    /* The second call takes in a close_notify that is there already. */
    if (SSL_shutdown(tls->ssl) == 0) {
      (void)SSL_shutdown(tls->ssl);
    }
    ERR_clear_error();
  }
  tls->phase = PHASE_OVER;
  tls->below.close(tls->below.context);
}

static uint64_t clock_ms(void *context) {
  const struct mailc_tls_openssl *tls =
      (const struct mailc_tls_openssl *)context;

  return tls->below.now_ms(tls->below.context);
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
