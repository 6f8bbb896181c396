/* A server on the loopback interface, and the pump over TCP. */
#include "bench_tcp.h"

#include "bench.h"

#include <arpa/inet.h>
#include <mailc/posix_tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000u

/* A server that nobody stops ends then. */
#define SERVER_LIMIT_S 300u

static pid_t server_process;
static uint16_t server_port;

uint16_t bench_port(void) { return server_port; }

static void send_all(int fd, struct mailc_span octets) {
  while (octets.len != 0) {
    ssize_t sent = send(fd, octets.data, octets.len, MSG_NOSIGNAL);

    if (sent <= 0) {
      return; /* the client has gone */
    }
    octets.data += sent;
    octets.len -= (size_t)sent;
  }
}

/* Answers commands that come one at a time, as they do without PIPELINING. */
static void converse(int fd) {
  char line[512];

  send_all(fd, MAILC_SPAN("+OK ready\r\n"));
  while (recv(fd, line, sizeof line, 0) > 0) {
    if (memcmp(line, "CAPA", 4) == 0) {
      send_all(fd, MAILC_SPAN("-ERR what?\r\n"));
      continue;
    }
    send_all(fd, MAILC_SPAN("+OK\r\n"));
    if (memcmp(line, "RETR", 4) == 0) {
      send_all(fd, bench_wires[BENCH_PROSE]);
    }
  }
}

static _Noreturn void serve(int listener) {
  (void)alarm(SERVER_LIMIT_S);
  for (;;) {
    int fd = accept(listener, NULL, NULL);

    if (fd >= 0) {
      converse(fd);
      (void)close(fd);
    }
  }
}

void bench_serve(void) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t len = sizeof address;
  int listener = socket(AF_INET, SOCK_STREAM, 0);

  bench_require(
      listener >= 0 &&
          bind(listener, (struct sockaddr *)&address, sizeof address) == 0 &&
          listen(listener, 8) == 0 &&
          getsockname(listener, (struct sockaddr *)&address, &len) == 0,
      "no port on the loopback interface");
  server_port = ntohs(address.sin_port);
  server_process = fork();
  bench_require(server_process >= 0, "no process for the server");
  if (server_process == 0) {
    serve(listener);
  }
  (void)close(listener);
}

void bench_stop_serving(void) {
  (void)kill(server_process, SIGTERM);
  (void)waitpid(server_process, NULL, 0);
}

void bench_tcp(enum bench_text text) {
  struct mailc_posix_tcp tcp;
  struct mailc_transport transport;

  mailc_posix_tcp_init(&tcp);
  bench_require(mailc_posix_tcp_connect(&tcp, "127.0.0.1", server_port,
                                        PATIENCE_MS) == MAILC_OK,
                "the server cannot be reached");
  transport = mailc_posix_tcp_transport(&tcp);
  bench_fetch(&transport, text);
  mailc_posix_tcp_close(&tcp);
}
