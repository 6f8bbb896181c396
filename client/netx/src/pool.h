/* What the clients need of the pools. */
#ifndef NETX_SRC_POOL_H
#define NETX_SRC_POOL_H

#include <nx_api.h>
#include <stdbool.h>

/* Whether it is a pool that is created. */
bool nx_mail_is_pool(const NX_PACKET_POOL *pool);

#endif
