/* IP instances: they stand for the host's sockets. */
#include "ip.h"

#include "pool.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define IP_ID 0x49502020ul

bool nx_mail_is_ip(const NX_IP *ip) {
  return ip != NULL && ip->nx_ip_id == IP_ID;
}

UINT nx_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG network_mask,
                  NX_PACKET_POOL *default_pool,
                  /* cppcheck-suppress constParameter; it is NetX's. */
                  VOID (*driver)(NX_IP_DRIVER *request), VOID *memory,
                  ULONG memory_size, UINT priority) {
  (void)memory;
  (void)memory_size;
  (void)priority;
  if (ip == NULL || driver == NULL || !nx_mail_is_pool(default_pool)) {
    return NX_PTR_ERROR;
  }
  if (address >= IP_ADDRESS(224, 0, 0, 0)) {
    return NX_IP_ADDRESS_ERROR;
  }
  *ip = (NX_IP){.nx_ip_id = IP_ID,
                .nx_ip_name = name,
                .nx_ip_address = address,
                .nx_ip_network_mask = network_mask,
                .nx_ip_default_packet_pool = default_pool};
  return NX_SUCCESS;
}

UINT nx_ip_delete(NX_IP *ip) {
  if (!nx_mail_is_ip(ip)) {
    return NX_PTR_ERROR;
  }
  ip->nx_ip_id = 0;
  return NX_SUCCESS;
}

/* The host has done this already. */
static UINT accept_enable(const NX_IP *ip) {
  return nx_mail_is_ip(ip) ? NX_SUCCESS : NX_PTR_ERROR;
}

UINT nx_arp_enable(NX_IP *ip, VOID *memory, ULONG memory_size) {
  (void)memory;
  (void)memory_size;
  return accept_enable(ip);
}

UINT nx_icmp_enable(NX_IP *ip) { return accept_enable(ip); }

UINT nxd_icmp_enable(NX_IP *ip) { return accept_enable(ip); }

UINT nx_tcp_enable(NX_IP *ip) {
  UINT status = accept_enable(ip);

  if (status == NX_SUCCESS) {
    ip->nx_ip_tcp_enabled = NX_TRUE;
  }
  return status;
}

UINT nxd_ipv6_enable(NX_IP *ip) {
  UINT status = accept_enable(ip);

  if (status == NX_SUCCESS) {
    ip->nx_ip_ipv6_enabled = NX_TRUE;
  }
  return status;
}

VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req) { (void)driver_req; }

bool nx_mail_is_nowhere(const NXD_ADDRESS *address) {
  const ULONG *v6 = address->nxd_ip_address.v6;

  if (address->nxd_ip_version == NX_IP_VERSION_V4) {
    return address->nxd_ip_address.v4 == 0;
  }
  return address->nxd_ip_version == NX_IP_VERSION_V6 &&
         (v6[0] | v6[1] | v6[2] | v6[3]) == 0;
}

UINT nx_mail_check_address(const NX_IP *ip, const NXD_ADDRESS *address) {
  bool is_v6 = address->nxd_ip_version == NX_IP_VERSION_V6;

  if (!is_v6 && address->nxd_ip_version != NX_IP_VERSION_V4) {
    return NX_IP_ADDRESS_ERROR;
  }
  if (!ip->nx_ip_tcp_enabled || (is_v6 && !ip->nx_ip_ipv6_enabled)) {
    return NX_NOT_SUPPORTED;
  }
  return NX_SUCCESS;
}

void nx_mail_write_address(const NXD_ADDRESS *address,
                           char text[NX_MAIL_ADDRESS_SIZE]) {
  uint32_t words[4] = {0, 0, 0, 0};

  if (address->nxd_ip_version == NX_IP_VERSION_V4) {
    words[0] = htonl((uint32_t)address->nxd_ip_address.v4);
    (void)inet_ntop(AF_INET, words, text, NX_MAIL_ADDRESS_SIZE);
    return;
  }
  for (int i = 0; i < 4; i++) {
    words[i] = htonl((uint32_t)address->nxd_ip_address.v6[i]);
  }
  (void)inet_ntop(AF_INET6, words, text, NX_MAIL_ADDRESS_SIZE);
}
