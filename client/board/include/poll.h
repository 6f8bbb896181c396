/* poll(), for which newlib has no header: see posix.c. */
#ifndef MAILC_BOARD_POLL_H
#define MAILC_BOARD_POLL_H

#define POLLIN 0x01
#define POLLOUT 0x04
#define POLLERR 0x08
#define POLLHUP 0x10

typedef unsigned nfds_t;

struct pollfd {
  int fd;
  short events;
  short revents;
};

int poll(struct pollfd *watched, nfds_t count, int wait_ms);

#endif
