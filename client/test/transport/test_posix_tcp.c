/* The TCP transport over the loopback interface. */
#include "check.h"

#include <mailc/link.h>
#include <mailc/posix_tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/*
 * A listening socket on a free port of `host`, whose accept ends after two
 * seconds; -1 if the machine has none.
 */
static int listen_on(const char *host, uint16_t *port) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_NUMERICHOST | AI_PASSIVE};
  struct addrinfo *found = NULL;
  struct sockaddr_storage name;
  const struct timeval limit = {.tv_sec = 2};
  socklen_t size = sizeof name;
  int fd = -1;

  if (getaddrinfo(host, "0", &hints, &found) != 0) {
    return -1;
  }
  fd = socket(found->ai_family, SOCK_STREAM, 0);
  if (fd >= 0 &&
      (bind(fd, found->ai_addr, found->ai_addrlen) != 0 || listen(fd, 1) != 0 ||
       getsockname(fd, (struct sockaddr *)&name, &size) != 0)) {
    (void)close(fd);
    fd = -1;
  }
  freeaddrinfo(found);
  if (fd >= 0) {
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    *port = ntohs(name.ss_family == AF_INET6
                      ? ((struct sockaddr_in6 *)(void *)&name)->sin6_port
                      : ((struct sockaddr_in *)(void *)&name)->sin_port);
  }
  return fd;
}

/* Octets go both ways, and the end of the stream is reported. */
static void check_connection(const char *listening, const char *host) {
  struct mailc_posix_tcp tcp;
  struct mailc_transport transport;
  uint16_t port = 0;
  char octets[8];
  size_t len = 0;
  int listener = listen_on(listening, &port);
  int peer = -1;

  CHECK(listener >= 0);
  mailc_posix_tcp_init(&tcp);
  transport = mailc_posix_tcp_transport(&tcp);
  CHECK(mailc_posix_tcp_connect(&tcp, host, port, 2000) == MAILC_OK);
  CHECK(mailc_posix_tcp_connect(&tcp, host, port, 2000) == MAILC_E_STATE);
  peer = accept(listener, NULL, NULL);
  CHECK(peer >= 0);
  CHECK(transport.recv(&tcp, octets, sizeof octets, 0, &len) == MAILC_OK);
  CHECK(len == 0);
  CHECK(transport.send(&tcp, "ab", 2, transport.now_ms(&tcp) + 2000, &len) ==
        MAILC_OK);
  CHECK(len == 2);
  CHECK(read(peer, octets, sizeof octets) == 2 && octets[1] == 'b');
  CHECK(write(peer, "cde", 3) == 3);
  CHECK(transport.recv(&tcp, octets, 2, transport.now_ms(&tcp) + 2000, &len) ==
        MAILC_OK);
  CHECK_OCTETS(octets, len, "cd");
  (void)close(peer);
  CHECK(transport.recv(&tcp, octets, 2, transport.now_ms(&tcp) + 2000, &len) ==
        MAILC_OK);
  CHECK(transport.recv(&tcp, octets, 2, transport.now_ms(&tcp) + 2000, &len) ==
        MAILC_E_CLOSED);
  transport.close(&tcp);
  transport.close(&tcp);
  CHECK(tcp.fd == -1);
  (void)close(listener);
}

static void test_ipv4_and_ipv6_carry_octets(void) {
  uint16_t port = 0;
  int ipv6 = listen_on("::1", &port);

  check_connection("127.0.0.1", "127.0.0.1");
  if (ipv6 < 0) {
    puts("IPv6 was left out: this machine has no ::1");
    return;
  }
  (void)close(ipv6);
  check_connection("::1", "::1");
}

/* localhost may be ::1 first, where nobody listens. */
static void test_every_address_of_a_name_is_tried(void) {
  struct addrinfo *found = NULL;

  if (getaddrinfo("localhost", "0", NULL, &found) != 0) {
    puts("names were left out: this machine knows no localhost");
    return;
  }
  freeaddrinfo(found);
  check_connection("127.0.0.1", "localhost");
}

static void test_a_dead_port_is_no_connection(void) {
  struct mailc_posix_tcp tcp;
  uint16_t port = 0;
  int listener = listen_on("127.0.0.1", &port);

  (void)close(listener);
  mailc_posix_tcp_init(&tcp);
  CHECK(mailc_posix_tcp_connect(&tcp, "127.0.0.1", port, 2000) ==
        MAILC_E_CONNECT);
  CHECK(tcp.fd == -1);
}

static void test_a_name_without_an_address_is_told(void) {
  struct mailc_posix_tcp tcp;

  mailc_posix_tcp_init(&tcp);
  CHECK(mailc_posix_tcp_connect(&tcp, "", 25, 2000) == MAILC_E_HOST);
}

/* A clock that jumps to any time that is waited for. */
static uint64_t jumping_ms;

static uint64_t jumping_now_ms(void *context) {
  (void)context;
  return jumping_ms;
}

static enum mailc_status jump(void *context, int fd, short events,
                              uint32_t wait_ms) {
  (void)context;
  (void)fd;
  (void)events;
  jumping_ms += wait_ms;
  return MAILC_OK;
}

