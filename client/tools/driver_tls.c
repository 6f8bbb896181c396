#include "driver_tls.h"

#ifdef DRIVER_HAS_TLS

#include <stdlib.h>
#include <string.h>

#ifdef MAILC_DRIVER_OPENSSL
#define backend_init mailc_tls_openssl_init
#define backend_free mailc_tls_openssl_free
#define backend_transport mailc_tls_openssl_transport
#else
#define backend_init mailc_tls_mbedtls_init
#define backend_free mailc_tls_mbedtls_free
#define backend_transport mailc_tls_mbedtls_transport
#endif

static const struct mailc_transport *current(const struct driver_tls *tls) {
  return tls->has_begun ? &tls->above : tls->below;
}

static enum mailc_status send_octets(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  const struct mailc_transport *at =
      current((const struct driver_tls *)context);

  return at->send(at->context, octets, len, until_ms, sent);
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  const struct mailc_transport *at =
      current((const struct driver_tls *)context);

  return at->recv(at->context, octets, cap, until_ms, received);
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  struct driver_tls *tls = (struct driver_tls *)context;
  const struct mailc_tls_config config = {
      .host = tls->texts[DRIVER_TLS_HOST],
      .ca_file = tls->texts[DRIVER_TLS_CA],
      .cert_file = tls->texts[DRIVER_TLS_CERT],
      .key_file = tls->texts[DRIVER_TLS_KEY]};
  enum mailc_status status = MAILC_OK;

  if (tls->has_begun) {
    return MAILC_E_STATE;
  }
  status = backend_init(&tls->backend, tls->below, &config);
  if (status != MAILC_OK) {
    if (status != MAILC_E_ARGUMENT) {
      backend_free(&tls->backend);
    }
    return status;
  }
  tls->above = backend_transport(&tls->backend);
  tls->has_begun = true;
  return tls->above.start_tls(tls->above.context, until_ms);
}

static void close_connection(void *context) {
  struct driver_tls *tls = (struct driver_tls *)context;
  const struct mailc_transport *at = current(tls);

  at->close(at->context);
  if (tls->has_begun) {
    backend_free(&tls->backend);
    tls->has_begun = false;
  }
}

static uint64_t clock_ms(void *context) {
  const struct driver_tls *tls = (const struct driver_tls *)context;

  return tls->below->now_ms(tls->below->context);
}

void driver_tls_init(struct driver_tls *tls,
                     const struct mailc_transport *below,
                     struct mailc_transport *transport) {
  *tls = (struct driver_tls){.below = below};
  *transport = (struct mailc_transport){.context = tls,
                                        .send = send_octets,
                                        .recv = receive_octets,
                                        .start_tls = start_tls,
                                        .close = close_connection,
                                        .now_ms = clock_ms};
}

void driver_tls_configure(struct driver_tls *tls,
                          const struct mailc_tls_config *config) {
  const char *const texts[DRIVER_TLS_TEXT_COUNT] = {
      [DRIVER_TLS_HOST] = config->host,
      [DRIVER_TLS_CA] = config->ca_file,
      [DRIVER_TLS_CERT] = config->cert_file,
      [DRIVER_TLS_KEY] = config->key_file};

  for (size_t i = 0; i < DRIVER_TLS_TEXT_COUNT; i++) {
    free(tls->texts[i]);
    tls->texts[i] = texts[i] == NULL ? NULL : strdup(texts[i]);
  }
}

#endif
