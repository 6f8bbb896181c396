/* The calls of POSIX that mailc-driver makes: client/board/qemu.py carries them
 * out on the host, one after the other. So the board has sockets without a
 * network of its own, and its octets leave and arrive when mailc says so.
 *
 *   call    letter, length of what follows (four octets, the lowest first),
 *           numbers of four octets, octets
 *   answer  the result or -1, an error, the length of what follows (each of
 *           four octets), octets
 *
 * qemu.py has the numbers and octets of each call. */
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* QEMU's stdin and stdout, which nothing else uses. */
#define ANSWERS "/dev/stdin"
#define CALLS "/dev/stdout"

#define WATCHED_MAX 8u
#define ADDRESSES_MAX 16u
#define HOST_BROKEN_STATUS 72

enum host_error { HOST_AGAIN = 1, HOST_IN_PROGRESS = 2 };

struct octets {
  const void *data;
  size_t len;
};

struct room {
  void *data;
  size_t cap;
};

struct answer {
  int32_t result;
  uint32_t error;
  uint32_t len;
};

int _read(int fd, char *octets, int cap);
int _write(int fd, const char *octets, int len);
int _open(const char *path, int flags, ...);
int _close(int fd);

static int fail(int error) {
  errno = error;
  return -1;
}

static void open_host(int *calls, int *answers) {
  static int opened[2];

  if (opened[0] == 0) {
    opened[0] = board_open(CALLS, 1);
    opened[1] = board_open(ANSWERS, 0);
  }
  *calls = opened[0];
  *answers = opened[1];
}

/* Makes a call. The octets of its answer go into `into`; more than fit there is
 * a fault of the host. Gives the result, or -1 and errno. */
static int call(char letter, const int32_t *numbers, size_t count,
                struct octets out, struct room into, size_t *got) {
  uint8_t head[1 + sizeof(uint32_t)] = {(uint8_t)letter};
  uint32_t len = (uint32_t)(count * sizeof *numbers + out.len);
  struct answer answer;
  int calls = -1;
  int answers = -1;

  memcpy(head + 1, &len, sizeof len);
  open_host(&calls, &answers);
  board_write(calls, head, sizeof head);
  board_write(calls, numbers, count * sizeof *numbers);
  board_write(calls, out.data, out.len);
  board_read(answers, &answer, sizeof answer);
  if (answer.len > into.cap) {
    board_say("mailc-board: the host answers more than was asked for\n");
    _exit(HOST_BROKEN_STATUS);
  }
  board_read(answers, into.data, answer.len);
  if (got != NULL) {
    *got = answer.len;
  }
  if (answer.result < 0) {
    return fail(answer.error == HOST_AGAIN         ? EAGAIN
                : answer.error == HOST_IN_PROGRESS ? EINPROGRESS
                                                   : EIO);
  }
  return answer.result;
}

static const struct octets nothing = {NULL, 0};
static const struct room nowhere = {NULL, 0};

static int call_with(char letter, int number) {
  const int32_t numbers[] = {number};

  return call(letter, numbers, 1, nothing, nowhere, NULL);
}

static int receive(char letter, int number, void *octets, size_t cap) {
  const int32_t numbers[] = {number, (int32_t)cap};

  return call(letter, numbers, 2, nothing, (struct room){octets, cap}, NULL);
}

static int transmit(char letter, int number, const void *octets, size_t len) {
  const int32_t numbers[] = {number};

  return call(letter, numbers, 1, (struct octets){octets, len}, nowhere, NULL);
}

/* -- sockets -- */

int socket(int family, int type, int protocol) {
  (void)type;
  (void)protocol;
  return call_with('S', family);
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
  const int32_t numbers[] = {fd, (int32_t)address->number};

  (void)size;
  return call('C', numbers, 2, nothing, nowhere, NULL);
}

/* Of all options, SO_ERROR is asked for. */
/* cppcheck-suppress constParameter; it is that of POSIX. */
int getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
  int error = call_with('E', fd);

  if (level != SOL_SOCKET || name != SO_ERROR || *size < sizeof error) {
    return fail(EINVAL);
  }
  memcpy(value, &error, sizeof error);
  return 0;
}

/* The host sets TCP_NODELAY by itself, and a socket never waits there. */
int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
  (void)fd;
  (void)level;
  (void)name;
  (void)value;
  (void)size;
  return 0;
}

int fcntl(int fd, int command, ...) {
  (void)fd;
  (void)command;
  return 0;
}

ssize_t send(int fd, const void *octets, size_t len, int flags) {
  (void)flags;
  return transmit('T', fd, octets, len);
}

ssize_t recv(int fd, void *octets, size_t cap, int flags) {
  (void)flags;
  return receive('R', fd, octets, cap);
}

int poll(struct pollfd *watched, nfds_t count, int wait_ms) {
  int32_t numbers[1 + 2 * WATCHED_MAX] = {wait_ms};
  uint8_t ready[WATCHED_MAX];

  if (count > WATCHED_MAX) {
    return fail(EINVAL);
  }
  for (nfds_t i = 0; i < count; i++) {
    numbers[1 + 2 * i] = watched[i].fd;
    numbers[2 + 2 * i] = watched[i].events;
  }
  memset(ready, 0, sizeof ready);
  int result = call('P', numbers, 1 + 2 * count, nothing,
                    (struct room){ready, sizeof ready}, NULL);
  for (nfds_t i = 0; i < count; i++) {
    watched[i].revents = ready[i];
  }
  return result;
}

/* One list at a time. */
int getaddrinfo(const char *host, const char *service,
                const struct addrinfo *hints, struct addrinfo **found) {
  static struct addrinfo list[ADDRESSES_MAX];
  static struct sockaddr addresses[ADDRESSES_MAX];
  const int32_t numbers[] = {atoi(service)};
  uint8_t families[ADDRESSES_MAX] = {0};
  size_t count = 0;

  if (call('N', numbers, 1, (struct octets){host, strlen(host)},
           (struct room){families, sizeof families}, &count) < 0 ||
      count == 0) {
    return -1;
  }
  for (size_t i = 0; i < count; i++) {
    addresses[i].number = (uint32_t)i;
    list[i] = (struct addrinfo){.ai_family = families[i],
                                .ai_socktype = hints->ai_socktype,
                                .ai_addrlen = sizeof addresses[i],
                                .ai_addr = &addresses[i],
                                .ai_next = i + 1 < count ? &list[i + 1] : NULL};
  }
  *found = list;
  return 0;
}

void freeaddrinfo(struct addrinfo *found) { (void)found; }

/* -- the rest -- */

int clock_gettime(clockid_t clock, struct timespec *now) {
  uint64_t us = board_us();

  (void)clock;
  now->tv_sec = (time_t)(us / 1000000);
  now->tv_nsec = (long)(us % 1000000) * 1000;
  return 0;
}

ssize_t getrandom(void *octets, size_t len, unsigned flags) {
  (void)flags;
  return receive('G', 0, octets, len);
}

int _read(int fd, char *octets, int cap) {
  return receive('I', fd, octets, (size_t)cap);
}

int _write(int fd, const char *octets, int len) {
  return transmit('O', fd, octets, (size_t)len);
}

int _open(const char *path, int flags, ...) {
  (void)path;
  (void)flags;
  return fail(ENOENT);
}

int _close(int fd) { return call_with('X', fd); }
