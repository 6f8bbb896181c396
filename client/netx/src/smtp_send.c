/* One dialogue: a connection, a message, its end. */
#include "../../src/smtp/smtp_argument.h"
#include "ip.h"
#include "link.h"
#include "smtp.h"
#include "thread.h"

#include <string.h>

/* Octets of an address at most: RFC 5321 section 4.5.3.1.3 without the angle
 * brackets. */
#define ADDRESS_MAX 254u

/* Octets of a line of a message at most, RFC 5321 section 4.5.3.1.6. */
#define LINE_MAX_LEN 998u

static struct mailc_span text_of(const CHAR *text) {
  return (struct mailc_span){(const UCHAR *)text, strlen(text)};
}

/* As the session does, but before there is a connection. */
static UINT check_address(const CHAR *address) {
  struct mailc_span path = {(const UCHAR *)address,
                            strnlen(address, ADDRESS_MAX + 1)};

  if (path.len > ADDRESS_MAX) {
    return NX_SIZE_ERROR;
  }
  return mailc_smtp_is_path(path, false) ? NX_SUCCESS : NX_SMTP_INVALID_PARAM;
}

/* Checks the client and the recipient. */
static UINT check(const NX_SMTP_CLIENT *client, const CHAR *recipient) {
  UINT status = NX_SUCCESS;

  if (client == NULL || recipient == NULL) {
    return NX_PTR_ERROR;
  }
  if (client->nx_smtp_client_id != NX_MAIL_SMTP_ID) {
    return NX_SMTP_CLIENT_NOT_INTIALIZED;
  }
  if (!nx_mail_is_thread()) {
    return NX_CALLER_ERROR;
  }
  if (*recipient == '\0') {
    return NX_SMTP_INVALID_PARAM;
  }
  status = check_address(recipient);
  return status == NX_SUCCESS
             ? check_address(client->nx_smtp_client_from_address)
             : status;
}

static bool is_8bit(struct mailc_span octets) {
  for (size_t i = 0; i < octets.len; i++) {
    if (octets.data[i] > 127) {
      return true;
    }
  }
  return false;
}

/* The octets that the message has on the wire, without stuffed dots. */
static uint64_t wire_len(const struct nx_mail_smtp_message *message) {
  uint64_t len = 0;

  for (size_t i = 0; i < message->piece_count; i++) {
    struct mailc_span piece = message->pieces[i];

    len += piece.len;
    for (size_t j = 0; j < piece.len; j++) {
      if (piece.data[j] == '\n' && (j == 0 || piece.data[j - 1] != '\r')) {
        len++;
      }
    }
  }
  return len;
}

/* MAIL and RCPT. */
static UINT send_envelope(NX_SMTP_CLIENT *client,
                          const struct nx_mail_smtp_message *message) {
  const struct mailc_span body = MAILC_SPAN("BODY=8BITMIME");
  struct mailc_smtp_pump *pump = &client->nx_smtp_client_pump;
  UINT status = NX_SUCCESS;

  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_MAIL);
  status = nx_mail_smtp_status(
      client, NX_MAIL_SMTP_MAIL,
      mailc_smtp_pump_mail(pump, text_of(client->nx_smtp_client_from_address),
                           &body, message->is_8bit ? 1 : 0));
  if (status != NX_SUCCESS) {
    return status;
  }
  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_RCPT);
  return nx_mail_smtp_status(
      client, NX_MAIL_SMTP_RCPT,
      mailc_smtp_pump_rcpt(pump, message->recipient, NULL, 0));
}

/* DATA and the message. */
static UINT send_content(NX_SMTP_CLIENT *client,
                         const struct nx_mail_smtp_message *message) {
  struct mailc_smtp_pump *pump = &client->nx_smtp_client_pump;
  enum mailc_status status = MAILC_OK;

  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_DATA);
  status = mailc_smtp_pump_open_data(pump);
  if (status != MAILC_OK) {
    return nx_mail_smtp_status(client, NX_MAIL_SMTP_DATA, status);
  }
  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_MESSAGE);
  for (size_t i = 0; i < message->piece_count && status == MAILC_OK; i++) {
    if (message->pieces[i].len != 0) {
      status = mailc_smtp_pump_write(pump, message->pieces[i]);
    }
  }
  if (status == MAILC_OK) {
    status = mailc_smtp_pump_close_data(pump);
  }
  return nx_mail_smtp_status(client, NX_MAIL_SMTP_MESSAGE, status);
}

/* The greeting, EHLO, the login; then whether the server can take the message.
 */
static UINT greet(NX_SMTP_CLIENT *client,
                  const struct nx_mail_smtp_message *message) {
  struct mailc_smtp_pump *pump = &client->nx_smtp_client_pump;
  struct nx_mail_smtp_offers offers;
  UINT status = NX_SUCCESS;

  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_GREET);
  status = nx_mail_smtp_status(client, NX_MAIL_SMTP_GREET,
                               mailc_smtp_pump_connect(pump));
  if (status != NX_SUCCESS) {
    return status;
  }
  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_HELLO);
  status = nx_mail_smtp_status(
      client, NX_MAIL_SMTP_HELLO,
      mailc_smtp_pump_ehlo(pump, nx_mail_smtp_domain(client), NULL));
  if (status != NX_SUCCESS) {
    return status;
  }
  offers = nx_mail_smtp_read_offers(client);
  if (message->is_8bit && (mailc_smtp_offers(&client->nx_smtp_client_session) &
                           MAILC_SMTP_OFFER_8BITMIME) == 0) {
    return NX_NOT_SUPPORTED;
  }
  if (offers.size_max != 0 && wire_len(message) > offers.size_max) {
    return NX_SMTP_OVERSIZE_MAIL_DATA;
  }
  return nx_mail_smtp_log_in(client, &offers);
}

