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
 */
#ifndef MAILC_TLS_H
#define MAILC_TLS_H

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
};

#endif
