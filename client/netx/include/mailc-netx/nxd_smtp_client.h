/* The SMTP client of NetX Duo (RFC 2821, RFC 2554), over mailc.
 *
 * Create prepares; each nx_smtp_mail_send() connects, sends one message to one
 * recipient and closes, whatever the result, so that the next may follow.
 *
 * A message that may be sent has lines of 998 octets at most, that end in CRLF
 * or LF (sent as CRLF), and no NUL. Octets above 127 need a server with
 * 8BITMIME.
 */
#ifndef NXD_SMTP_CLIENT_H
#define NXD_SMTP_CLIENT_H

#include <mailc/smtp_pump.h>
#include <nx_mail.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Before a connection, or as the page of each service says: */
#define NX_SMTP_INVALID_PARAM 0xA5
#define NX_SMTP_PACKET_ALLOCATE_ERROR 0xA6
#define NX_SMTP_CLIENT_NOT_INTIALIZED 0xB2

/* The server refused: its greeting, EHLO and HELO, the login, MAIL, RCPT, DATA,
 * the message; or it left with a 421 where nothing was asked. */
#define NX_SMTP_GREET_REPLY_ERROR 0xA7
#define NX_SMTP_HELLO_REPLY_ERROR 0xA8
#define NX_SMTP_AUTH_REPLY_ERROR 0xAD
#define NX_SMTP_MAIL_REPLY_ERROR 0xA9
#define NX_SMTP_RCPT_REPLY_ERROR 0xAA
#define NX_SMTP_DATA_REPLY_ERROR 0xAC
#define NX_SMTP_MESSAGE_REPLY_ERROR 0xAB
#define NX_SMTP_SERVER_ERROR_CODE_RECEIVED 0xA4

/* What it offers does not do: no mechanism to log in by, a SIZE that the
 * message is above. */
#define NX_SMTP_AUTHENTICATION_ERROR 0xA0
#define NX_SMTP_OVERSIZE_MAIL_DATA 0xA1

/* It broke the protocol: what it says is no reply, or none to this; a reply
 * that nothing asked for; a line that is too long; a challenge that is not
 * base64, or one too many. */
#define NX_SMTP_INVALID_SERVER_REPLY 0xA2
#define NX_SMTP_SERVER_ERROR_REPLY 0xAE
#define NX_SMTP_OVERSIZE_SERVER_REPLY 0xB1
#define NX_SMTP_INVALID_SERVER_CHALLENGE 0xB0

/* The connection was lost, or the server fell silent, after the server had
 * agreed to take the message and before it said what became of it: it may have
 * been delivered. */
#define NX_SMTP_TRANSMIT_ERROR 0xAF

/* The hash library refused. */
#define NX_SMTP_INTERNAL_ERROR 0xA3

/* authentication_type; any other means PLAIN. CRAM_MD5 is here, too. */
#define NX_SMTP_CLIENT_AUTH_LOGIN 1
#define NX_SMTP_CLIENT_AUTH_CRAM_MD5 2
#define NX_SMTP_CLIENT_AUTH_PLAIN 3
#define NX_SMTP_CLIENT_AUTH_NONE 0xFFFF

#define NX_SMTP_MAIL_PRIORITY_LOW 1
#define NX_SMTP_MAIL_PRIORITY_NORMAL 2
#define NX_SMTP_MAIL_PRIORITY_HIGH 4

/* To be set before this file is included, if others are wanted. In ticks: */

/* for a packet of the pool, */
#ifndef NX_SMTP_CLIENT_PACKET_TIMEOUT
#define NX_SMTP_CLIENT_PACKET_TIMEOUT (2 * NX_IP_PERIODIC_RATE)
#endif

/* for a connection, */
#ifndef NX_SMTP_CLIENT_CONNECTION_TIMEOUT
#define NX_SMTP_CLIENT_CONNECTION_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif

/* for its end to reach the server, in whole seconds, */
#ifndef NX_SMTP_CLIENT_DISCONNECT_TIMEOUT
#define NX_SMTP_CLIENT_DISCONNECT_TIMEOUT (5 * NX_IP_PERIODIC_RATE)
#endif

/* for the greeting, */
#ifndef NX_SMTP_GREETING_TIMEOUT
#define NX_SMTP_GREETING_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif

/* for the reply to each command before the message, */
#ifndef NX_SMTP_ENVELOPE_TIMEOUT
#define NX_SMTP_ENVELOPE_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif

