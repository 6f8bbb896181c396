/* Lists a POP3 mailbox: the number and the octets of each message.
 *
 *   MAIL_SECRET=... list_mailbox tls|stls HOST PORT USER
 *
 * tls is TLS from the first octet (port 995), stls begins it by STLS. */
#include "connection.h"

#include <mailc/pop3_pump.h>
#include <stdio.h>
#include <string.h>

/* All memory of a session. */
static uint8_t rx[4096];
static uint8_t tx[MAILC_TX_CAP_MIN];
static uint8_t timestamp[512];
static uint8_t reply[512];
static struct mailc_pop3_slot queue[1];
static struct mailc_pop3 session;

static enum mailc_status print_items(struct mailc_pop3_pump *pump) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = mailc_pop3_pump_open_list(pump);

  while (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_END) {
    status = mailc_pop3_pump_read(pump, &event);
    if (status == MAILC_OK && event.kind == MAILC_POP3_EVENT_ITEM) {
      (void)printf("%lu %llu\n", (unsigned long)event.number,
                   (unsigned long long)event.size);
    }
  }
  return status;
}

/* Each step only where the one before it succeeded. */
static enum mailc_status list(struct mailc_pop3_pump *pump, bool is_stls,
                              struct mailc_span user) {
  enum mailc_status status = mailc_pop3_pump_connect(pump, NULL);

  if (status == MAILC_OK && is_stls) {
    status = mailc_pop3_pump_open_capa(pump);
    if (status == MAILC_OK) {
      status = mailc_pop3_pump_skip(pump);
    }
    if (status == MAILC_OK) {
      status = mailc_pop3_pump_stls(pump);
    }
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_user(pump, user, secret_of_user());
  }
  if (status == MAILC_OK) {
    status = print_items(pump);
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_quit(pump);
  }
  return status;
}

int main(int argc, char **argv) {
  struct connection connection;
  struct mailc_pop3_config config = {.rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .timestamp = {timestamp, sizeof timestamp},
                                     .queue = queue,
                                     .queue_cap = 1,
                                     .hash = &mailc_hash_openssl,
                                     .timeout_ms = TIMEOUT_MS};
  struct mailc_pop3_pump pump = {.pump = {.transport = &connection.transport,
                                          .reply = {reply, sizeof reply}},
                                 .session = &session};
  enum mailc_status status = MAILC_OK;

  if (argc != 5) {
    (void)fputs("usage: list_mailbox tls|stls HOST PORT USER\n", stderr);
    return 2;
  }
  config.has_tls = strcmp(argv[1], "tls") == 0;
  status = connection_open(&connection, argv[2], argv[3], config.has_tls);
  if (status == MAILC_OK) {
    config.now_ms = connection.transport.now_ms(connection.transport.context);
    status = mailc_pop3_init(&session, sizeof session, &config);
    if (status == MAILC_OK) {
      status = list(&pump, !config.has_tls, text_of(argv[4]));
    }
  }
  connection_free(&connection);
  return tell(argv[2], status);
}
