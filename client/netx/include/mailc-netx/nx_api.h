/* Packets, pools and IP instances of NetX and NetX Duo, as far as applications
 * of their mail clients use them. Names and numbers are theirs. An IP instance
 * stands for the host's own sockets, whatever driver is named; memory of
 * packets is the application's, as there. */
#ifndef NX_API_H
#define NX_API_H

#include <tx_api.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NX_NULL ((void *)0)
#define NX_FALSE 0
#define NX_TRUE 1

#define NX_NO_WAIT 0ul
#define NX_WAIT_FOREVER 0xFFFFFFFFul

/* Ticks in a second. */
#define NX_IP_PERIODIC_RATE TX_TIMER_TICKS_PER_SECOND

#define NX_PARAMETER_NOT_USED(parameter) ((void)(parameter))

/* What the services return. */
#define NX_SUCCESS 0x00
#define NX_NO_PACKET 0x01        /* the pool is dry, or nothing came in time */
#define NX_PTR_ERROR 0x07        /* NULL, or an object that is not created */
#define NX_SIZE_ERROR 0x09       /* too long, too short, or too little memory */
#define NX_CALLER_ERROR 0x11     /* it waits, and no thread calls it */
#define NX_INVALID_PACKET 0x12   /* released before, or without room */
#define NX_IP_ADDRESS_ERROR 0x21 /* an address that no host can have */
#define NX_NOT_CONNECTED 0x38    /* no connection, or no longer one */
#define NX_NOT_SUPPORTED 0x4B    /* not enabled, or not offered */

/* Octets in a packet, in a row. Released packets may not be used. */
typedef struct NX_PACKET_STRUCT {
  struct NX_PACKET_POOL_STRUCT *nx_packet_pool_owner;
  struct NX_PACKET_STRUCT *nx_packet_next; /* in the pool's list */
  UCHAR *nx_packet_prepend_ptr;            /* its first octet */
  UCHAR *nx_packet_append_ptr;             /* behind its last */
  UCHAR *nx_packet_data_start;
  UCHAR *nx_packet_data_end;
  ULONG nx_packet_length; /* octets in it */
  ULONG nx_packet_state;  /* whether it is in use */
} NX_PACKET;

typedef struct NX_PACKET_POOL_STRUCT {
  ULONG nx_packet_pool_id;
  CHAR *nx_packet_pool_name;
  ULONG nx_packet_pool_available; /* packets that are free */
  ULONG nx_packet_pool_total;
  ULONG nx_packet_pool_payload_size;   /* octets that a packet holds */
  ULONG nx_packet_pool_empty_requests; /* that found no free packet at once */
  ULONG nx_packet_pool_invalid_releases;
  NX_PACKET *nx_packet_pool_available_list;
} NX_PACKET_POOL;

/* What a network driver is called with; ours are never called. */
typedef struct NX_IP_DRIVER_STRUCT {
  UINT nx_ip_driver_command;
  UINT nx_ip_driver_status;
} NX_IP_DRIVER;

typedef struct NX_IP_STRUCT {
  ULONG nx_ip_id;
  CHAR *nx_ip_name;
  ULONG nx_ip_address;
  ULONG nx_ip_network_mask;
  NX_PACKET_POOL *nx_ip_default_packet_pool;
  UINT nx_ip_tcp_enabled;
  UINT nx_ip_ipv6_enabled;
} NX_IP;

#define NX_IP_VERSION_V4 4
#define NX_IP_VERSION_V6 6

/* An address of either kind, each word in host order; of IPv6 the first word
 * is the leftmost. */
typedef struct NXD_ADDRESS_STRUCT {
  ULONG nxd_ip_version;
  union {
    ULONG v4;
    ULONG v6[4];
  } nxd_ip_address;
} NXD_ADDRESS;

#define IP_ADDRESS(a, b, c, d)                                                 \
  ((((ULONG)(a)) << 24) | (((ULONG)(b)) << 16) | (((ULONG)(c)) << 8) |         \
   ((ULONG)(d)))

/* Packets and pools. */

/* Nothing needs it here; applications call it first. */
VOID nx_system_initialize(VOID);

/* Makes a pool of as many packets of `payload_size` octets as fit memory_size
 * octets at `memory`; each takes sizeof(NX_PACKET) beside its payload, which is
 * rounded up to whole ULONGs.
 * NX_PTR_ERROR   pool or memory is NULL
 * NX_SIZE_ERROR  payload_size is 0, or not even one packet fits */
UINT nx_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size,
                           VOID *memory, ULONG memory_size);
UINT nx_packet_pool_delete(NX_PACKET_POOL *pool);

/* What a pool has; each result may be NULL. No service of the pools has a
 * queue, so empty_suspensions is that of empty_requests. */
UINT nx_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total_packets,
                             ULONG *free_packets, ULONG *empty_requests,
                             ULONG *empty_suspensions, ULONG *invalid_releases);

/* Takes an empty packet, waiting wait_option ticks at most for one to come
 * back. packet_type is not used. NX_NO_PACKET if none did; outside of a thread
 * there is no waiting. */
UINT nx_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet,
                        ULONG packet_type, ULONG wait_option);

/* Gives a packet back to its pool.
 * NX_PTR_ERROR       it is NULL
 * NX_INVALID_PACKET  it is in its pool already */
UINT nx_packet_release(NX_PACKET *packet);

/* Adds octets behind those that are there; pool and wait_option are not used, a
 * packet does not grow. NX_SIZE_ERROR, and nothing is added, if they do not
 * fit.
 */
UINT nx_packet_data_append(NX_PACKET *packet, VOID *data_start, ULONG data_size,
                           NX_PACKET_POOL *pool, ULONG wait_option);

/* IP instances. */

/* Makes an instance. The address is kept and otherwise without effect: the
 * host's are used. So are driver, stack and priority.
 * NX_PTR_ERROR         ip, default_pool or driver is NULL, or the pool not made
 * NX_IP_ADDRESS_ERROR  a multicast or broadcast address */
UINT nx_ip_create(NX_IP *ip, CHAR *name, ULONG address, ULONG network_mask,
                  NX_PACKET_POOL *default_pool,
                  VOID (*driver)(NX_IP_DRIVER *request), VOID *memory,
                  ULONG memory_size, UINT priority);
UINT nx_ip_delete(NX_IP *ip);

UINT nx_arp_enable(NX_IP *ip, VOID *memory, ULONG memory_size);
UINT nx_icmp_enable(NX_IP *ip);
UINT nxd_icmp_enable(NX_IP *ip);

/* What connections need: without it the mail clients give NX_NOT_SUPPORTED. */
UINT nx_tcp_enable(NX_IP *ip);

/* What connections to IPv6 addresses need. */
UINT nxd_ipv6_enable(NX_IP *ip);

/* The driver that applications usually name. It does nothing. */
VOID _nx_ram_network_driver(NX_IP_DRIVER *driver_req);

#ifdef __cplusplus
}
#endif

#endif
