/* The goals of POP3: what an application of these services does. */
#include "driver.h"

#include <stdlib.h>
#include <string.h>

/* A status of the application's own: it has no room for the message. */
#define NO_ROOM 0xFFFFu

/* What a status is as an outcome. Where one status stands for several causes,
 * what mailc said below tells them apart. */
static const char *outcome_of(const NX_POP3_CLIENT *client, UINT status) {
  enum mailc_status below = client->nx_pop3_client_mailc_status;

  switch (status) {
  case NX_SUCCESS:
    return "ok";
  case NO_ROOM:
    return "failed";
  case NX_NO_PACKET:
    return "timeout";
  case NX_NOT_CONNECTED:
    return "io-error";
  case NX_POP3_MAIL_BUFFER_OVERFLOW:
    return "protocol-error";
  case NX_POP3_SERVER_ERROR_STATUS:
    if (mailc_status_band(below) == MAILC_BAND_REFUSED) {
      return below == MAILC_E_AUTH ? "auth-failed" : "refused";
    }
    return "protocol-error";
  default:
    return "rejected-locally";
  }
}

/* Creates a client with the timeout of the goal. */
static UINT create(struct driver *driver, struct driver_stage *stage,
                   NX_POP3_CLIENT_SETTINGS *settings, NX_POP3_CLIENT *client) {
  UINT apop = strcmp(stage->login, "user") != 0;

  *settings = (NX_POP3_CLIENT_SETTINGS){
      .packet_timeout = stage->ticks,
      .send_wait = stage->ticks,
      .connection_timeout = stage->ticks,
      .disconnect_timeout = stage->ticks,
      .reply_timeout = stage->ticks,
      .name_offset = offsetof(NX_POP3_CLIENT, nx_pop3_client_name),
      .name_max = NX_POP3_MAX_USERNAME,
      .password_offset = offsetof(NX_POP3_CLIENT, nx_pop3_client_password),
      .password_max = NX_POP3_MAX_PASSWORD,
      .is_strict = NX_MAIL_IS_STRICT};
  return nx_mail_pop3_client_create(client, settings, apop, &driver->ip,
                                    &driver->pool, &stage->address, stage->port,
                                    stage->user, stage->secret);
}

/* The octets that a message of this length has room in: a power of two, so that
 * a long one is moved a few times only. */
static size_t room(size_t len) {
  size_t octets = 1024;

  while (octets <= len) {
    octets *= 2;
  }
  return octets;
}

static void append(struct driver_octets *message, const NX_PACKET *packet) {
  size_t len = message->len + packet->nx_packet_length;

  if (message->data == NULL || room(len) != room(message->len)) {
    unsigned char *grown = realloc(message->data, room(len));

    if (grown == NULL) {
      abort();
    }
    message->data = grown;
  }
  memcpy(message->data + message->len, packet->nx_packet_prepend_ptr,
         packet->nx_packet_length);
  message->len = len;
}

/* Fetches one message of at most `most` octets; a part of one is thrown away.
 */
static UINT fetch_one(struct driver *driver, NX_POP3_CLIENT *client,
                      UINT number, json_int_t most, json_t *messages) {
  struct driver_octets message = {NULL, 0};
  ULONG size = 0;
  UINT is_final = NX_FALSE;
  UINT status = nx_pop3_client_mail_item_get(client, number, &size);

  while (status == NX_SUCCESS && !is_final) {
    NX_PACKET *packet = NULL;
    ULONG len = 0;

    status =
        nx_pop3_client_mail_item_message_get(client, &packet, &len, &is_final);
    if (status == NX_SUCCESS) {
      append(&message, packet);
      status = nx_packet_release(packet);
    }
    if (status == NX_SUCCESS && (json_int_t)message.len > most) {
      status = NO_ROOM;
    }
  }
  if (status == NX_SUCCESS) {
    (void)json_array_append_new(messages,
                                json_pack("[o, o]", driver_number(number),
                                          driver_data(driver, message)));
  }
  free(message.data);
  return status;
}

