/* What the clients need of IP instances and addresses. */
#ifndef NETX_SRC_IP_H
#define NETX_SRC_IP_H

#include <nx_api.h>
#include <stdbool.h>

/* Whether it is an instance that is created. */
bool nx_mail_is_ip(const NX_IP *ip);

/* Whether an address is zero. */
bool nx_mail_is_nowhere(const NXD_ADDRESS *address);

/* NX_SUCCESS if connections to this address may be made, else
 * NX_IP_ADDRESS_ERROR or NX_NOT_SUPPORTED. */
UINT nx_mail_check_address(const NX_IP *ip, const NXD_ADDRESS *address);

/* Octets of an address in digits, with its end. */
#define NX_MAIL_ADDRESS_SIZE 46

/* Writes an address in digits. */
void nx_mail_write_address(const NXD_ADDRESS *address,
                           char text[NX_MAIL_ADDRESS_SIZE]);

#endif
