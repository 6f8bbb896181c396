/* Names of hosts, for which newlib has no header: see posix.c. */
#ifndef MAILC_BOARD_NETDB_H
#define MAILC_BOARD_NETDB_H

#include <sys/socket.h>

#define AI_NUMERICSERV 0x0400

struct addrinfo {
  int ai_flags;
  int ai_family;
  int ai_socktype;
  int ai_protocol;
  socklen_t ai_addrlen;
  struct sockaddr *ai_addr;
  struct addrinfo *ai_next;
};

int getaddrinfo(const char *host, const char *service,
                const struct addrinfo *hints, struct addrinfo **found);
void freeaddrinfo(struct addrinfo *found);

#endif
