/* A test program of the services: named tests, run one after the other by a
 * thread of the application, on a pool that has to be whole again after each.
 */
#ifndef NETX_TEST_SUITE_H
#define NETX_TEST_SUITE_H

#include "../../test/check.h"
#include "server.h"

#include <nx_api.h>
#include <string.h>

/* What no packet may hold after a test. */
#ifndef SUITE_SECRETS
#define SUITE_SECRETS "PASS ", "AUTH "
#endif

struct test {
  const char *name;
  void (*run)(void);
};

#define TEST(name)                                                             \
  { #name, name }

/* What the tests use: four packets of 64 octets. */
static NX_PACKET_POOL pool;
static NX_IP ip;

static ULONG suite_packets[4 * (sizeof(NX_PACKET) + 64) / sizeof(ULONG)];

static const struct test *suite_tests;
static size_t suite_count;

/* No packet of the pool holds what was sent. */
static void suite_check_no_secret(void) {
  static const char *const secrets[] = {SUITE_SECRETS};
  const char *memory = (const char *)suite_packets;

  for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
    size_t len = strlen(secrets[i]);

    for (size_t at = 0; at + len <= sizeof suite_packets; at++) {
      check_that(memcmp(memory + at, secrets[i], len) != 0, secrets[i],
                 __FILE__, __LINE__);
    }
  }
}

static void suite_run(ULONG input) {
  (void)input;
  CHECK(nx_packet_pool_create(&pool, "test", 64, suite_packets,
                              sizeof suite_packets) == NX_SUCCESS);
  CHECK(pool.nx_packet_pool_total == 4);
  CHECK(nx_ip_create(&ip, "test", IP_ADDRESS(127, 0, 0, 1), 0xFF000000ul, &pool,
                     _nx_ram_network_driver, suite_packets,
                     sizeof suite_packets, 1) == NX_SUCCESS);
  CHECK(nx_tcp_enable(&ip) == NX_SUCCESS);
  CHECK(nxd_ipv6_enable(&ip) == NX_SUCCESS);
  for (size_t i = 0; i < suite_count; i++) {
    unsigned before = check_failure_count;

    suite_tests[i].run();
    CHECK(pool.nx_packet_pool_available == 4);
    suite_check_no_secret();
    (void)printf("%s %s\n", check_failure_count == before ? "ok    " : "FAILED",
                 suite_tests[i].name);
  }
  CHECK(nx_ip_delete(&ip) == NX_SUCCESS);
  CHECK(nx_packet_pool_delete(&pool) == NX_SUCCESS);
}

VOID tx_application_define(VOID *first_unused_memory) {
  static TX_THREAD thread;

  nx_system_initialize();
  CHECK(tx_thread_create(&thread, "suite", suite_run, 0, first_unused_memory,
                         4096, 1, 1, TX_NO_TIME_SLICE,
                         TX_AUTO_START) == TX_SUCCESS);
}

static inline int suite_main(const struct test *tests, size_t count) {
  suite_tests = tests;
  suite_count = count;
  tx_kernel_enter();
  return check_status();
}

#endif