/* for the reply to the message, */
#ifndef NX_SMTP_MESSAGE_TIMEOUT
#define NX_SMTP_MESSAGE_TIMEOUT (30 * NX_IP_PERIODIC_RATE)
#endif

/* for the host to take octets. */
#ifndef NX_SMTP_CLIENT_SEND_TIMEOUT
#define NX_SMTP_CLIENT_SEND_TIMEOUT (5 * NX_IP_PERIODIC_RATE)
#endif

/* Octets at most of a user's name and of a domain, and of a password. */
#ifndef NX_SMTP_CLIENT_MAX_USERNAME
#define NX_SMTP_CLIENT_MAX_USERNAME 40
#endif
#ifndef NX_SMTP_CLIENT_MAX_PASSWORD
#define NX_SMTP_CLIENT_MAX_PASSWORD 20
#endif

/* Octets of a line of the server's at most. */
#define NX_SMTP_CLIENT_RX_SIZE 2048

/* Octets of a line that is sent; it leaves in packets. */
#define NX_SMTP_CLIENT_TX_SIZE 1024

/* Octets of the reply to EHLO that are kept. */
#define NX_SMTP_CLIENT_REPLY_SIZE 2048

/* What the macros above were when the application was compiled. */
typedef struct NX_SMTP_CLIENT_SETTINGS_STRUCT {
  ULONG packet_timeout; /* the first seven in ticks */
  ULONG connection_timeout;
  ULONG disconnect_timeout;
  ULONG greeting_timeout;
  ULONG envelope_timeout;
  ULONG message_timeout;
  ULONG send_timeout;
  size_t username_offset; /* of the texts in NX_SMTP_CLIENT */
  size_t domain_offset;
  size_t password_offset;
  size_t username_max; /* of the domain too */
  size_t password_max;
  const struct mailc_hash *hash;
  bool is_strict;
} NX_SMTP_CLIENT_SETTINGS;

/* A client. The application provides the memory and reads nothing here. */
typedef struct NX_SMTP_CLIENT_STRUCT {
  ULONG nx_smtp_client_id;
  const NX_SMTP_CLIENT_SETTINGS *nx_smtp_client_settings;
  NX_IP *nx_smtp_client_ip_ptr;
  NX_PACKET_POOL *nx_smtp_client_packet_pool_ptr;
  NXD_ADDRESS nx_smtp_client_server_address;
  UINT nx_smtp_client_server_port;
  UINT nx_smtp_client_authentication_type;
  CHAR *nx_smtp_client_from_address;
  enum mailc_status nx_smtp_client_mailc_status; /* behind the last NX status */
  UINT nx_smtp_client_reply_code; /* of the last reply, 0 if there was none */
  struct nx_mail_link nx_smtp_client_link;
  struct mailc_smtp nx_smtp_client_session;
  struct mailc_smtp_slot nx_smtp_client_queue[1];
  struct mailc_smtp_pump nx_smtp_client_pump;
  struct mailc_login nx_smtp_client_login;
  UCHAR nx_smtp_client_rx[NX_SMTP_CLIENT_RX_SIZE];
  UCHAR nx_smtp_client_tx[NX_SMTP_CLIENT_TX_SIZE];
  UCHAR nx_smtp_client_reply[NX_SMTP_CLIENT_REPLY_SIZE];
  /* Last, as the application chooses how long they are. */
  CHAR nx_smtp_client_username[NX_SMTP_CLIENT_MAX_USERNAME + 1];
  CHAR nx_smtp_client_domain[NX_SMTP_CLIENT_MAX_USERNAME + 1];
  CHAR nx_smtp_client_password[NX_SMTP_CLIENT_MAX_PASSWORD + 1];
} NX_SMTP_CLIENT;

/* The library's part of the create below; `settings` stays. */
UINT nx_mail_smtp_client_create(
    NX_SMTP_CLIENT *client_ptr, const NX_SMTP_CLIENT_SETTINGS *settings,
    NX_IP *ip_ptr, NX_PACKET_POOL *client_packet_pool_ptr, CHAR *username,
    CHAR *password, CHAR *from_address, CHAR *client_domain,
    UINT authentication_type, NXD_ADDRESS *server_address, UINT port);

