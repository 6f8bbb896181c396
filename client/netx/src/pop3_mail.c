/* The services that ask the server about messages, and for them. */
#include "link.h"
#include "pop3.h"

#include <limits.h>

/* Drops what is left unread of a message. */
static UINT drop_message(NX_POP3_CLIENT *client) {
  struct mailc_pop3_pump *pump = &client->nx_pop3_client_pump;

  client->nx_pop3_client_is_message_open = false;
  client->nx_pop3_client_rest = (struct mailc_span){NULL, 0};
  return pump->is_reading
             ? nx_mail_pop3_status(client, mailc_pop3_pump_skip(pump))
             : NX_SUCCESS;
}

/* Begins an operation of commands of `len` octets at most on a connection that
 * is there. */
static UINT begin(NX_POP3_CLIENT *client, size_t len) {
  UINT status = nx_mail_pop3_begin(client);

  if (status == NX_SUCCESS && !client->nx_pop3_client_is_connected) {
    status = NX_NOT_CONNECTED;
  }
  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_reserve(client, len);
  }
  return status == NX_SUCCESS ? drop_message(client) : status;
}

/* Ends one; a pointer to no client has nothing to end. */
static UINT end(NX_POP3_CLIENT *client, UINT status) {
  return status == NX_PTR_ERROR || status == NX_CALLER_ERROR
             ? status
             : nx_mail_pop3_end(client, status);
}

static UINT ask_stat(NX_POP3_CLIENT *client) {
  uint32_t count = 0;
  uint64_t size = 0;
  enum mailc_status status =
      mailc_pop3_pump_stat(&client->nx_pop3_client_pump, &count, &size);

  if (status == MAILC_OK) {
    client->nx_pop3_client_has_stat = true;
    client->nx_pop3_client_mail_items = count;
    client->nx_pop3_client_total_size =
        size < ULONG_MAX ? (ULONG)size : ULONG_MAX;
  }
  return nx_mail_pop3_status(client, status);
}

UINT nx_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr,
                                   UINT *number_mail_items,
                                   ULONG *maildrop_total_size) {
  UINT status = nx_mail_pop3_begin(client_ptr);

  if (number_mail_items == NULL || maildrop_total_size == NULL) {
    return NX_PTR_ERROR;
  }
  *number_mail_items = 0;
  *maildrop_total_size = 0;
  if (status == NX_SUCCESS && !client_ptr->nx_pop3_client_is_connected) {
    status = nx_mail_pop3_open(client_ptr);
  }
  if (status == NX_SUCCESS) {
    status = begin(client_ptr, NX_MAIL_POP3_PLAIN_LEN);
  }
  if (status == NX_SUCCESS) {
    status = ask_stat(client_ptr);
  }
  if (status == NX_SUCCESS) {
    *number_mail_items = (UINT)client_ptr->nx_pop3_client_mail_items;
    *maildrop_total_size = client_ptr->nx_pop3_client_total_size;
  }
  return end(client_ptr, status);
}

/* Begins an operation on one message. STAT comes first, as it tells which there
 * are. */
static UINT begin_item(NX_POP3_CLIENT *client, UINT item) {
  UINT status = nx_mail_pop3_begin(client);

  if (status != NX_SUCCESS) {
    return status;
  }
  if (item == 0) {
    return NX_POP3_CLIENT_INVALID_INDEX;
  }
  if (client->nx_pop3_client_has_stat &&
      item > client->nx_pop3_client_mail_items) {
    return NX_POP3_INVALID_MAIL_ITEM;
  }
  status = begin(client, NX_MAIL_POP3_NUMBERED_LEN);
  if (status == NX_SUCCESS && !client->nx_pop3_client_has_stat) {
    status = ask_stat(client);
  }
  return status == NX_SUCCESS && item > client->nx_pop3_client_mail_items
             ? NX_POP3_INVALID_MAIL_ITEM
             : status;
}

static enum mailc_status ask_size(NX_POP3_CLIENT *client, UINT item,
                                  ULONG *size) {
  uint64_t octets = 0;
  enum mailc_status status =
      mailc_pop3_pump_list_one(&client->nx_pop3_client_pump, item, &octets);

  *size = octets < ULONG_MAX ? (ULONG)octets : ULONG_MAX;
  return status;
}

