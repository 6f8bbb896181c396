/* The session below an SMTP client, and what its statuses are here. */
#include "link.h"
#include "smtp.h"

static struct mailc_buffer buffer(UCHAR *octets, size_t size) {
  return (struct mailc_buffer){octets, size};
}

enum mailc_status nx_mail_smtp_init_session(NX_SMTP_CLIENT *client) {
  const NX_SMTP_CLIENT_SETTINGS *settings = client->nx_smtp_client_settings;
  struct mailc_transport *transport = &client->nx_smtp_client_link.transport;
  ULONG longest = settings->greeting_timeout > settings->envelope_timeout
                      ? settings->greeting_timeout
                      : settings->envelope_timeout;
  struct mailc_smtp_config config = {
      .rx = buffer(client->nx_smtp_client_rx, NX_SMTP_CLIENT_RX_SIZE),
      .tx = buffer(client->nx_smtp_client_tx, NX_SMTP_CLIENT_TX_SIZE),
      .queue = client->nx_smtp_client_queue,
      .queue_cap = 1,
      .hash = nx_mail_hash(settings->hash),
      .now_ms = transport->now_ms(transport->context),
      .timeout_ms = nx_mail_ms(longest),
      .delivery_timeout_ms = nx_mail_ms(settings->message_timeout),
      .policy = MAILC_POLICY_CLEAR,
      .lf_to_crlf = true,
      .allow_unlisted_auth = !settings->is_strict,
  };

  client->nx_smtp_client_pump = (struct mailc_smtp_pump){
      .pump = {.transport = transport,
               .reply = buffer(client->nx_smtp_client_reply,
                               NX_SMTP_CLIENT_REPLY_SIZE)},
      .session = &client->nx_smtp_client_session};
  return mailc_smtp_init(&client->nx_smtp_client_session,
                         sizeof client->nx_smtp_client_session, &config);
}

void nx_mail_smtp_begin_step(NX_SMTP_CLIENT *client,
                             enum nx_mail_smtp_step step) {
  const NX_SMTP_CLIENT_SETTINGS *settings = client->nx_smtp_client_settings;
  ULONG ticks = settings->envelope_timeout;

  if (step == NX_MAIL_SMTP_GREET) {
    ticks = settings->greeting_timeout;
  }
  /* A message may take as long as it takes; each send of it has its limit. */
  client->nx_smtp_client_pump.pump.limit_ms =
      step == NX_MAIL_SMTP_MESSAGE ? 0 : nx_mail_ms(ticks);
  client->nx_smtp_client_link.sent = 0;
}

/* The server said no. */
static UINT refusal(const NX_SMTP_CLIENT *client, enum nx_mail_smtp_step step) {
  static const UINT own[] = {
      [NX_MAIL_SMTP_GREET] = NX_SMTP_GREET_REPLY_ERROR,
      [NX_MAIL_SMTP_HELLO] = NX_SMTP_HELLO_REPLY_ERROR,
      [NX_MAIL_SMTP_AUTH] = NX_SMTP_AUTH_REPLY_ERROR,
      [NX_MAIL_SMTP_MAIL] = NX_SMTP_MAIL_REPLY_ERROR,
      [NX_MAIL_SMTP_RCPT] = NX_SMTP_RCPT_REPLY_ERROR,
      [NX_MAIL_SMTP_DATA] = NX_SMTP_DATA_REPLY_ERROR,
      [NX_MAIL_SMTP_MESSAGE] = NX_SMTP_MESSAGE_REPLY_ERROR,
  };

  /* Nothing was sent in this step, so it is not the step that was refused. */
  if (step != NX_MAIL_SMTP_GREET && client->nx_smtp_client_link.sent == 0) {
    return NX_SMTP_SERVER_ERROR_CODE_RECEIVED;
  }
  return own[step];
}

/* The connection failed, or time was over. */
static UINT loss(const NX_SMTP_CLIENT *client, enum nx_mail_smtp_step step,
                 enum mailc_status status) {
  if (step == NX_MAIL_SMTP_MESSAGE) {
    return NX_SMTP_TRANSMIT_ERROR;
  }
  return status == MAILC_E_TIMEOUT || client->nx_smtp_client_link.is_late
             ? NX_NO_PACKET
             : NX_NOT_CONNECTED;
}

static UINT caller_error(enum mailc_status status) {
  return status == MAILC_E_TEXT || status == MAILC_E_ARGUMENT ||
                 status == MAILC_E_MESSAGE
             ? NX_SMTP_INVALID_PARAM
             : NX_SMTP_INTERNAL_ERROR;
}

static UINT peer_error(enum mailc_status status) {
  if (status == MAILC_E_CHALLENGE) {
    return NX_SMTP_INVALID_SERVER_CHALLENGE;
  }
  return status == MAILC_E_SURPLUS ? NX_SMTP_SERVER_ERROR_REPLY
                                   : NX_SMTP_INVALID_SERVER_REPLY;
}

UINT nx_mail_smtp_status(NX_SMTP_CLIENT *client, enum nx_mail_smtp_step step,
                         enum mailc_status status) {
  client->nx_smtp_client_mailc_status = status;
  client->nx_smtp_client_reply_code = client->nx_smtp_client_pump.code;
  switch (mailc_status_band(status)) {
  case MAILC_BAND_OK:
    break;
  case MAILC_BAND_CALLER:
    return caller_error(status);
  case MAILC_BAND_LIMIT:
    return NX_SMTP_OVERSIZE_SERVER_REPLY;
  case MAILC_BAND_PEER:
    return peer_error(status);
  case MAILC_BAND_REFUSED:
    return refusal(client, step);
  case MAILC_BAND_LINK:
    return loss(client, step, status);
  case MAILC_BAND_POLICY:
    return NX_SMTP_AUTHENTICATION_ERROR;
  }
  return NX_SUCCESS;
}
