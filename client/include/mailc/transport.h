/* What the pump needs of a connection. */
#ifndef MAILC_TRANSPORT_H
#define MAILC_TRANSPORT_H

#include <mailc/status.h>
#include <stddef.h>
#include <stdint.h>

/* The functions of one connected transport. Times are absolute, in ms of the
 * transport's own clock, which never goes back. */
struct mailc_transport {
  void *context; /* first argument of each function */

  /* Sends at least one of `len` octets, waiting until until_ms at most. *sent
   * is how many left; MAILC_OK with *sent 0 says that the time came. E_CLOSED
   * or E_LINK if no octet can be sent any more. */
  enum mailc_status (*send)(void *context, const void *octets, size_t len,
                            uint64_t until_ms, size_t *sent);

  /* Receives 1 to `cap` octets, waiting until until_ms at most; a time that is
   * past asks without waiting. MAILC_OK with *received 0 says that the time
   * came. E_CLOSED at the end of the stream, E_LINK if the connection failed.
   */
  enum mailc_status (*recv)(void *context, void *octets, size_t cap,
                            uint64_t until_ms, size_t *received);

  /* Begins TLS as the client on a connection that has none, waiting until
   * until_ms at most. MAILC_OK only once the handshake is done and the server's
   * certificate is verified, name and all: octets go encrypted from then on.
   * NULL if this transport cannot.
   *   E_CERTIFICATE  it is not trusted, not valid now, or not for this host
   *   E_TLS          the handshake failed in any other way
   *   E_TIMEOUT      the time came
   *   E_CLOSED, E_LINK  the connection ended or failed under it
   *   E_STATE        there is TLS already
   * After the first four no octet goes either way: what is left is close(). */
  enum mailc_status (*start_tls)(void *context, uint64_t until_ms);

  /* Closes; a second call does nothing. */
  void (*close)(void *context);

  /* The clock, in ms; it never goes back. */
  uint64_t (*now_ms)(void *context);
};

#endif