/* A clock that is far from the system's; it counts how often it is asked. */
static int64_t shift_ms;
static unsigned asked_count;

static uint64_t shifted_now_ms(void *context) {
  struct timespec now = {0, 0};

  (void)context;
  asked_count++;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 +
                    shift_ms);
}

/* Each connection that nobody accepts fills the backlog, until the next one is
 * not answered. */
static void test_a_server_that_does_not_answer_is_a_timeout(void) {
  struct mailc_posix_tcp tcps[8];
  enum mailc_status status = MAILC_OK;
  uint16_t port = 0;
  size_t count = 0;
  int listener = listen_on("127.0.0.1", &port);

  CHECK(listen(listener, 0) == 0);
  while (status == MAILC_OK && count < sizeof tcps / sizeof tcps[0]) {
    mailc_posix_tcp_init(&tcps[count]);
    status = mailc_posix_tcp_connect(&tcps[count++], "127.0.0.1", port, 50);
  }
  CHECK(status == MAILC_E_TIMEOUT);
  while (count-- != 0) {
    mailc_posix_tcp_close(&tcps[count]);
  }
  (void)close(listener);
}

static void test_waiting_ends_at_the_time_of_the_given_clock(void) {
  struct mailc_posix_tcp tcp;
  struct mailc_transport transport;
  static char octets[65536];
  uint16_t port = 0;
  size_t len = 1;
  int listener = listen_on("127.0.0.1", &port);

  mailc_posix_tcp_init(&tcp);
  transport = mailc_posix_tcp_transport(&tcp);
  CHECK(mailc_posix_tcp_connect(&tcp, "127.0.0.1", port, 2000) == MAILC_OK);
  tcp.now_ms = jumping_now_ms;
  tcp.wait = jump;
  CHECK(transport.recv(&tcp, octets, 1, 5000, &len) == MAILC_OK && len == 0);
  CHECK(jumping_ms == 5000);
  while (transport.send(&tcp, octets, sizeof octets, 9000, &len) == MAILC_OK &&
         len != 0) {
  }
  CHECK(len == 0 && jumping_ms == 9000);
  mailc_posix_tcp_close(&tcp);
  (void)close(listener);
}

/* The wait as it comes, by a clock that is not the one of the system: ahead of
 * it the wait would be an hour, behind it there would be none, and the clock
 * be asked without end. */
static void check_shifted(int64_t by_ms) {
  struct mailc_posix_tcp tcp;
  struct mailc_transport transport;
  uint16_t port = 0;
  uint64_t until_ms = 0;
  char octet = 0;
  size_t len = 1;
  int listener = listen_on("127.0.0.1", &port);

  mailc_posix_tcp_init(&tcp);
  shift_ms = by_ms;
  tcp.now_ms = shifted_now_ms;
  transport = mailc_posix_tcp_transport(&tcp);
  CHECK(mailc_posix_tcp_connect(&tcp, "127.0.0.1", port, 2000) == MAILC_OK);
  until_ms = transport.now_ms(&tcp) + 100;
  asked_count = 0;
  (void)alarm(30);
  CHECK(transport.recv(&tcp, &octet, 1, until_ms, &len) == MAILC_OK);
  (void)alarm(0);
  CHECK(len == 0 && asked_count < 100);
  CHECK(transport.now_ms(&tcp) >= until_ms);
  mailc_posix_tcp_close(&tcp);
  (void)close(listener);
}

static void test_a_clock_alone_may_be_replaced(void) {
  check_shifted(3600000);
  check_shifted(-1000000);
}

static void test_connecting_near_the_end_of_the_clock_has_its_time(void) {
  struct mailc_posix_tcp tcp;
  uint16_t port = 0;
  int listener = listen_on("127.0.0.1", &port);

  mailc_posix_tcp_init(&tcp);
  jumping_ms = UINT64_MAX - 100;
  tcp.now_ms = jumping_now_ms;
  CHECK(mailc_posix_tcp_connect(&tcp, "127.0.0.1", port, 2000) == MAILC_OK);
  CHECK(jumping_ms == UINT64_MAX - 100);
  mailc_posix_tcp_close(&tcp);
  (void)close(listener);
}

static void test_the_latest_time_is_before_never(void) {
  CHECK(mailc_later_ms(5, 7) == 12);
  CHECK(mailc_later_ms(UINT64_MAX - 9, 8) == UINT64_MAX - 1);
  CHECK(mailc_later_ms(UINT64_MAX - 9, 9) == UINT64_MAX - 1);
  CHECK(mailc_later_ms(UINT64_MAX - 9, UINT64_MAX) == UINT64_MAX - 1);
  CHECK(mailc_later_ms(UINT64_MAX, 0) == UINT64_MAX - 1);
}

int main(void) {
  test_ipv4_and_ipv6_carry_octets();
  test_every_address_of_a_name_is_tried();
  test_a_dead_port_is_no_connection();
  test_a_name_without_an_address_is_told();
  test_a_server_that_does_not_answer_is_a_timeout();
  test_waiting_ends_at_the_time_of_the_given_clock();
  test_a_clock_alone_may_be_replaced();
  test_connecting_near_the_end_of_the_clock_has_its_time();
  test_the_latest_time_is_before_never();
  return check_status();
}
