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
 * A session that blocks, step by step; the examples list_mailbox.c and
 * send_message.c are two:
 *
 *   1. mailc_posix_tcp_init() and _connect(): the connection
 *   2. mailc_tls_openssl_init() over its transport. For TLS from the first
 *      octet (ports 995 and 465) start_tls() of the new transport comes now,
 *      and config.has_tls is set below
 *   3. mailc_pop3_init() or mailc_smtp_init(): the buffers, the limits
 *   4. mailc_pop3_pump_connect(): the greeting; without TLS yet, _stls(). In
 *      SMTP _connect() and _ehlo(); without TLS yet, _starttls() and _ehlo()
 *   5. a login, operations, _quit()
 *   6. mailc_pop3_pump_close(), mailc_tls_openssl_free(), whatever happened
 *
 * The library owns no memory. What a function is given stays the caller's; what
 * it gives lies in a buffer of the caller's and says how long it stays there.
 */
#ifndef MAILC_MAILC_H
#define MAILC_MAILC_H

#include <mailc/pop3_pump.h>
#include <mailc/smtp_pump.h>

#endif
