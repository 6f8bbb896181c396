/* A transport that sends from a packet. */
#include "link.h"

#include "ip.h"
#include "thread.h"

#include <mailc/link.h>
#include <string.h>
#include <sys/socket.h>

uint32_t nx_mail_ms(ULONG ticks) {
  return ticks > UINT32_MAX / NX_MAIL_MS_PER_TICK
             ? UINT32_MAX
             : (uint32_t)ticks * NX_MAIL_MS_PER_TICK;
}

const struct mailc_hash *nx_mail_hash(const struct mailc_hash *wanted) {
#ifdef NX_MAIL_BUILT_IN_HASH
  return wanted != NULL ? wanted : &NX_MAIL_BUILT_IN_HASH;
#else
  return wanted;
#endif
}

void nx_mail_wipe(void *octets, size_t len) {
  volatile UCHAR *at = (volatile UCHAR *)octets;

  while (len-- != 0) {
    *at++ = 0;
  }
}

/* Fills the packet, sends it and empties it. */
static enum mailc_status send_packet(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  struct nx_mail_link *link = (struct nx_mail_link *)context;
  const struct mailc_transport *below = &link->below;
  NX_PACKET *packet = link->packet;
  size_t room =
      (size_t)(packet->nx_packet_data_end - packet->nx_packet_data_start);
  uint64_t patience_ms = mailc_later_ms(below->now_ms(below->context),
                                        nx_mail_ms(link->send_wait));
  enum mailc_status status = MAILC_OK;

  len = len < room ? len : room;
  memcpy(packet->nx_packet_prepend_ptr, octets, len);
  packet->nx_packet_append_ptr += len;
  packet->nx_packet_length = len;
  status = below->send(below->context, packet->nx_packet_prepend_ptr, len,
                       patience_ms < until_ms ? patience_ms : until_ms, sent);
  /* It may have been a password, and the next fill may be shorter. */
  nx_mail_wipe(packet->nx_packet_prepend_ptr, len);
  packet->nx_packet_append_ptr = packet->nx_packet_prepend_ptr;
  packet->nx_packet_length = 0;
  if (status == MAILC_OK && *sent == 0 && patience_ms < until_ms) {
    link->is_late = true;
    return MAILC_E_TIMEOUT;
  }
  link->sent += *sent;
  return status;
}

static enum mailc_status receive(void *context, void *octets, size_t cap,
                                 uint64_t until_ms, size_t *received) {
  struct nx_mail_link *link = (struct nx_mail_link *)context;

  return link->below.recv(link->below.context, octets, cap, until_ms, received);
}

static void close_now(void *context) {
  struct nx_mail_link *link = (struct nx_mail_link *)context;

  mailc_posix_tcp_close(&link->tcp);
}

static uint64_t now_ms(void *context) {
  struct nx_mail_link *link = (struct nx_mail_link *)context;

  return link->below.now_ms(link->below.context);
}

void nx_mail_link_init(struct nx_mail_link *link, ULONG send_wait) {
  *link = (struct nx_mail_link){.send_wait = send_wait};
  mailc_posix_tcp_init(&link->tcp);
  link->below = mailc_posix_tcp_transport(&link->tcp);
  link->transport = (struct mailc_transport){.context = link,
                                             .send = send_packet,
                                             .recv = receive,
                                             .close = close_now,
                                             .now_ms = now_ms};
}

UINT nx_mail_link_reserve(struct nx_mail_link *link, NX_PACKET_POOL *pool,
                          ULONG ticks) {
  return nx_packet_allocate(pool, &link->packet, 0, ticks);
}

void nx_mail_link_release(struct nx_mail_link *link) {
  if (link->packet != NULL) {
    (void)nx_packet_release(link->packet);
    link->packet = NULL;
  }
}

UINT nx_mail_link_connect(struct nx_mail_link *link, const NXD_ADDRESS *address,
                          ULONG port, ULONG ticks) {
  char host[NX_MAIL_ADDRESS_SIZE];

  nx_mail_write_address(address, host);
  link->sent = 0;
  link->is_late = false;
  return mailc_posix_tcp_connect(&link->tcp, host, (uint16_t)port,
                                 nx_mail_ms(ticks)) == MAILC_OK
             ? NX_SUCCESS
             : NX_NOT_CONNECTED;
}

void nx_mail_link_close(struct nx_mail_link *link, ULONG ticks) {
  struct linger linger = {.l_onoff = 1};

  if (link->tcp.fd < 0) {
    return;
  }
  /* 0 would throw away what is not sent yet. */
  linger.l_linger =
      (int)(nx_mail_ms(ticks) / 1000) < 1 ? 1 : (int)(nx_mail_ms(ticks) / 1000);
  (void)setsockopt(link->tcp.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  mailc_posix_tcp_close(&link->tcp);
}
