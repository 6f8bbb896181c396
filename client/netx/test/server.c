#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_MS 5000
#define LINE_CAP 4096

static const char digits[] =
    "01234567890123456789012345678901234567890123456789012345678901\r\n";

static struct {
  pthread_t thread;
  const char *const *script; /* NULL: nobody may come */
  int listener;
  int fd;
  char buffer[LINE_CAP];
  size_t len; /* octets in it */
  bool has_failed;
} server = {.listener = -1, .fd = -1};

static void fail(const char *expected, const char *actual) {
  (void)fprintf(stderr, "server: expected '%s', got '%s'\n", expected, actual);
  server.has_failed = true;
}

static bool is_ready(int fd, int ms) {
  struct pollfd watched = {.fd = fd, .events = POLLIN};

  return poll(&watched, 1, ms) > 0;
}

static void accept_one(void) {
  int yes = 1;

  server.len = 0;
  if (!is_ready(server.listener, PATIENCE_MS)) {
    fail("a connection", "none");
    return;
  }
  server.fd = accept(server.listener, NULL, NULL);
  (void)setsockopt(server.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static void close_one(void) {
  if (server.fd >= 0) {
    (void)close(server.fd);
    server.fd = -1;
  }
}

/* The next line without CRLF, valid until the next call; NULL at the end. */
static const char *read_line(void) {
  static char line[LINE_CAP];
  char *end = NULL;

  while ((end = memchr(server.buffer, '\n', server.len)) == NULL) {
    ssize_t got = 0;

    if (server.len < LINE_CAP && is_ready(server.fd, PATIENCE_MS)) {
      got =
          recv(server.fd, server.buffer + server.len, LINE_CAP - server.len, 0);
    }
    if (got <= 0) {
      return NULL;
    }
    server.len += (size_t)got;
  }
  end++;
  memcpy(line, server.buffer, (size_t)(end - server.buffer));
  line[end - server.buffer] = '\0';
  server.len -= (size_t)(end - server.buffer);
  memmove(server.buffer, end, server.len);
  return line;
}

static void await_line(const char *text, const char *end) {
  const char *line = read_line();
  size_t len = strlen(text);

  if (line == NULL || strncmp(line, text, len) != 0 ||
      strcmp(line + len, end) != 0) {
    fail(text, line == NULL ? "(nothing)" : line);
  }
}

static void send_text(const char *text) {
  size_t len = strlen(text);

  while (len != 0) {
    ssize_t sent = send(server.fd, text, len, MSG_NOSIGNAL);

    if (sent <= 0) {
      fail(text, "(the client takes no more)");
      return;
    }
    text += sent;
    len -= (size_t)sent;
  }
}

static void await_close(void) {
  const char *line = read_line();

  if (line != NULL) {
    fail("the client's close", line);
  }
  close_one();
}

/* "S* n" and "C* n". */
static void play_lines(const char *step) {
  unsigned long left = strtoul(step + 3, NULL, 10);

  for (; left != 0 && !server.has_failed; left--) {
    if (step[0] == 'S') {
      send_text(digits);
    } else {
      await_line(digits, "");
    }
  }
}

static void play_step(const char *step) {
  if (strcmp(step, "close") == 0) {
    close_one();
  } else if (strcmp(step, "accept") == 0) {
    if (server.fd >= 0) {
      await_close();
    }
    accept_one();
  } else if (step[1] == '*') {
    play_lines(step);
  } else if (step[0] == 'S') {
    send_text(step + 3);
    if (step[1] == ':') {
      send_text("\r\n");
    }
  } else {
    await_line(step + 3, "\r\n");
  }
}

static void *play(void *context) {
  (void)context;
  accept_one();
  for (const char *const *at = server.script; *at != NULL && !server.has_failed;
       at++) {
    play_step(*at);
  }
  if (server.fd >= 0 && !server.has_failed) {
    await_close();
  }
  close_one();
  return NULL;
}

static bool start_thread(void) {
  return pthread_create(&server.thread, NULL, play, NULL) == 0;
}

static unsigned start(int family, const char *const *script) {
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6,
                            .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in v4 = {.sin_family = AF_INET};
  bool is_v6 = family == AF_INET6;
  void *address = is_v6 ? (void *)&v6 : (void *)&v4;
  socklen_t size = is_v6 ? sizeof v6 : sizeof v4;

  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.script = script;
  server.has_failed = false;
  server.fd = -1;
  server.listener = socket(family, SOCK_STREAM, 0);
  if (server.listener < 0 || bind(server.listener, address, size) != 0 ||
      listen(server.listener, 4) != 0 ||
      getsockname(server.listener, address, &size) != 0 ||
      (script != NULL && !start_thread())) {
    return 0;
  }
  return ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
}

unsigned server_start(const char *const *script) {
  return start(AF_INET, script);
}

unsigned server_start_v6(const char *const *script) {
  return start(AF_INET6, script);
}

unsigned server_start_idle(void) { return start(AF_INET, NULL); }

bool server_stop(void) {
  if (server.script != NULL) {
    (void)pthread_join(server.thread, NULL);
  }
  if (is_ready(server.listener, 0)) {
    fail("no connection", "one");
  }
  (void)close(server.listener);
  return !server.has_failed;
}
