/* The driver's input and its connection. Both are watched at once, as the clock
 * may be put forward while an op is pending. */
#ifndef MAILC_DRIVER_LINK_H
#define MAILC_DRIVER_LINK_H

#include "driver_tls.h"

#include <jansson.h>
#include <mailc/posix_tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest line of the protocol, octets. */
#define DRIVER_LINE_MAX ((size_t)16 * 1024 * 1024)

struct driver_link {
  struct mailc_posix_tcp tcp;
  struct mailc_transport tcp_transport;
  struct mailc_transport transport; /* the one to use: tcp's, or TLS over it */
#ifdef DRIVER_HAS_TLS
  struct driver_tls tls;
#endif
  uint64_t advanced_ms; /* what the clock is ahead of the system's */
  char *input;          /* octets read from stdin */
  size_t input_len;
  size_t input_used;
  size_t input_cap;
  bool is_input_over; /* end of stdin */
};

void driver_link_init(struct driver_link *link);
void driver_link_free(struct driver_link *link);

/* The next line of stdin without its LF, valid until the next call; NULL at the
 * end of stdin or for a line above DRIVER_LINE_MAX. Waits. */
char *driver_link_next_line(struct driver_link *link, size_t *len);

/* Puts the clock forward by command's "ms"; false if that is no time. */
bool driver_link_advance(struct driver_link *link, const json_t *command);

#endif
