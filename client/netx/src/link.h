/* The connection of a client. */
#ifndef NETX_SRC_LINK_H
#define NETX_SRC_LINK_H

#include <nx_mail.h>

/* Makes *link a connection that is not there yet. */
void nx_mail_link_init(struct nx_mail_link *link, ULONG send_wait);

/* Takes the packet that the next operation sends from, waiting that many ticks
 * at most. NX_NO_PACKET. */
UINT nx_mail_link_reserve(struct nx_mail_link *link, NX_PACKET_POOL *pool,
                          ULONG ticks);

/* Gives it back, if there is one. */
void nx_mail_link_release(struct nx_mail_link *link);

/* Connects within that many ticks. NX_NOT_CONNECTED. */
UINT nx_mail_link_connect(struct nx_mail_link *link, const NXD_ADDRESS *address,
                          ULONG port, ULONG ticks);

/* Closes; what was sent has that many ticks to reach the server. */
void nx_mail_link_close(struct nx_mail_link *link, ULONG ticks);

/* Ticks in ms. */
uint32_t nx_mail_ms(ULONG ticks);

/* The hash port that the library was built with, or NULL. */
const struct mailc_hash *nx_mail_hash(const struct mailc_hash *wanted);

/* Writes zeros that the compiler may not leave out. */
void nx_mail_wipe(void *octets, size_t len);

#endif
