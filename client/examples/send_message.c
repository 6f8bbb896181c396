/* Sends a message from stdin, whose lines end in LF or in CRLF.
 *
 *   MAIL_SECRET=... send_message tls|starttls HOST PORT USER FROM TO...
 *
 * tls: TLS from the first octet (port 465); starttls: STARTTLS (port 587). */
#include "connection.h"

#include <mailc/smtp_pump.h>
#include <stdio.h>
#include <string.h>

#define NAME "client.example.com" /* a real client says its own name */

static uint8_t rx[4096];
static uint8_t tx[4096];
static struct mailc_smtp session;
static struct mailc_smtp_slot queue[1];

/* The message goes out as it is read and is never in memory as a whole. */
static enum mailc_status send_stdin(struct mailc_smtp_pump *pump) {
  char octets[4096];
  size_t len = 0;
  enum mailc_status status = mailc_smtp_pump_open_data(pump);

  while (status == MAILC_OK &&
         (len = fread(octets, 1, sizeof octets, stdin)) != 0) {
    status = mailc_smtp_pump_write(
        pump, (struct mailc_span){(const uint8_t *)octets, len});
  }
  if (status == MAILC_OK && ferror(stdin) != 0) {
    return MAILC_E_ARGUMENT; /* half a message is not ended: none is sent */
  }
  return status == MAILC_OK ? mailc_smtp_pump_close_data(pump) : status;
}

static enum mailc_status log_in(struct mailc_smtp_pump *pump, bool is_implicit,
                                struct mailc_span user) {
  struct mailc_login login = {
      .mech = MAILC_SPAN("PLAIN"), .user = user, .secret = secret_of_user()};
  enum mailc_status status = mailc_smtp_pump_connect(pump);

  if (status == MAILC_OK) {
    status = mailc_smtp_pump_ehlo(pump, MAILC_SPAN(NAME), NULL);
  }
  if (status == MAILC_OK && !is_implicit) {
    status = mailc_smtp_pump_starttls(pump);
    if (status == MAILC_OK) {
      status = mailc_smtp_pump_ehlo(pump, MAILC_SPAN(NAME), NULL);
    }
  }
  return status == MAILC_OK ? mailc_smtp_pump_auth(pump, &login, NULL) : status;
}

static enum mailc_status send_all(struct mailc_smtp_pump *pump, int argc,
                                  char **argv) {
  enum mailc_status status =
      mailc_smtp_pump_mail(pump, text_of(argv[5]), NULL, 0);

  for (int i = 6; status == MAILC_OK && i < argc; i++) {
    status = mailc_smtp_pump_rcpt(pump, text_of(argv[i]), NULL, 0);
  }
  if (status == MAILC_OK) {
    status = send_stdin(pump);
  }
  if (status == MAILC_OK) {
    (void)mailc_smtp_pump_quit(pump); /* the message was taken already */
  }
  return status;
}

int main(int argc, char **argv) {
  struct connection connection;
  struct mailc_smtp_config config = {.rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .queue = queue,
                                     .queue_cap = 1,
                                     .timeout_ms = TIMEOUT_MS,
                                     .lf_to_crlf = true};
  struct mailc_smtp_pump pump = {.pump = {.transport = &connection.transport},
                                 .session = &session};
  enum mailc_status status = MAILC_OK;

  if (argc < 7) {
    return tell("tls|starttls HOST PORT USER FROM TO...", MAILC_E_ARGUMENT);
  }
  config.has_tls = strcmp(argv[1], "tls") == 0;
  status = connection_open(&connection, argv[2], argv[3], config.has_tls);
  if (status == MAILC_OK) {
    config.now_ms = connection.transport.now_ms(connection.transport.context);
    status = mailc_smtp_init(&session, sizeof session, &config);
    if (status == MAILC_OK) {
      status = log_in(&pump, config.has_tls, text_of(argv[4]));
    }
    if (status == MAILC_OK) {
      status = send_all(&pump, argc, argv);
    }
  }
  connection_free(&connection);
  return tell(argv[2], status);
}
