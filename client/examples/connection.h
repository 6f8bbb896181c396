/* What the examples share: a TCP connection with TLS over it. */
#ifndef MAILC_EXAMPLES_CONNECTION_H
#define MAILC_EXAMPLES_CONNECTION_H

#include <mailc/pop3_pump.h>
#include <mailc/posix_tcp.h>
#include <mailc/span.h>
#include <mailc/tls_openssl.h>
#include <stdbool.h>

#define TIMEOUT_MS 60000

struct connection {
  struct mailc_posix_tcp tcp;
  struct mailc_tls_openssl tls;
  struct mailc_transport transport; /* the one to use: TLS over TCP */
};

/* Connects, with TLS from the first octet if is_implicit; otherwise TLS is
 * there for STLS or STARTTLS. Trusts the authorities of the system, and a
 * certificate for this host alone. */
enum mailc_status connection_open(struct connection *connection,
                                  const char *host, const char *port,
                                  bool is_implicit);

/* The same, and begins a POP3 session, for which there is memory for one. */
enum mailc_status connection_open_pop3(struct connection *connection,
                                       const char *host, const char *port,
                                       bool is_implicit,
                                       struct mailc_pop3 *session);

/* Waits for the greeting; unless is_implicit, TLS begins by STLS then. What
 * comes behind success goes encrypted. */
enum mailc_status connection_greet_pop3(struct mailc_pop3_pump *pump,
                                        bool is_implicit);

/* Closes and frees; also what could not be opened. */
void connection_free(struct connection *connection);

/* A string's octets. */
struct mailc_span text_of(const char *string);

/* The secret, of the environment variable MAIL_SECRET, where no other user
 * sees it; empty if it is not there. */
struct mailc_span secret_of_user(void);

/* Prints what went wrong; the exit status of the program. */
int tell(const char *what, enum mailc_status status);

#endif
