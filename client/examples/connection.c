#include "connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum mailc_status connection_open(struct connection *connection,
                                  const char *host, const char *port,
                                  bool is_implicit) {
  struct mailc_tls_config config = {.host = host};
  struct mailc_transport below;
  enum mailc_status status = MAILC_OK;

  *connection = (struct connection){.tls = {.ssl = NULL}};
  mailc_posix_tcp_init(&connection->tcp);
  below = mailc_posix_tcp_transport(&connection->tcp);
  status = mailc_posix_tcp_connect(
      &connection->tcp, host, (uint16_t)strtoul(port, NULL, 10), TIMEOUT_MS);
  if (status == MAILC_OK) {
    status = mailc_tls_openssl_init(&connection->tls, &below, &config);
  }
  connection->transport = mailc_tls_openssl_transport(&connection->tls);
  if (status == MAILC_OK && is_implicit) {
    status = connection->transport.start_tls(
        connection->transport.context,
        mailc_later_ms(
            connection->transport.now_ms(connection->transport.context),
            TIMEOUT_MS));
  }
  return status;
}

enum mailc_status connection_open_pop3(struct connection *connection,
                                       const char *host, const char *port,
                                       bool is_implicit,
                                       struct mailc_pop3 *session) {
  static uint8_t rx[4096];
  static uint8_t tx[MAILC_TX_CAP_MIN];
  static struct mailc_pop3_slot queue[1];
  struct mailc_pop3_config config = {.rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .queue = queue,
                                     .queue_cap = 1,
                                     .timeout_ms = TIMEOUT_MS,
                                     .has_tls = is_implicit};
  enum mailc_status status =
      connection_open(connection, host, port, is_implicit);

  if (status == MAILC_OK) {
    config.now_ms = connection->transport.now_ms(connection->transport.context);
    status = mailc_pop3_init(session, sizeof *session, &config);
  }
  return status;
}

enum mailc_status connection_greet_pop3(struct mailc_pop3_pump *pump,
                                        bool is_implicit) {
  enum mailc_status status = mailc_pop3_pump_connect(pump, NULL);

  return status != MAILC_OK || is_implicit ? status
                                           : mailc_pop3_pump_stls(pump);
}

void connection_free(struct connection *connection) {
  connection->transport.close(connection->transport.context);
  mailc_tls_openssl_free(&connection->tls);
}

struct mailc_span text_of(const char *string) {
  return (struct mailc_span){(const uint8_t *)string, strlen(string)};
}

struct mailc_span secret_of_user(void) {
  const char *secret = getenv("MAIL_SECRET");

  return text_of(secret == NULL ? "" : secret);
}

int tell(const char *what, enum mailc_status status) {
  if (status == MAILC_OK) {
    return EXIT_SUCCESS;
  }
  (void)fprintf(stderr, "%s: %s\n", what, mailc_status_text(status));
  return EXIT_FAILURE;
}
