/* The compile-time limits. Each may be set by -D; the library and its users
 * must agree, which init() checks by the size of the structure. */
#ifndef MAILC_CONFIG_H
#define MAILC_CONFIG_H

/* Commands that a session may hold at once, 1 to 64. More than one is of use
 * only with pipelining. */
#ifndef MAILC_QUEUE_CAP
#define MAILC_QUEUE_CAP 1
#endif

/* The smallest receive buffer, octets: a reply line with its CRLF, RFC 1939
 * section 3 and RFC 5321 section 4.5.3.1.5. */
#define MAILC_RX_CAP_MIN 512

/* The smallest transmit buffer, octets: the longest command line with its
 * CRLF, RFC 5321 section 4.5.3.1.4 (RFC 2449 section 4 has 255). */
#define MAILC_TX_CAP_MIN 512

/* The longest POP3 command line, octets with CRLF, RFC 2449 section 4. */
#define MAILC_POP3_COMMAND_MAX 255

/* The longest SMTP command line without extensions, octets with CRLF, RFC 5321
 * section 4.5.3.1.4. */
#define MAILC_SMTP_COMMAND_MAX 512u

/* The default of mailc_smtp_config.reply_max, octets. */
#define MAILC_REPLY_MAX 65536u

#endif
