/* Sockets, for which newlib has no header: see posix.c. */
#ifndef MAILC_BOARD_SOCKET_H
#define MAILC_BOARD_SOCKET_H

#include <stdint.h>
#include <sys/types.h>

#define SOCK_STREAM 1
#define SOL_SOCKET 1
#define SO_ERROR 4
#define MSG_NOSIGNAL 0x4000

typedef unsigned socklen_t;

/* The host has the addresses; the board has their numbers. */
struct sockaddr {
  uint32_t number;
};

int socket(int family, int type, int protocol);
int connect(int fd, const struct sockaddr *address, socklen_t size);
int getsockopt(int fd, int level, int name, void *value, socklen_t *size);
int setsockopt(int fd, int level, int name, const void *value, socklen_t size);
ssize_t send(int fd, const void *octets, size_t len, int flags);
ssize_t recv(int fd, void *octets, size_t cap, int flags);

#endif
