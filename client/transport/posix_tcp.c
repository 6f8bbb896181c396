/* TCP by POSIX sockets. All sockets are non-blocking; `wait` waits. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mailc/link.h>
#include <mailc/posix_tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t monotonic_ms(void *context) {
  struct timespec now = {0, 0};

  (void)context;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static enum mailc_status poll_socket(void *context, int fd, short events,
                                     uint32_t wait_ms) {
  struct pollfd watched = {.fd = fd, .events = events};

  (void)context;
  if (poll(&watched, 1, wait_ms < INT_MAX ? (int)wait_ms : INT_MAX) < 0 &&
      errno != EINTR) {
    return MAILC_E_LINK;
  }
  return MAILC_OK;
}

void mailc_posix_tcp_init(struct mailc_posix_tcp *tcp) {
  *tcp = (struct mailc_posix_tcp){
      .fd = -1, .wait = poll_socket, .now_ms = monotonic_ms, .context = tcp};
}

static bool is_to_be_repeated(void) {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* Waits for the socket to be ready; *is_time if until_ms has come instead. */
static enum mailc_status wait_for(const struct mailc_posix_tcp *tcp, int fd,
                                  short events, uint64_t until_ms,
                                  bool *is_time) {
  uint64_t now = tcp->now_ms(tcp->context);
  uint64_t left = until_ms > now ? until_ms - now : 0;

  *is_time = left == 0;
  return *is_time ? MAILC_OK
                  : tcp->wait(tcp->context, fd, events,
                              left < UINT32_MAX ? (uint32_t)left : UINT32_MAX);
}

/* Waits for a connection under way. */
static enum mailc_status finish_connect(struct mailc_posix_tcp *tcp, int fd,
                                        uint64_t until_ms) {
  for (;;) {
    struct pollfd watched = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;
    bool is_time = false;

    if (poll(&watched, 1, 0) > 0) {
      if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
          error != 0) {
        return MAILC_E_CONNECT;
      }
      return MAILC_OK;
    }
    if (wait_for(tcp, fd, POLLOUT, until_ms, &is_time) != MAILC_OK) {
      return MAILC_E_CONNECT;
    }
    if (is_time) {
      return MAILC_E_TIMEOUT;
    }
  }
}

static enum mailc_status connect_to(struct mailc_posix_tcp *tcp,
                                    const struct addrinfo *address,
                                    uint64_t until_ms) {
  int fd =
      socket(address->ai_family, address->ai_socktype, address->ai_protocol);
  int yes = 1;
  enum mailc_status status = MAILC_OK;

  if (fd < 0) {
    return MAILC_E_CONNECT;
  }
  if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
    status = MAILC_E_CONNECT;
  } else if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
    status = errno == EINPROGRESS ? finish_connect(tcp, fd, until_ms)
                                  : MAILC_E_CONNECT;
  }
  if (status != MAILC_OK) {
    (void)close(fd);
    return status;
  }
  /* A command is one small write that an answer is waited for. */
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  tcp->fd = fd;
  return MAILC_OK;
}

/* The time until which `address` may take, so that one that swallows all
 * packets leaves some to those behind it. */
static uint64_t share_ms(const struct mailc_posix_tcp *tcp,
                         const struct addrinfo *address, uint64_t until_ms) {
  uint64_t now = tcp->now_ms(tcp->context);
  uint64_t count = 0;

  for (; address != NULL; address = address->ai_next) {
    count++;
  }
  return until_ms > now ? now + (until_ms - now) / count : until_ms;
}

enum mailc_status mailc_posix_tcp_connect(struct mailc_posix_tcp *tcp,
                                          const char *host, uint16_t port,
                                          uint32_t timeout_ms) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                           .ai_flags = AI_NUMERICSERV};
  struct addrinfo *found = NULL;
  char service[sizeof "65535"];
  uint64_t until_ms = mailc_later_ms(tcp->now_ms(tcp->context), timeout_ms);
  enum mailc_status status = MAILC_E_CONNECT;

  if (tcp->fd >= 0) {
    return MAILC_E_STATE;
  }
  (void)snprintf(service, sizeof service, "%u", (unsigned)port);
  if (getaddrinfo(host, service, &hints, &found) != 0) {
    return MAILC_E_HOST;
  }
  for (const struct addrinfo *at = found; at != NULL && tcp->fd < 0;
       at = at->ai_next) {
    enum mailc_status outcome =
        connect_to(tcp, at, share_ms(tcp, at, until_ms));

    if (outcome != MAILC_E_CONNECT) {
      status = outcome;
    }
  }
  freeaddrinfo(found);
  return status;
}

void mailc_posix_tcp_close(struct mailc_posix_tcp *tcp) {
  if (tcp->fd >= 0) {
    (void)close(tcp->fd);
    tcp->fd = -1;
  }
}

static enum mailc_status send_octets(void *context, const void *octets,
                                     size_t len, uint64_t until_ms,
                                     size_t *sent) {
  struct mailc_posix_tcp *tcp = (struct mailc_posix_tcp *)context;

  *sent = 0;
  for (;;) {
    ssize_t done = send(tcp->fd, octets, len, MSG_NOSIGNAL);
    bool is_time = false;

    if (done >= 0) {
      *sent = (size_t)done;
      return MAILC_OK;
    }
    if (!is_to_be_repeated()) {
      return MAILC_E_LINK;
    }
    if (wait_for(tcp, tcp->fd, POLLOUT, until_ms, &is_time) != MAILC_OK) {
      return MAILC_E_LINK;
    }
    if (is_time) {
      return MAILC_OK;
    }
  }
}

static enum mailc_status receive_octets(void *context, void *octets, size_t cap,
                                        uint64_t until_ms, size_t *received) {
  struct mailc_posix_tcp *tcp = (struct mailc_posix_tcp *)context;

  *received = 0;
  for (;;) {
    ssize_t done = recv(tcp->fd, octets, cap, 0);
    bool is_time = false;

    if (done > 0) {
      *received = (size_t)done;
      return MAILC_OK;
    }
    if (done == 0) {
      return MAILC_E_CLOSED;
    }
    if (!is_to_be_repeated()) {
      return MAILC_E_LINK;
    }
    if (wait_for(tcp, tcp->fd, POLLIN, until_ms, &is_time) != MAILC_OK) {
      return MAILC_E_LINK;
    }
    if (is_time) {
      return MAILC_OK;
    }
  }
}

static void close_connection(void *context) {
  mailc_posix_tcp_close((struct mailc_posix_tcp *)context);
}

static uint64_t clock_ms(void *context) {
  struct mailc_posix_tcp *tcp = (struct mailc_posix_tcp *)context;

  return tcp->now_ms(tcp->context);
}

struct mailc_transport mailc_posix_tcp_transport(struct mailc_posix_tcp *tcp) {
  return (struct mailc_transport){.context = tcp,
                                  .send = send_octets,
                                  .recv = receive_octets,
                                  .close = close_connection,
                                  .now_ms = clock_ms};
}
