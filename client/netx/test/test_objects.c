/* Packets, pools, IP instances and threads. */
#include "suite.h"

#include <pthread.h>

static ULONG memory[1024];

static void NX_SUCCESS_pool(void) {
  NX_PACKET_POOL own;
  ULONG total = 0;
  ULONG left = 0;

  CHECK(nx_packet_pool_create(&own, "own", 96, memory, sizeof memory) ==
        NX_SUCCESS);
  CHECK(nx_packet_pool_info_get(&own, &total, &left, NULL, NULL, NULL) ==
        NX_SUCCESS);
  CHECK(total == left && total == sizeof memory / (sizeof(NX_PACKET) + 96));
  CHECK(nx_packet_pool_delete(&own) == NX_SUCCESS);
  CHECK(nx_packet_pool_delete(&own) == NX_PTR_ERROR);
  /* Memory that begins anywhere. */
  CHECK(nx_packet_pool_create(&own, "own", 100, (char *)memory + 1,
                              sizeof memory - 1) == NX_SUCCESS);
}

static void NX_NO_PACKET_pool(void) {
  NX_PACKET *held[5];
  ULONG requests = 0;

  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_allocate(&pool, &held[i], 0, NX_NO_WAIT) == NX_SUCCESS);
  }
  CHECK(nx_packet_allocate(&pool, &held[4], 0, NX_NO_WAIT) == NX_NO_PACKET);
  CHECK(nx_packet_allocate(&pool, &held[4], 0, 1) == NX_NO_PACKET);
  CHECK(held[4] == NULL);
  CHECK(nx_packet_pool_info_get(&pool, NULL, NULL, &requests, NULL, NULL) ==
        NX_SUCCESS);
  CHECK(requests == 2);
  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_release(held[i]) == NX_SUCCESS);
  }
}

static void *release_later(void *context) {
  CHECK(nx_packet_release((NX_PACKET *)context) == NX_SUCCESS);
  return NULL;
}

static void a_packet_that_comes_back_is_waited_for(void) {
  NX_PACKET *held[4];
  NX_PACKET *packet = NULL;
  pthread_t thread;

  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_allocate(&pool, &held[i], 0, NX_NO_WAIT) == NX_SUCCESS);
  }
  CHECK(pthread_create(&thread, NULL, release_later, held[0]) == 0);
  CHECK(nx_packet_allocate(&pool, &packet, 0, NX_WAIT_FOREVER) == NX_SUCCESS);
  CHECK(packet == held[0]);
  CHECK(pthread_join(thread, NULL) == 0);
  for (int i = 0; i < 4; i++) {
    CHECK(nx_packet_release(held[i]) == NX_SUCCESS);
  }
}

static void NX_PTR_ERROR_objects(void) {
  NX_PACKET_POOL own;
  NX_IP none = {.nx_ip_id = 0};
  NX_PACKET *packet = NULL;

  CHECK(nx_packet_pool_create(NULL, "", 64, memory, sizeof memory) ==
        NX_PTR_ERROR);
  CHECK(nx_packet_pool_create(&own, "", 64, NULL, 100) == NX_PTR_ERROR);
  CHECK(nx_packet_allocate(NULL, &packet, 0, 0) == NX_PTR_ERROR);
  CHECK(nx_packet_allocate(&pool, NULL, 0, 0) == NX_PTR_ERROR);
  CHECK(nx_packet_release(NULL) == NX_PTR_ERROR);
  CHECK(nx_packet_data_append(NULL, "", 0, &pool, 0) == NX_PTR_ERROR);
  CHECK(nx_packet_pool_info_get(NULL, NULL, NULL, NULL, NULL, NULL) ==
        NX_PTR_ERROR);
  CHECK(nx_ip_create(NULL, "", 1, 1, &pool, _nx_ram_network_driver, memory, 1,
                     1) == NX_PTR_ERROR);
  CHECK(nx_ip_create(&none, "", 1, 1, NULL, _nx_ram_network_driver, memory, 1,
                     1) == NX_PTR_ERROR);
  CHECK(nx_ip_create(&none, "", 1, 1, &pool, NULL, memory, 1, 1) ==
        NX_PTR_ERROR);
  CHECK(nx_ip_delete(&none) == NX_PTR_ERROR);
  CHECK(nx_tcp_enable(&none) == NX_PTR_ERROR);
  CHECK(nxd_ipv6_enable(&none) == NX_PTR_ERROR);
  CHECK(nx_arp_enable(&none, memory, 1) == NX_PTR_ERROR);
  CHECK(nx_icmp_enable(&none) == NX_PTR_ERROR);
  CHECK(nxd_icmp_enable(&none) == NX_PTR_ERROR);
}

