/* The goal of SMTP. A message of the form that nx_smtp_mail_send() composes
 * goes through it, any other through nx_smtp_message_send(). */
#include "driver.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *outcome_of(UINT status) {
  switch (status) {
  case NX_SUCCESS:
    return "ok";
  case NX_NO_PACKET:
    return "timeout";
  case NX_NOT_CONNECTED:
  case NX_SMTP_TRANSMIT_ERROR:
    return "io-error";
  case NX_SMTP_INVALID_SERVER_REPLY:
  case NX_SMTP_SERVER_ERROR_REPLY:
  case NX_SMTP_INVALID_SERVER_CHALLENGE:
  case NX_SMTP_OVERSIZE_SERVER_REPLY:
    return "protocol-error";
  case NX_SMTP_AUTH_REPLY_ERROR:
    return "auth-failed";
  case NX_SMTP_SERVER_ERROR_CODE_RECEIVED:
  case NX_SMTP_GREET_REPLY_ERROR:
  case NX_SMTP_HELLO_REPLY_ERROR:
  case NX_SMTP_MAIL_REPLY_ERROR:
  case NX_SMTP_RCPT_REPLY_ERROR:
  case NX_SMTP_DATA_REPLY_ERROR:
  case NX_SMTP_MESSAGE_REPLY_ERROR:
    return "refused";
  case NX_SMTP_AUTHENTICATION_ERROR:
  case NX_SMTP_OVERSIZE_MAIL_DATA:
  case NX_NOT_SUPPORTED:
    return "policy";
  case NX_SMTP_INTERNAL_ERROR:
  case NX_SMTP_PACKET_ALLOCATE_ERROR:
    return "failed";
  default:
    return "rejected-locally";
  }
}

/* The type for a login; false if the services have none such. */
static bool read_type(const json_t *request, const char *login, UINT *type) {
  const char *mech = json_string_value(json_object_get(request, "mech"));

  *type = NX_SMTP_CLIENT_AUTH_NONE;
  if (strcmp(login, "none") == 0) {
    return true;
  }
  *type = NX_SMTP_CLIENT_AUTH_PLAIN;
  if (strcmp(login, "own") == 0 || mech == NULL) {
    return strcmp(login, "own") == 0 || strcmp(login, "auth") == 0;
  }
  if (strcasecmp(mech, "LOGIN") == 0) {
    *type = NX_SMTP_CLIENT_AUTH_LOGIN;
  } else if (strcasecmp(mech, "CRAM-MD5") == 0) {
    *type = NX_SMTP_CLIENT_AUTH_CRAM_MD5;
  } else if (strcasecmp(mech, "PLAIN") != 0) {
    return false;
  }
  return strcmp(login, "auth") == 0;
}

/* Steps over `text` at *at; false if something else is there. */
static bool skip(char **at, const char *text) {
  size_t len = strlen(text);

  if (strncmp(*at, text, len) != 0) {
    return false;
  }
  *at += len;
  return true;
}

/* The body of a message of that form, whose subject then ends with a NUL; NULL
 * if it has another. */
static char *find_body(char *message, const char *from, const char *to,
                       char **subject) {
  char *at = message;
  char *end = NULL;

  if (!skip(&at, "To: ") || !skip(&at, to) || !skip(&at, "\r\nFrom: ") ||
      !skip(&at, from) || !skip(&at, "\r\nSubject: ")) {
    return NULL;
  }
  *subject = at;
  end = strchr(at, '\r');
  if (end == NULL) {
    return NULL;
  }
  at = end;
  if (!skip(&at, "\r\nMIME-Version: 1.0\r\n"
                 "Content-Type: text/plain; charset=\"utf-8\"\r\n"
                 "Content-Transfer-Encoding: 8bit\r\n\r\n") ||
      *at == '\0') {
    return NULL;
  }
  *end = '\0';
  return at;
}

