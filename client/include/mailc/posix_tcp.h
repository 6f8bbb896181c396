/* A transport over TCP by POSIX sockets, IPv4 and IPv6. */
#ifndef MAILC_POSIX_TCP_H
#define MAILC_POSIX_TCP_H

#include <mailc/transport.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One connection. mailc_posix_tcp_init() fills it in; `wait` and `now_ms` may
 * then be replaced, before connecting, each alone or both, by a program that
 * watches more than this socket or that has a clock of its own. All times are
 * of now_ms(); `wait` is given a duration and needs no clock. */
struct mailc_posix_tcp {
  int fd; /* -1 while there is no connection */

  /* Waits until `fd` is ready for `events` (of poll()), or for wait_ms; it may
   * come back earlier, and is called again then. MAILC_OK; E_LINK if it cannot
   * wait. */
  enum mailc_status (*wait)(void *context, int fd, short events,
                            uint32_t wait_ms);
  /* A clock in ms that never goes back; by default CLOCK_MONOTONIC. */
  uint64_t (*now_ms)(void *context);
  void *context; /* first argument of both; by default the structure itself */
};

/* Makes a connection that is not there yet.
 *   tcp  out: memory of the caller's, of any content */
void mailc_posix_tcp_init(struct mailc_posix_tcp *tcp);

/* Connects to the first address that answers; each gets an equal share of the
 * time that is left. The lookup of a name is the system's and keeps to its own
 * timeouts.
 *   tcp         in/out: what mailc_posix_tcp_init() has made
 *   host        in: a name, or an address in digits
 *   port        in: 1 to 65535
 *   timeout_ms  in: for all addresses together, ms
 * MAILC_OK         there is a connection
 * MAILC_E_HOST     the name has no address
 * MAILC_E_CONNECT  all addresses refused
 * MAILC_E_TIMEOUT  one did not answer in time
 * MAILC_E_STATE    there is a connection already */
enum mailc_status mailc_posix_tcp_connect(struct mailc_posix_tcp *tcp,
                                          const char *host, uint16_t port,
                                          uint32_t timeout_ms);

/* Closes the connection, if there is one.
 *   tcp  in/out: what mailc_posix_tcp_init() has made */
void mailc_posix_tcp_close(struct mailc_posix_tcp *tcp);

/* Returns the transport of the connection.
 *   tcp  in: outlives the transport */
struct mailc_transport mailc_posix_tcp_transport(struct mailc_posix_tcp *tcp);

#ifdef __cplusplus
}
#endif

#endif