static UINT converse(NX_SMTP_CLIENT *client,
                     const struct nx_mail_smtp_message *message) {
  UINT status = greet(client, message);

  if (status == NX_SUCCESS) {
    status = send_envelope(client, message);
  }
  if (status == NX_SUCCESS) {
    status = send_content(client, message);
  }
  /* RFC 5321 section 4.1.1.10 wants QUIT after a refusal too. What becomes of
   * it changes nothing, and where it may not be sent the session refuses it. */
  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_HELLO);
  (void)mailc_smtp_pump_quit(&client->nx_smtp_client_pump);
  return status;
}

/* Sends a message that may be sent, as far as one can know before. */
static UINT send_message(NX_SMTP_CLIENT *client,
                         const struct nx_mail_smtp_message *message) {
  const NX_SMTP_CLIENT_SETTINGS *settings = client->nx_smtp_client_settings;
  struct nx_mail_link *link = &client->nx_smtp_client_link;
  UINT status = NX_SUCCESS;

  if (nx_mail_link_reserve(link, client->nx_smtp_client_packet_pool_ptr,
                           settings->packet_timeout) != NX_SUCCESS) {
    return NX_SMTP_PACKET_ALLOCATE_ERROR;
  }
  status = nx_mail_link_connect(link, &client->nx_smtp_client_server_address,
                                client->nx_smtp_client_server_port,
                                settings->connection_timeout);
  client->nx_smtp_client_mailc_status =
      status == NX_SUCCESS ? MAILC_OK : MAILC_E_CONNECT;
  if (status == NX_SUCCESS) {
    status = converse(client, message);
  }
  nx_mail_link_release(link);
  nx_mail_link_close(link, settings->disconnect_timeout);
  return status;
}

/* Whether the body may be sent. */
static UINT check_body(NX_SMTP_CLIENT *client, struct mailc_span body) {
  enum mailc_status status = nx_mail_smtp_init_session(client);

  if (status == MAILC_OK && body.len != 0) {
    status =
        mailc_smtp_check_message(&client->nx_smtp_client_session, body, true);
  }
  return nx_mail_smtp_status(client, NX_MAIL_SMTP_MESSAGE, status);
}

static void add(struct nx_mail_smtp_message *message, struct mailc_span piece) {
  message->pieces[message->piece_count++] = piece;
  message->is_8bit = message->is_8bit || is_8bit(piece);
}

UINT nx_smtp_mail_send(NX_SMTP_CLIENT *client_ptr, CHAR *recipient_address,
                       UINT priority, CHAR *subject, CHAR *mail_body,
                       UINT mail_body_length) {
  struct nx_mail_smtp_message message = {.piece_count = 0};
  struct mailc_span body = {(const UCHAR *)mail_body, mail_body_length};
  UINT status = check(client_ptr, recipient_address);

  (void)priority;
  if (status != NX_SUCCESS) {
    return status;
  }
  if (subject == NULL || mail_body == NULL) {
    return NX_PTR_ERROR;
  }
  if (mail_body_length == 0 ||
      !nx_mail_smtp_is_text(subject, strlen(subject)) ||
      strlen(subject) > LINE_MAX_LEN - (sizeof "Subject: " - 1)) {
    return NX_SMTP_INVALID_PARAM;
  }
  status = check_body(client_ptr, body);
  if (status != NX_SUCCESS) {
    return status;
  }
  message.recipient = text_of(recipient_address);
  add(&message, MAILC_SPAN("To: "));
  add(&message, message.recipient);
  add(&message, MAILC_SPAN("\r\nFrom: "));
  add(&message, text_of(client_ptr->nx_smtp_client_from_address));
  add(&message, MAILC_SPAN("\r\nSubject: "));
  add(&message, text_of(subject));
  add(&message, MAILC_SPAN("\r\nMIME-Version: 1.0\r\n"
                           "Content-Type: text/plain; charset=\"utf-8\"\r\n"
                           "Content-Transfer-Encoding: 8bit\r\n\r\n"));
  add(&message, body);
  return send_message(client_ptr, &message);
}

UINT nx_smtp_message_send(NX_SMTP_CLIENT *client_ptr, CHAR *recipient_address,
                          CHAR *message_ptr, ULONG message_length) {
  struct nx_mail_smtp_message message = {.piece_count = 0};
  struct mailc_span octets = {(const UCHAR *)message_ptr, message_length};
  UINT status = check(client_ptr, recipient_address);

  if (status != NX_SUCCESS) {
    return status;
  }
  if (message_ptr == NULL) {
    return NX_PTR_ERROR;
  }
  status = check_body(client_ptr, octets);
  if (status == NX_SUCCESS) {
    message.recipient = text_of(recipient_address);
    add(&message, octets);
    status = send_message(client_ptr, &message);
  }
  return status;
}
