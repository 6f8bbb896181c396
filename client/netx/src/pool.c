/* Pools of packets in the application's memory. One lock guards all of them. */
#include "pool.h"

#include "thread.h"

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define POOL_ID 0x504F4F4Cul

/* NX_PACKET.nx_packet_state. */
#define PACKET_FREE 0x46524545ul
#define PACKET_USED 0x55534544ul

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t came_back; /* a packet, to any pool */

static void init_condition(void) {
  pthread_condattr_t attributes;

  (void)pthread_condattr_init(&attributes);
  (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  (void)pthread_cond_init(&came_back, &attributes);
  (void)pthread_condattr_destroy(&attributes);
}

VOID nx_system_initialize(VOID) {}

bool nx_mail_is_pool(const NX_PACKET_POOL *pool) {
  return pool != NULL && pool->nx_packet_pool_id == POOL_ID;
}

/* Puts an empty packet on the list. */
static void put(NX_PACKET_POOL *pool, NX_PACKET *packet) {
  packet->nx_packet_state = PACKET_FREE;
  packet->nx_packet_next = pool->nx_packet_pool_available_list;
  pool->nx_packet_pool_available_list = packet;
  pool->nx_packet_pool_available++;
}

UINT nx_packet_pool_create(NX_PACKET_POOL *pool, CHAR *name, ULONG payload_size,
                           VOID *memory, ULONG memory_size) {
  const ULONG unit = sizeof(ULONG);
  UCHAR *at = (UCHAR *)memory;
  ULONG skipped = 0;
  ULONG step = 0;

  if (pool == NULL || memory == NULL) {
    return NX_PTR_ERROR;
  }
  skipped = (ULONG)((unit - (uintptr_t)memory % unit) % unit);
  if (payload_size == 0 || memory_size < skipped ||
      payload_size > memory_size - skipped) {
    return NX_SIZE_ERROR;
  }
  step = sizeof(NX_PACKET) + (payload_size + unit - 1) / unit * unit;
  *pool = (NX_PACKET_POOL){
      .nx_packet_pool_id = POOL_ID,
      .nx_packet_pool_name = name,
      .nx_packet_pool_total = (memory_size - skipped) / step,
      .nx_packet_pool_payload_size = payload_size,
  };
  if (pool->nx_packet_pool_total == 0) {
    pool->nx_packet_pool_id = 0;
    return NX_SIZE_ERROR;
  }
  at += skipped;
  for (ULONG i = 0; i < pool->nx_packet_pool_total; i++, at += step) {
    NX_PACKET *packet = (NX_PACKET *)(void *)at;

    *packet = (NX_PACKET){.nx_packet_pool_owner = pool,
                          .nx_packet_data_start = at + sizeof(NX_PACKET),
                          .nx_packet_data_end =
                              at + sizeof(NX_PACKET) + payload_size};
    put(pool, packet);
  }
  return NX_SUCCESS;
}

UINT nx_packet_pool_delete(NX_PACKET_POOL *pool) {
  if (!nx_mail_is_pool(pool)) {
    return NX_PTR_ERROR;
  }
  pool->nx_packet_pool_id = 0;
  return NX_SUCCESS;
}

static void tell(ULONG *result, ULONG value) {
  if (result != NULL) {
    *result = value;
  }
}

UINT nx_packet_pool_info_get(NX_PACKET_POOL *pool, ULONG *total_packets,
                             ULONG *free_packets, ULONG *empty_requests,
                             ULONG *empty_suspensions,
                             ULONG *invalid_releases) {
  if (!nx_mail_is_pool(pool)) {
    return NX_PTR_ERROR;
  }
  (void)pthread_mutex_lock(&lock);
  tell(total_packets, pool->nx_packet_pool_total);
  tell(free_packets, pool->nx_packet_pool_available);
  tell(empty_requests, pool->nx_packet_pool_empty_requests);
  tell(empty_suspensions, pool->nx_packet_pool_empty_requests);
  tell(invalid_releases, pool->nx_packet_pool_invalid_releases);
  (void)pthread_mutex_unlock(&lock);
  return NX_SUCCESS;
}

/* Waits for a packet; true if there is one. The lock is held. */
static bool wait_for_packet(NX_PACKET_POOL *pool, ULONG ticks) {
  struct timespec end = {0, 0};

  if (pool->nx_packet_pool_available != 0) {
    return true;
  }
  pool->nx_packet_pool_empty_requests++;
  if (ticks == NX_NO_WAIT || !nx_mail_is_thread()) {
    return false;
  }
  nx_mail_after(&end, ticks);
  while (pool->nx_packet_pool_available == 0) {
    int status = ticks == NX_WAIT_FOREVER
                     ? pthread_cond_wait(&came_back, &lock)
                     : pthread_cond_timedwait(&came_back, &lock, &end);

    if (status != 0) {
      break;
    }
  }
  return pool->nx_packet_pool_available != 0;
}

UINT nx_packet_allocate(NX_PACKET_POOL *pool, NX_PACKET **packet,
                        ULONG packet_type, ULONG wait_option) {
  UINT status = NX_NO_PACKET;

  (void)packet_type;
  if (!nx_mail_is_pool(pool) || packet == NULL) {
    return NX_PTR_ERROR;
  }
  *packet = NULL;
  (void)pthread_once(&once, init_condition);
  (void)pthread_mutex_lock(&lock);
  if (wait_for_packet(pool, wait_option)) {
    NX_PACKET *found = pool->nx_packet_pool_available_list;

    pool->nx_packet_pool_available_list = found->nx_packet_next;
    pool->nx_packet_pool_available--;
    found->nx_packet_next = NULL;
    found->nx_packet_state = PACKET_USED;
    found->nx_packet_prepend_ptr = found->nx_packet_data_start;
    found->nx_packet_append_ptr = found->nx_packet_data_start;
    found->nx_packet_length = 0;
    *packet = found;
    status = NX_SUCCESS;
  }
  (void)pthread_mutex_unlock(&lock);
  return status;
}

UINT nx_packet_release(NX_PACKET *packet) {
  UINT status = NX_SUCCESS;

  if (packet == NULL) {
    return NX_PTR_ERROR;
  }
  (void)pthread_once(&once, init_condition);
  (void)pthread_mutex_lock(&lock);
  if (packet->nx_packet_state == PACKET_USED) {
    put(packet->nx_packet_pool_owner, packet);
    (void)pthread_cond_broadcast(&came_back);
  } else {
    status = NX_INVALID_PACKET;
    if (packet->nx_packet_state == PACKET_FREE) {
      packet->nx_packet_pool_owner->nx_packet_pool_invalid_releases++;
    }
  }
  (void)pthread_mutex_unlock(&lock);
  return status;
}
