/* What the TLS back ends share: whom to trust, and who the client is.
 *
 * A back end is a transport over another one, such as that of
 * <mailc/posix_tcp.h>: octets pass through unchanged until start_tls(), which
 * is called at once for implicit TLS (RFC 8314) and by the pump after STLS or
 * STARTTLS. It speaks TLS 1.2 or later and nothing older.
 *
 * The end of a TLS stream that the server announced (by close_notify) is
 * MAILC_E_CLOSED, one that it did not is MAILC_E_LINK. A client certificate
 * that a TLS 1.3 server refuses shows in the first recv() after the handshake.
 *
 * No server holds a call by octets that carry no data: handshake messages in
 * endless pieces, tickets, key updates, requests to renegotiate, alerts. Each
 * call ends by the clock of the transport below, and the sum of such octets
 * has a limit:
 *
 *   until_ms is reached    as if the server were silent: start_tls() is
 *                          MAILC_E_TIMEOUT, recv() and send() are MAILC_OK with
 *                          0 octets. A call that begins past its time looks at
 *                          MAILC_TLS_RECORD_MAX octets at most of those that
 *                          have arrived
 *   overhead_max is spent  start_tls() is MAILC_E_TLS, recv() and send() are
 *                          MAILC_E_LINK: no octet goes either way any more
 *
 * close() waits for nothing and looks at as many octets at most.
 */
#ifndef MAILC_TLS_H
#define MAILC_TLS_H

#include <mailc/transport.h>
#include <stdbool.h>
#include <stdint.h>

/* The longest record, octets with its header: RFC 5246 section 6.2.3. */
#define MAILC_TLS_RECORD_MAX 18437u

/* The default of mailc_tls_config.overhead_max: more than the longest list of
 * certificates that OpenSSL takes, 102,400 octets. */
#define MAILC_TLS_OVERHEAD_MAX 262144u

/* Strings are needed during the call only. */
struct mailc_tls_config {
  /* Whom the server's certificate must be for: a DNS name without a dot at its
   * end, or an address in digits. Never NULL: a certificate for nobody in
   * particular proves nothing. */
  const char *host;
  /* A PEM file of the authorities to trust; NULL: those of the system. */
  const char *ca_file;
  /* A PEM file with the client's certificate and what leads to its authority;
   * NULL: the client has none. */
  const char *cert_file;
  /* A PEM file with its key, without a pass phrase; NULL: in cert_file. */
  const char *key_file;
  /* The most octets, with all that TLS adds, that the server may send in the
   * handshake, and after it from one octet of data to the next; at least
   * MAILC_TLS_RECORD_MAX, and 0: MAILC_TLS_OVERHEAD_MAX. */
  uint32_t overhead_max;
};

/* The transport below a back end. Of the library's: nothing here is read or
 * written by its users. */
struct mailc_tls_below {
  struct mailc_transport transport;
  uint64_t until_ms;        /* of the call that is going on */
  enum mailc_status status; /* what the transport failed with */
  uint32_t overhead_max;
  uint32_t overhead_len; /* octets received since the last data */
  uint32_t late_room;    /* octets that a call may receive past its time */
  bool has_moved;        /* octets moved when it was used last */
};

#endif
