/* What surrounds each operation of a POP3 client. */
#include "link.h"
#include "pop3.h"
#include "thread.h"

UINT nx_mail_pop3_status(NX_POP3_CLIENT *client, enum mailc_status status) {
  client->nx_pop3_client_mailc_status = status;
  switch (mailc_status_band(status)) {
  case MAILC_BAND_OK:
    return NX_SUCCESS;
  case MAILC_BAND_LIMIT:
    return NX_POP3_MAIL_BUFFER_OVERFLOW;
  case MAILC_BAND_PEER:
  case MAILC_BAND_REFUSED:
    return NX_POP3_SERVER_ERROR_STATUS;
  case MAILC_BAND_LINK:
    return status == MAILC_E_TIMEOUT || client->nx_pop3_client_link.is_late
               ? NX_NO_PACKET
               : NX_NOT_CONNECTED;
  case MAILC_BAND_CALLER:
  case MAILC_BAND_POLICY:
    break;
  }
  return status == MAILC_E_TIMESTAMP || status == MAILC_E_NO_HASH
             ? NX_POP3_APOP_FAILED_MD5_DIGEST
             : NX_POP3_PARAM_ERROR;
}

UINT nx_mail_pop3_reserve(NX_POP3_CLIENT *client, size_t len) {
  NX_PACKET_POOL *pool = client->nx_pop3_client_packet_pool_ptr;

  if (len > pool->nx_packet_pool_payload_size) {
    return NX_POP3_INSUFFICIENT_PACKET_PAYLOAD;
  }
  return nx_mail_link_reserve(&client->nx_pop3_client_link, pool,
                              client->nx_pop3_client_settings->packet_timeout);
}

UINT nx_mail_pop3_begin(NX_POP3_CLIENT *client) {
  if (client == NULL || client->nx_pop3_client_id != NX_MAIL_POP3_ID) {
    return NX_PTR_ERROR;
  }
  if (!nx_mail_is_thread()) {
    return NX_CALLER_ERROR;
  }
  client->nx_pop3_client_mailc_status = MAILC_OK;
  return NX_SUCCESS;
}

UINT nx_mail_pop3_end(NX_POP3_CLIENT *client, UINT status) {
  nx_mail_link_release(&client->nx_pop3_client_link);
  switch (mailc_status_band(client->nx_pop3_client_mailc_status)) {
  case MAILC_BAND_LIMIT:
  case MAILC_BAND_PEER:
  case MAILC_BAND_LINK:
    nx_mail_pop3_close(client);
    break;
  case MAILC_BAND_OK:
  case MAILC_BAND_CALLER:
  case MAILC_BAND_REFUSED:
  case MAILC_BAND_POLICY:
    break;
  }
  return status;
}

void nx_mail_pop3_close(NX_POP3_CLIENT *client) {
  nx_mail_link_close(&client->nx_pop3_client_link,
                     client->nx_pop3_client_settings->disconnect_timeout);
  client->nx_pop3_client_is_connected = false;
  client->nx_pop3_client_has_stat = false;
  client->nx_pop3_client_is_message_open = false;
  client->nx_pop3_client_is_size_missing = false;
  client->nx_pop3_client_rest = (struct mailc_span){NULL, 0};
}
