/* Lists a POP3 mailbox: the number and the octets of each message.
 *
 *   MAIL_SECRET=... list_mailbox tls|stls HOST PORT USER
 *
 * tls is TLS from the first octet (port 995), stls begins it by STLS. */
#include "connection.h"

#include <mailc/pop3_pump.h>
#include <stdio.h>
#include <string.h>

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
static enum mailc_status list(struct mailc_pop3_pump *pump, bool is_implicit,
                              struct mailc_span user) {
  enum mailc_status status = connection_greet_pop3(pump, is_implicit);

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
  struct mailc_pop3 session;
  struct mailc_pop3_pump pump = {.pump = {.transport = &connection.transport},
                                 .session = &session};
  enum mailc_status status = MAILC_OK;
  bool is_implicit = argc == 5 && strcmp(argv[1], "tls") == 0;

  if (argc != 5) {
    return tell("list_mailbox tls|stls HOST PORT USER", MAILC_E_ARGUMENT);
  }
  status = connection_open_pop3(&connection, argv[2], argv[3], is_implicit,
                                &session);
  if (status == MAILC_OK) {
    status = list(&pump, is_implicit, text_of(argv[4]));
  }
  connection_free(&connection);
  return tell(argv[2], status);
}
