/* What the files of the POP3 client share. */
#ifndef NETX_SRC_POP3_H
#define NETX_SRC_POP3_H

#include <nxd_pop3_client.h>

#define NX_MAIL_POP3_ID 0x504F5033ul

/* The octets of each command with its CRLF at most. */
#define NX_MAIL_POP3_PLAIN_LEN (sizeof "STAT\r\n" - 1)
#define NX_MAIL_POP3_NUMBERED_LEN (sizeof "RETR 4294967295\r\n" - 1)
#define NX_MAIL_POP3_USER_LEN(n) (sizeof "USER \r\n" - 1 + (n))
#define NX_MAIL_POP3_APOP_LEN(n) (sizeof "APOP  \r\n" - 1 + (n) + 32)

/* What a status of mailc's is here; it is kept for diagnosis. */
UINT nx_mail_pop3_status(NX_POP3_CLIENT *client, enum mailc_status status);

/* The packet for commands of `len` octets at most.
 * NX_POP3_INSUFFICIENT_PACKET_PAYLOAD, NX_NO_PACKET */
UINT nx_mail_pop3_reserve(NX_POP3_CLIENT *client, size_t len);

/* An operation begins: the client is there, a thread calls, and what is left
 * unread of a message is dropped. */
UINT nx_mail_pop3_begin(NX_POP3_CLIENT *client);

/* An operation ends: the packet goes back. A connection that is of no more use
 * is closed. Gives `status`. */
UINT nx_mail_pop3_end(NX_POP3_CLIENT *client, UINT status);

/* Connects and logs in, with the packet reserved here. */
UINT nx_mail_pop3_open(NX_POP3_CLIENT *client);

/* Closes the connection. */
void nx_mail_pop3_close(NX_POP3_CLIENT *client);

#endif
