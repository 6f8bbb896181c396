/* mailc: POP3 and SMTP for a client, without I/O, heap, clock or globals.
 *
 * <mailc/pop3.h>, <mailc/smtp.h>            the sessions: octets in, octets out
 * <mailc/link.h>                            the loop that drives either
 * <mailc/pop3_pump.h>, <mailc/smtp_pump.h>  whole operations that block
 * <mailc/transport.h>, <mailc/posix_tcp.h>  what they need of a connection; TCP
 * <mailc/tls_openssl.h>, <mailc/tls_mbedtls.h>  TLS over any such
 * <mailc/memory.h>                          two of them in one process
 * <mailc/hash.h>                            the port to a hash library
 * <mailc/status.h>                          what went wrong
 * <mailc/config.h>                          compile-time limits
 *
 * The library owns no memory. What a function is given stays the caller's; what
 * it gives lies in a buffer of the caller's and says how long it stays there.
 */
#ifndef MAILC_MAILC_H
#define MAILC_MAILC_H

#include <mailc/pop3_pump.h>
#include <mailc/smtp_pump.h>

#endif
