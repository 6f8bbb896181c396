/* Fetches every message of a POP3 mailbox into a Maildir and deletes it there.
 *
 *   MAIL_SECRET=... fetch_all tls|stls HOST PORT USER MAILDIR
 *
 * tls is TLS from the first octet (port 995), stls begins it by STLS. MAILDIR
 * has the folders tmp and new. A message moves to new once it is whole; the
 * server deletes it at QUIT: a connection that breaks loses nothing. */
#include "connection.h"

#include <mailc/pop3_pump.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A Maildir's lines end in LF; in a message CR stands before LF only. */
static bool write_lines(FILE *file, struct mailc_span octets) {
  for (size_t i = 0; i < octets.len; i++) {
    if (octets.data[i] != '\r' && fputc(octets.data[i], file) == EOF) {
      return false;
    }
  }
  return true;
}

static enum mailc_status fetch(struct mailc_pop3_pump *pump, uint32_t number,
                               FILE *file) {
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  enum mailc_status status = mailc_pop3_pump_open_retr(pump, number);

  while (status == MAILC_OK && event.kind != MAILC_POP3_EVENT_END) {
    status = mailc_pop3_pump_read(pump, &event);
    if (status == MAILC_OK && event.kind == MAILC_POP3_EVENT_DATA &&
        !write_lines(file, event.value)) {
      status = MAILC_E_BUFFER;
    }
  }
  return status;
}

static enum mailc_status fetch_into(struct mailc_pop3_pump *pump,
                                    uint32_t number, const char *maildir) {
  const struct mailc_transport *transport = pump->pump.transport;
  char name[64];
  char from[512], to[512];
  enum mailc_status status = MAILC_E_BUFFER;
  FILE *file = NULL;

  (void)snprintf(name, sizeof name, "%llu.P%ldM%lu.mailc",
                 (unsigned long long)transport->now_ms(transport->context),
                 (long)getpid(), (unsigned long)number);
  (void)snprintf(from, sizeof from, "%s/tmp/%s", maildir, name);
  (void)snprintf(to, sizeof to, "%s/new/%s", maildir, name);
  file = fopen(from, "wbx");
  if (file != NULL) {
    status = fetch(pump, number, file);
    if (fclose(file) != 0 || (status == MAILC_OK && rename(from, to) != 0)) {
      status = MAILC_E_BUFFER;
    }
  }
  return status == MAILC_OK ? mailc_pop3_pump_dele(pump, number) : status;
}

static enum mailc_status fetch_all(struct mailc_pop3_pump *pump,
                                   bool is_implicit, struct mailc_span user,
                                   const char *maildir) {
  uint32_t count = 0;
  uint64_t size = 0;
  enum mailc_status status = connection_greet_pop3(pump, is_implicit);

  if (status == MAILC_OK) {
    status = mailc_pop3_pump_user(pump, user, secret_of_user());
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_pump_stat(pump, &count, &size);
  }
  for (uint32_t number = 1; status == MAILC_OK && number <= count; number++) {
    status = fetch_into(pump, number, maildir);
  }
  return status == MAILC_OK ? mailc_pop3_pump_quit(pump) : status;
}

int main(int argc, char **argv) {
  struct connection connection;
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump = {.pump = {.transport = &connection.transport},
                                 .session = &session};
  enum mailc_status status = MAILC_OK;
  bool is_implicit = argc == 6 && strcmp(argv[1], "tls") == 0;

  if (argc != 6) {
    return tell("fetch_all tls|stls HOST PORT USER MAILDIR", MAILC_E_ARGUMENT);
  }
  status = connection_open_pop3(&connection, argv[2], argv[3], is_implicit,
                                &session);
  if (status == MAILC_OK) {
    status = fetch_all(&pump, is_implicit, text_of(argv[4]), argv[5]);
  }
  connection_free(&connection);
  return tell(argv[2], status);
}
