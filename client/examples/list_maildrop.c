/* Lists what is in a POP3 maildrop: the number and the octets of each message.
 *
 *   list_maildrop HOST PORT USER <secret-file
 *
 * The secret is read from stdin, its line end left out, and goes out as a
 * digest (APOP), never in clear. */
#include <mailc/pop3_pump.h>
#include <mailc/posix_tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 60000

/* All memory of a session. */
static uint8_t rx[4096];
static uint8_t tx[MAILC_TX_CAP_MIN];
static uint8_t timestamp[512];
static uint8_t reply[512];
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

static enum mailc_status list(struct mailc_pop3_pump *pump,
                              struct mailc_span user,
                              struct mailc_span secret) {
  enum mailc_status status = mailc_pop3_pump_connect(pump, NULL);

  if (status == MAILC_OK) {
    status = mailc_pop3_pump_apop(pump, user, secret);
  }
  if (status == MAILC_OK) {
    status = print_items(pump);
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_quit(pump);
  }
  return status;
}

/* Reads the secret; its span is empty if there is none. */
static struct mailc_span read_secret(char *line, int cap) {
  size_t len = 0;

  if (fgets(line, cap, stdin) != NULL) {
    len = strcspn(line, "\r\n");
  }
  return (struct mailc_span){(const uint8_t *)line, len};
}

static int tell(const char *host, enum mailc_status status) {
  (void)fprintf(stderr, "%s: %s\n", host, mailc_status_text(status));
  return EXIT_FAILURE;
}

int main(int argc, char **argv) {
  struct mailc_posix_tcp tcp;
  struct mailc_transport transport;
  struct mailc_pop3_slot queue[1];
  struct mailc_pop3_config config = {.queue = queue,
                                     .queue_cap = 1,
                                     .rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .timestamp = {timestamp, sizeof timestamp},
                                     .hash = &mailc_hash_openssl,
                                     .timeout_ms = TIMEOUT_MS};
  struct mailc_pop3_pump pump = {
      .pump = {.transport = &transport, .reply = {reply, sizeof reply}},
      .session = &session};
  char line[256];
  struct mailc_span user;
  enum mailc_status status = MAILC_OK;

  if (argc != 4) {
    (void)fputs("usage: list_maildrop HOST PORT USER <secret-file\n", stderr);
    return 2;
  }
  user = (struct mailc_span){(const uint8_t *)argv[3], strlen(argv[3])};
  mailc_posix_tcp_init(&tcp);
  transport = mailc_posix_tcp_transport(&tcp);
  status = mailc_posix_tcp_connect(
      &tcp, argv[1], (uint16_t)strtoul(argv[2], NULL, 10), TIMEOUT_MS);
  if (status != MAILC_OK) {
    return tell(argv[1], status);
  }
  config.now_ms = transport.now_ms(transport.context);
  status = mailc_pop3_init(&session, sizeof session, &config);
  if (status == MAILC_OK) {
    status = list(&pump, user, read_secret(line, sizeof line));
  }
  mailc_pop3_pump_close(&pump);
  return status == MAILC_OK ? EXIT_SUCCESS : tell(argv[1], status);
}