/* The number of the i-th message that is wanted, 0 behind the last. */
static UINT wanted(const json_t *n, UINT count, size_t i) {
  if (json_is_array(n)) {
    return (UINT)json_integer_value(json_array_get(n, i));
  }
  return i < count ? (UINT)i + 1 : 0;
}

static UINT fetch(struct driver *driver, NX_POP3_CLIENT *client,
                  const json_t *request, json_t *messages) {
  const json_t *n = json_object_get(request, "n");
  const json_t *fail_after = json_object_get(request, "fail_after");
  json_int_t most =
      fail_after == NULL ? INT64_MAX : json_integer_value(fail_after);
  bool deletes = json_is_true(json_object_get(request, "delete"));
  UINT count = 0;
  ULONG total = 0;
  UINT status = nx_pop3_client_mail_items_get(client, &count, &total);

  for (size_t i = 0; status == NX_SUCCESS && wanted(n, count, i) != 0; i++) {
    status = fetch_one(driver, client, wanted(n, count, i), most, messages);
    if (status == NX_SUCCESS && deletes) {
      status = nx_pop3_client_mail_item_delete(client, wanted(n, count, i));
    }
  }
  return status;
}

/* Whether the services have such a login. */
static bool has_login(const struct driver_stage *stage) {
  return strcmp(stage->login, "user") == 0 ||
         strcmp(stage->login, "apop") == 0 || strcmp(stage->login, "own") == 0;
}

/* QUIT commits what is deleted: it is sent where all went well, or where
 * nothing is to be deleted; only in the first case it counts. */
static void leave(NX_POP3_CLIENT *client, bool deletes,
                  struct driver_answer *answer) {
  bool is_ok = strcmp(answer->outcome, "ok") == 0;

  if (is_ok || !deletes) {
    UINT status = nx_pop3_client_quit(client);

    if (is_ok && deletes) {
      answer->outcome = outcome_of(client, status);
    }
  }
  (void)nx_pop3_client_delete(client);
}

void driver_pop3_fetch(struct driver *driver, const json_t *request,
                       struct driver_answer *answer) {
  bool deletes = json_is_true(json_object_get(request, "delete"));
  json_t *messages = json_array();
  struct driver_stage stage;
  NX_POP3_CLIENT_SETTINGS settings;
  NX_POP3_CLIENT client = {.nx_pop3_client_id = 0};

  (void)json_object_set_new(answer->value, "messages", messages);
  if (!driver_begin(request, &stage)) {
    return;
  }
  if (has_login(&stage)) {
    UINT status = create(driver, &stage, &settings, &client);

    if (status == NX_SUCCESS) {
      status = fetch(driver, &client, request, messages);
    }
    answer->outcome = outcome_of(&client, status);
    answer->status = status;
    leave(&client, deletes, answer);
  }
  driver_end(&stage);
}

static UINT list(NX_POP3_CLIENT *client, json_t *items) {
  UINT count = 0;
  ULONG total = 0;
  UINT status = nx_pop3_client_mail_items_get(client, &count, &total);

  for (UINT i = 1; status == NX_SUCCESS && i <= count; i++) {
    ULONG size = 0;

    status = nx_pop3_client_mail_item_size_get(client, i, &size);
    if (status == NX_SUCCESS) {
      (void)json_array_append_new(
          items, json_pack("[o, o]", driver_number(i), driver_number(size)));
    }
  }
  return status;
}

void driver_pop3_list(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  json_t *items = json_array();
  struct driver_stage stage;
  NX_POP3_CLIENT_SETTINGS settings;
  NX_POP3_CLIENT client = {.nx_pop3_client_id = 0};

  (void)json_object_set_new(answer->value, "items", items);
  if (!driver_begin(request, &stage)) {
    return;
  }
  if (has_login(&stage)) {
    UINT status = create(driver, &stage, &settings, &client);

    if (status == NX_SUCCESS) {
      status = list(&client, items);
    }
    answer->outcome = outcome_of(&client, status);
    answer->status = status;
    leave(&client, false, answer);
  }
  driver_end(&stage);
}
