/* A message, packet by packet. */
#include "link.h"
#include "pop3.h"

/* Moves what was received into the packet, as far as it fits. */
static void fill(NX_POP3_CLIENT *client, NX_PACKET *packet) {
  struct mailc_span *rest = &client->nx_pop3_client_rest;
  size_t room =
      (size_t)(packet->nx_packet_data_end - packet->nx_packet_append_ptr);
  size_t len = rest->len < room ? rest->len : room;

  for (size_t i = 0; i < len; i++) {
    packet->nx_packet_append_ptr[i] = rest->data[i];
  }
  packet->nx_packet_append_ptr += len;
  packet->nx_packet_length += len;
  rest->data += len;
  rest->len -= len;
}

/* Fills a packet up, or to the end of the message. */
static enum mailc_status read_packet(NX_POP3_CLIENT *client,
                                     NX_PACKET *packet) {
  struct mailc_span *rest = &client->nx_pop3_client_rest;
  struct mailc_pop3_event event;

  for (;;) {
    enum mailc_status status = MAILC_OK;

    if (rest->len != 0) {
      fill(client, packet);
    }
    if (rest->len != 0 ||
        packet->nx_packet_append_ptr == packet->nx_packet_data_end) {
      return MAILC_OK;
    }
    status = mailc_pop3_pump_read(&client->nx_pop3_client_pump, &event);
    if (status != MAILC_OK) {
      return status;
    }
    if (event.kind == MAILC_POP3_EVENT_END) {
      client->nx_pop3_client_is_message_open = false;
      return MAILC_OK;
    }
    *rest = event.value;
  }
}

UINT nx_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr,
                                          NX_PACKET **recv_packet_ptr,
                                          ULONG *bytes_retrieved,
                                          UINT *final_packet) {
  NX_PACKET *packet = NULL;
  UINT status = nx_mail_pop3_begin(client_ptr);

  if (recv_packet_ptr == NULL || bytes_retrieved == NULL ||
      final_packet == NULL) {
    return NX_PTR_ERROR;
  }
  *recv_packet_ptr = NULL;
  *bytes_retrieved = 0;
  *final_packet = NX_FALSE;
  if (status == NX_SUCCESS && !client_ptr->nx_pop3_client_is_message_open) {
    status = NX_POP3_CLIENT_INVALID_STATE;
  }
  if (status == NX_SUCCESS) {
    status = nx_packet_allocate(
        client_ptr->nx_pop3_client_packet_pool_ptr, &packet, 0,
        client_ptr->nx_pop3_client_settings->packet_timeout);
  }
  if (status != NX_SUCCESS) {
    return status;
  }
  status = nx_mail_pop3_status(client_ptr, read_packet(client_ptr, packet));
  if (status != NX_SUCCESS) {
    (void)nx_packet_release(packet);
    return nx_mail_pop3_end(client_ptr, status);
  }
  *recv_packet_ptr = packet;
  *bytes_retrieved = packet->nx_packet_length;
  *final_packet =
      client_ptr->nx_pop3_client_is_message_open ? NX_FALSE : NX_TRUE;
  return NX_SUCCESS;
}