/* Prepares a client; nothing is sent.
 *   client_ptr     out: memory of the caller's, of any content
 *   username, password, client_domain   copied; the domain is what EHLO says
 *   from_address   kept by pointer
 *   port           usually 25
 *   authentication_type   which mechanism logs in. Where the server lists none,
 *                  PLAIN is tried; with NONE the client becomes one for PLAIN
 * as soon as a server offers that and a name is there. Not so with
 *                  NX_MAIL_STRICT
 * NX_PTR_ERROR         NULL, or an IP instance or a pool that is not created
 * NX_SIZE_ERROR        a text is too long
 * NX_SMTP_INVALID_PARAM         port 0, no domain, or a text that may not be
 *                               sent
 * NX_IP_ADDRESS_ERROR  address 0, or neither an IPv4 nor an IPv6 address
 * NX_NOT_SUPPORTED     TCP, or IPv6 for such an address, is not enabled
 * NX_SMTP_AUTHENTICATION_ERROR  a login without a name or a password */
static inline UINT
nxd_smtp_client_create(NX_SMTP_CLIENT *client_ptr, NX_IP *ip_ptr,
                       NX_PACKET_POOL *client_packet_pool_ptr, CHAR *username,
                       CHAR *password, CHAR *from_address, CHAR *client_domain,
                       UINT authentication_type, NXD_ADDRESS *server_address,
                       UINT port) {
  static const NX_SMTP_CLIENT_SETTINGS settings = {
      NX_SMTP_CLIENT_PACKET_TIMEOUT,
      NX_SMTP_CLIENT_CONNECTION_TIMEOUT,
      NX_SMTP_CLIENT_DISCONNECT_TIMEOUT,
      NX_SMTP_GREETING_TIMEOUT,
      NX_SMTP_ENVELOPE_TIMEOUT,
      NX_SMTP_MESSAGE_TIMEOUT,
      NX_SMTP_CLIENT_SEND_TIMEOUT,
      offsetof(NX_SMTP_CLIENT, nx_smtp_client_username),
      offsetof(NX_SMTP_CLIENT, nx_smtp_client_domain),
      offsetof(NX_SMTP_CLIENT, nx_smtp_client_password),
      NX_SMTP_CLIENT_MAX_USERNAME,
      NX_SMTP_CLIENT_MAX_PASSWORD,
      NX_MAIL_HASH,
      NX_MAIL_IS_STRICT};

  return nx_mail_smtp_client_create(
      client_ptr, &settings, ip_ptr, client_packet_pool_ptr, username, password,
      from_address, client_domain, authentication_type, server_address, port);
}

/* Sends a message: To, From and Subject, the header fields of a text in UTF-8,
 * and the body.
 *   recipient_address   one, fully qualified
 *   priority            NX_SMTP_MAIL_PRIORITY_..., which nothing on the wire
 * says mail_body           mail_body_length octets, above 0 NX_SUCCESS means
 * that the server has taken it, whatever QUIT brought. Before anything is sent:
 *   NX_SMTP_INVALID_PARAM, NX_SMTP_CLIENT_NOT_INTIALIZED, NX_PTR_ERROR,
 *   NX_CALLER_ERROR outside of a thread, NX_SMTP_PACKET_ALLOCATE_ERROR;
 * NX_SIZE_ERROR an address above 254 octets. Later:
 *   NX_NOT_CONNECTED   no connection, or it was lost before the message
 *   NX_NO_PACKET       the server was silent for too long before the message
 *   NX_NOT_SUPPORTED   octets above 127, and no 8BITMIME
 *   or one of NX_SMTP_... above. */
UINT nx_smtp_mail_send(NX_SMTP_CLIENT *client_ptr, CHAR *recipient_address,
                       UINT priority, CHAR *subject, CHAR *mail_body,
                       UINT mail_body_length);

/* Deletes a client and wipes its password. */
UINT nx_smtp_client_delete(NX_SMTP_CLIENT *client_ptr);

/* Ours: sends a message whose header fields are the caller's too, as it is;
 * message_length may be 0. */
UINT nx_smtp_message_send(NX_SMTP_CLIENT *client_ptr, CHAR *recipient_address,
                          CHAR *message, ULONG message_length);

/* Two services by the names that the guide's text gives them. */
#define nx_smtp_client_create nxd_smtp_client_create

static inline UINT nx_smtp_client_mail(NX_SMTP_CLIENT *client_ptr,
                                       CHAR *recipient_address, UINT priority,
                                       CHAR *subject, CHAR *mail_body,
                                       UINT mail_body_length) {
  return nx_smtp_mail_send(client_ptr, recipient_address, priority, subject,
                           mail_body, mail_body_length);
}

#ifdef __cplusplus
}
#endif

#endif
