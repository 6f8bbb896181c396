/* The limits and the defaults of what a caller may set. */
#ifndef MAILC_CONFIG_H
#define MAILC_CONFIG_H

/* The smallest receive buffer, octets: a reply line with its CRLF, RFC 1939
 * section 3 and RFC 5321 section 4.5.3.1.5. */
#define MAILC_RX_CAP_MIN 512

/* The smallest transmit buffer, octets: the longest command line with its
 * CRLF, RFC 5321 section 4.5.3.1.4 (RFC 2449 section 4 has 255). */
#define MAILC_TX_CAP_MIN 512

/* The most commands that a queue holds. */
#define MAILC_QUEUE_MAX 255u

/* The longest POP3 command line, octets with CRLF, RFC 2449 section 4. */
#define MAILC_POP3_COMMAND_MAX 255

/* How long a POP3 server may be silent, unless the caller says otherwise, ms.
 */
#define MAILC_POP3_TIMEOUT_MS 300000u

/* The defaults of struct mailc_limits in POP3: octets of a reply, lines of a
 * list, capabilities of one CAPA. */
#define MAILC_POP3_REPLY_MAX 67108864u
#define MAILC_POP3_LINES_MAX 1000000u
#define MAILC_POP3_CAPABILITIES_MAX 256u

/* The most octets of POP3 commands that are under way at once, so that neither
 * side waits for the other to receive: less than any window of TCP holds, RFC
 * 2449 section 6.6. */
#define MAILC_POP3_GROUP_MAX 1024u

/* The longest SMTP command line without extensions, octets with CRLF, RFC 5321
 * section 4.5.3.1.4. */
#define MAILC_SMTP_COMMAND_MAX 512u

/* The most parameters of MAIL, or of RCPT: more than all known extensions have.
 */
#define MAILC_SMTP_PARAMS_MAX 10u

/* The defaults of struct mailc_limits in SMTP: octets and lines of a reply,
 * lines of an EHLO reply after its first. */
#define MAILC_SMTP_REPLY_MAX 65536u
#define MAILC_SMTP_LINES_MAX 4096u
#define MAILC_SMTP_CAPABILITIES_MAX 256u

/* The default times to wait of mailc_smtp_config, ms, RFC 5321 section 4.5.3.2.
 */
#define MAILC_SMTP_TIMEOUT_MS 300000u
#define MAILC_SMTP_DATA_TIMEOUT_MS 120000u
#define MAILC_SMTP_BLOCK_TIMEOUT_MS 180000u
#define MAILC_SMTP_DELIVERY_TIMEOUT_MS 600000u

/* The most octets of SMTP commands that are under way at once, so that neither
 * side waits for the other to receive, RFC 2920 section 3.1: fewer than any
 * window of TCP's holds. A single command may be longer. */
#define MAILC_SMTP_GROUP_MAX 1024u

/* Extensions that the library may be compiled with. What is left out is refused
 * with MAILC_E_NOT_OFFERED, and what a server says of it counts for nothing. */

/* Commands ahead of answers, RFC 2449 section 6.6 and RFC 2920. Without it a
 * second command is refused with MAILC_E_QUEUE_FULL, whatever the queue. */
#define MAILC_EXTENSION_QUEUE (1u << 0)

/* STLS and STARTTLS, RFC 2595 and RFC 3207. TLS from the first octet does not
 * need it. */
#define MAILC_EXTENSION_TLS (1u << 1)

/* What a POP3 refusal is due to, RFC 2449 section 8. Without it all but that of
 * a login are MAILC_E_REFUSED. */
#define MAILC_EXTENSION_CODES (1u << 2)

/* UTF8 and LANG in POP3, RFC 6856. */
#define MAILC_EXTENSION_LANG (1u << 3)

/* LMTP, RFC 2033. */
#define MAILC_EXTENSION_LMTP (1u << 4)

/* The parameters of MAIL and RCPT but SIZE and BODY: RFC 3461, RFC 4954 section
 * 5, RFC 6531. */
#define MAILC_EXTENSION_PARAMS (1u << 5)

#ifndef MAILC_EXTENSIONS
/* Those that it is compiled with: all, unless -D gives a sum of fewer, for a
 * target where each octet counts. */
#define MAILC_EXTENSIONS                                                       \
  (MAILC_EXTENSION_QUEUE + MAILC_EXTENSION_TLS + MAILC_EXTENSION_CODES +       \
   MAILC_EXTENSION_LANG + MAILC_EXTENSION_LMTP + MAILC_EXTENSION_PARAMS)
#endif

/* Whether one of them is in that sum: a constant. */
#define MAILC_HAS(extension)                                                   \
  (MAILC_EXTENSIONS / MAILC_EXTENSION_##extension % 2 != 0)

#endif