/* Sends it by the service that can. `message` ends with a NUL. */
static UINT send_it(NX_SMTP_CLIENT *client, const char *from, char *to,
                    struct driver_octets message) {
  char *start = (char *)message.data;
  char *subject = NULL;
  char *body = find_body(start, from, to, &subject);

  if (body == NULL) {
    return nx_smtp_message_send(client, to, start, message.len);
  }
  return nx_smtp_mail_send(client, to, NX_SMTP_MAIL_PRIORITY_NORMAL, subject,
                           body, (UINT)(message.len - (size_t)(body - start)));
}

static const char *delivery_of(const NX_SMTP_CLIENT *client, UINT status) {
  if (status == NX_SUCCESS) {
    return "sent";
  }
  return client->nx_smtp_client_mailc_status == MAILC_E_DELIVERY_UNKNOWN
             ? "unknown"
             : "not-sent";
}

/* Creates the client and sends; `texts` are name, from, to. */
static void play(struct driver *driver, struct driver_stage *stage, UINT type,
                 char *const texts[3], struct driver_octets message,
                 struct driver_answer *answer) {
  const NX_SMTP_CLIENT_SETTINGS settings = {
      .packet_timeout = stage->ticks,
      .connection_timeout = stage->ticks,
      .disconnect_timeout = stage->ticks,
      .greeting_timeout = stage->ticks,
      .envelope_timeout = stage->ticks,
      .message_timeout = stage->ticks,
      .send_timeout = stage->ticks,
      .username_offset = offsetof(NX_SMTP_CLIENT, nx_smtp_client_username),
      .domain_offset = offsetof(NX_SMTP_CLIENT, nx_smtp_client_domain),
      .password_offset = offsetof(NX_SMTP_CLIENT, nx_smtp_client_password),
      .username_max = NX_SMTP_CLIENT_MAX_USERNAME,
      .password_max = NX_SMTP_CLIENT_MAX_PASSWORD,
      .is_strict = NX_MAIL_IS_STRICT};
  NX_SMTP_CLIENT client = {.nx_smtp_client_id = 0};
  UINT status = nx_mail_smtp_client_create(
      &client, &settings, &driver->ip, &driver->pool, stage->user,
      stage->secret, texts[1], texts[0], type, &stage->address, stage->port);

  if (status == NX_SUCCESS) {
    status = send_it(&client, texts[1], texts[2], message);
    answer->code = status == NX_SUCCESS ? 0 : client.nx_smtp_client_reply_code;
  } else if (status == NX_SMTP_AUTHENTICATION_ERROR) {
    status = NX_SMTP_INVALID_PARAM; /* nobody was asked */
  }
  answer->outcome = outcome_of(status);
  answer->status = status;
  (void)json_object_set_new(answer->value, "delivery",
                            json_string(delivery_of(&client, status)));
  (void)nx_smtp_client_delete(&client);
}

void driver_smtp_send(struct driver *driver, const json_t *request,
                      struct driver_answer *answer) {
  struct driver_octets message = {NULL, 0};
  struct driver_stage stage;
  char *texts[3] = {NULL, NULL, NULL};
  UINT type = NX_SMTP_CLIENT_AUTH_NONE;

  if (json_array_size(json_object_get(request, "params")) != 0 ||
      json_array_size(json_object_get(request, "params_b64")) != 0 ||
      !driver_begin(request, &stage)) {
    return;
  }
  texts[0] = driver_text_or(request, "name", "client.example");
  texts[1] = driver_text(request, "from");
  texts[2] = driver_text(request, "to");
  if (texts[0] != NULL && texts[1] != NULL && texts[2] != NULL &&
      read_type(request, stage.login, &type) &&
      driver_octets(request, "message", &message)) {
    play(driver, &stage, type, texts, message, answer);
  }
  free(message.data);
  for (size_t i = 0; i < 3; i++) {
    free(texts[i]);
  }
  driver_end(&stage);
}
