/* What the POP3 and the SMTP client share: their connection. Nothing here is
 * for applications.
 *
 * NX_MAIL_STRICT, defined before the first include of a client's header, takes
 * the promises back that give a password away:
 *   - after a refused or impossible APOP the client does not go on with USER
 *     and PASS;
 *   - a client that is configured for no authentication does not log in because
 *     the server offers it, and none tries a mechanism that no server offered.
 *
 * NX_MAIL_HASH, likewise, is a pointer to a hash port (<mailc/hash.h>) for APOP
 * and CRAM-MD5; NULL, the default, is the one that the library was built with.
 */
#ifndef NX_MAIL_H
#define NX_MAIL_H

#include <mailc/hash.h>
#include <mailc/posix_tcp.h>
#include <nx_api.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef NX_MAIL_STRICT
#define NX_MAIL_IS_STRICT true
#else
#define NX_MAIL_IS_STRICT false
#endif

#ifndef NX_MAIL_HASH
#define NX_MAIL_HASH 0
#endif

/* A connection that sends from a packet of the client's pool. */
struct nx_mail_link {
  struct mailc_posix_tcp tcp;
  struct mailc_transport below;     /* of tcp */
  struct mailc_transport transport; /* of this structure */
  NX_PACKET *packet; /* holds what is being sent; NULL between operations */
  ULONG send_wait;   /* ticks that the host may refuse to take octets */
  ULONG sent;   /* octets of this connection, for telling whether any left */
  bool is_late; /* send_wait was over */
};

#ifdef __cplusplus
}
#endif

#endif