UINT nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr,
                                       UINT mail_item, ULONG *size) {
  UINT status = NX_PTR_ERROR;

  if (size == NULL) {
    return status;
  }
  *size = 0;
  status = begin_item(client_ptr, mail_item);
  if (status == NX_SUCCESS) {
    status =
        nx_mail_pop3_status(client_ptr, ask_size(client_ptr, mail_item, size));
  }
  return end(client_ptr, status);
}

/* The number right behind the server's +OK; false if there is none. */
static bool read_size(const NX_POP3_CLIENT *client, ULONG *size) {
  static const char ok[] = {'+', 'O', 'K', ' '};
  struct mailc_span reply = mailc_pump_reply(&client->nx_pop3_client_pump.pump);
  ULONG number = 0;
  size_t at = sizeof ok;

  for (; at < reply.len && reply.data[at] >= '0' && reply.data[at] <= '9';
       at++) {
    if (number > (ULONG_MAX - 9) / 10) {
      return false;
    }
    number = number * 10 + (ULONG)(reply.data[at] - '0');
  }
  if (at == sizeof ok || (at < reply.len && reply.data[at] != ' ')) {
    return false;
  }
  *size = number;
  return true;
}

/* Asks for a message. Where the server's reply does not tell its size, LIST
 * does, and as that cannot be asked while the message is on its way, it is
 * asked for anew; from then on LIST comes first. A server that refuses LIST too
 * leaves the size at 0. */
static enum mailc_status ask_message(NX_POP3_CLIENT *client, UINT item,
                                     ULONG *size) {
  struct mailc_pop3_pump *pump = &client->nx_pop3_client_pump;
  enum mailc_status status = MAILC_OK;

  if (!client->nx_pop3_client_is_size_missing) {
    status = mailc_pop3_pump_open_retr(pump, item);
    if (status != MAILC_OK || read_size(client, size)) {
      return status;
    }
    client->nx_pop3_client_is_size_missing = true;
    status = mailc_pop3_pump_skip(pump);
  }
  if (status == MAILC_OK) {
    status = ask_size(client, item, size);
  }
  if (status == MAILC_OK || status == MAILC_E_REFUSED) {
    status = mailc_pop3_pump_open_retr(pump, item);
    (void)read_size(client, size);
  }
  return status;
}

UINT nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item,
                                  ULONG *item_size) {
  UINT status = NX_PTR_ERROR;

  if (item_size == NULL) {
    return status;
  }
  *item_size = 0;
  status = begin_item(client_ptr, mail_item);
  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_status(client_ptr,
                                 ask_message(client_ptr, mail_item, item_size));
    client_ptr->nx_pop3_client_is_message_open = status == NX_SUCCESS;
  }
  return end(client_ptr, status);
}

UINT nx_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr,
                                     UINT mail_index) {
  UINT status = begin_item(client_ptr, mail_index);

  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_status(
        client_ptr,
        mailc_pop3_pump_dele(&client_ptr->nx_pop3_client_pump, mail_index));
  }
  return end(client_ptr, status);
}

typedef enum mailc_status plain_command(struct mailc_pop3_pump *pump);

static UINT run(NX_POP3_CLIENT *client, plain_command *command) {
  UINT status = begin(client, NX_MAIL_POP3_PLAIN_LEN);

  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_status(client, command(&client->nx_pop3_client_pump));
  }
  return status;
}

UINT nx_pop3_client_noop(NX_POP3_CLIENT *client_ptr) {
  return end(client_ptr, run(client_ptr, mailc_pop3_pump_noop));
}

UINT nx_pop3_client_reset(NX_POP3_CLIENT *client_ptr) {
  return end(client_ptr, run(client_ptr, mailc_pop3_pump_rset));
}

UINT nx_pop3_client_quit(NX_POP3_CLIENT *client_ptr) {
  UINT status = run(client_ptr, mailc_pop3_pump_quit);
  bool is_begun = status != NX_PTR_ERROR && status != NX_CALLER_ERROR &&
                  status != NX_NO_PACKET;

  status = end(client_ptr, status);
  if (is_begun) {
    nx_mail_pop3_close(client_ptr);
  }
  return status;
}