static void NX_SUCCESS_ip(void) {
  CHECK(nx_arp_enable(&ip, memory, sizeof memory) == NX_SUCCESS);
  CHECK(nx_icmp_enable(&ip) == NX_SUCCESS);
  CHECK(nxd_icmp_enable(&ip) == NX_SUCCESS);
  _nx_ram_network_driver(NULL);
}

static void NX_SIZE_ERROR_memory(void) {
  NX_PACKET_POOL own;
  NX_PACKET *packet = NULL;
  char octets[65] = "";

  CHECK(nx_packet_pool_create(&own, "", 0, memory, sizeof memory) ==
        NX_SIZE_ERROR);
  CHECK(nx_packet_pool_create(&own, "", 64, memory, sizeof(NX_PACKET) + 63) ==
        NX_SIZE_ERROR);
  CHECK(nx_packet_pool_create(&own, "", 0xFFFFFFFFul, memory, sizeof memory) ==
        NX_SIZE_ERROR);
  CHECK(nx_packet_allocate(&pool, &packet, 0, 0) == NX_SUCCESS);
  CHECK(nx_packet_data_append(packet, octets, 60, &pool, 0) == NX_SUCCESS);
  CHECK(nx_packet_data_append(packet, octets, 5, &pool, 0) == NX_SIZE_ERROR);
  CHECK(packet->nx_packet_length == 60);
  CHECK(nx_packet_release(packet) == NX_SUCCESS);
}

static void NX_INVALID_PACKET_released_twice(void) {
  NX_PACKET *packet = NULL;
  ULONG releases = 0;

  CHECK(nx_packet_allocate(&pool, &packet, 0, 0) == NX_SUCCESS);
  CHECK(nx_packet_release(packet) == NX_SUCCESS);
  CHECK(nx_packet_release(packet) == NX_INVALID_PACKET);
  CHECK(nx_packet_pool_info_get(&pool, NULL, NULL, NULL, NULL, &releases) ==
        NX_SUCCESS);
  CHECK(releases == 1);
}

static void NX_IP_ADDRESS_ERROR_multicast(void) {
  NX_IP own;

  CHECK(nx_ip_create(&own, "", IP_ADDRESS(224, 0, 0, 1), 0, &pool,
                     _nx_ram_network_driver, memory, 1,
                     1) == NX_IP_ADDRESS_ERROR);
}

static TX_THREAD second;
static ULONG told;

static void tell(ULONG input) {
  CHECK(tx_thread_identify() == &second);
  told = input;
}

static UINT make(VOID (*entry)(ULONG), void *stack, ULONG size, UINT priority,
                 UINT auto_start) {
  return tx_thread_create(&second, "second", entry, 42, stack, size, priority,
                          priority, TX_NO_TIME_SLICE, auto_start);
}

static void threads_are_created_and_resumed(void) {
  CHECK(make(NULL, memory, 1, 1, TX_DONT_START) == TX_PTR_ERROR);
  CHECK(make(tell, NULL, 1, 1, TX_DONT_START) == TX_PTR_ERROR);
  CHECK(make(tell, memory, 0, 1, TX_DONT_START) == TX_SIZE_ERROR);
  CHECK(make(tell, memory, 1, 32, TX_DONT_START) == TX_PRIORITY_ERROR);
  CHECK(make(tell, memory, 1, 1, 7) == TX_START_ERROR);
  CHECK(tx_thread_resume(NULL) == TX_THREAD_ERROR);
  CHECK(make(tell, memory, sizeof memory, 1, TX_DONT_START) == TX_SUCCESS);
  CHECK(told == 0);
  CHECK(tx_thread_resume(&second) == TX_SUCCESS);
  CHECK(tx_thread_resume(&second) == TX_RESUME_ERROR);
  CHECK(make(tell, memory, 1, 1, TX_AUTO_START) == TX_THREAD_ERROR);
  CHECK(tx_thread_sleep(1) == TX_SUCCESS);
}

int main(void) {
  static const struct test tests[] = {
      TEST(NX_SUCCESS_pool),
      TEST(NX_NO_PACKET_pool),
      TEST(a_packet_that_comes_back_is_waited_for),
      TEST(NX_PTR_ERROR_objects),
      TEST(NX_SUCCESS_ip),
      TEST(NX_SIZE_ERROR_memory),
      TEST(NX_INVALID_PACKET_released_twice),
      TEST(NX_IP_ADDRESS_ERROR_multicast),
      TEST(threads_are_created_and_resumed),
  };
  int status = suite_main(tests, sizeof tests / sizeof tests[0]);

  CHECK(told == 42);
  CHECK(tx_thread_sleep(1) == TX_CALLER_ERROR);
  return status != 0 ? status : check_status();
}
