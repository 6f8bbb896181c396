/* The POP3 client of NetX and NetX Duo (RFC 1939), over mailc.
 *
 * One client is one mailbox. Create connects and logs in; then
 *   nx_pop3_client_mail_items_get()         how many messages, how many octets
 *   nx_pop3_client_mail_item_get()          asks for one
 *   nx_pop3_client_mail_item_message_get()  its packets, to the final one
 *   nx_pop3_client_mail_item_delete()       marks it
 *   nx_pop3_client_quit()                   ends the session: the marked go
 * and nx_pop3_client_delete(). After quit, or after a connection was lost,
 * nx_pop3_client_mail_items_get() connects and logs in again.
 *
 * Each service that waits gives NX_CALLER_ERROR outside of a thread,
 * NX_PTR_ERROR for NULL and for a client that is not created, NX_NO_PACKET if
 * the pool is dry or the server silent for too long, NX_NOT_CONNECTED without a
 * connection, NX_POP3_SERVER_ERROR_STATUS if the server refuses or what it says
 * is no POP3, NX_POP3_MAIL_BUFFER_OVERFLOW if it says more in one line than
 * 2048 octets. A dry pool costs nothing but time: the call may be repeated.
 * After a reply that is no POP3, silence or overflow the session is over. */
#ifndef NXD_POP3_CLIENT_H
#define NXD_POP3_CLIENT_H

#include <mailc/pop3_pump.h>
#include <nx_mail.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NX_POP3_PARAM_ERROR 0xB1
#define NX_POP3_INVALID_MAIL_ITEM 0xB2
#define NX_POP3_APOP_FAILED_MD5_DIGEST 0xB3
#define NX_POP3_SERVER_ERROR_STATUS 0xB4
#define NX_POP3_MAIL_BUFFER_OVERFLOW 0xB5
#define NX_POP3_INSUFFICIENT_PACKET_PAYLOAD 0xB6
#define NX_POP3_CLIENT_INVALID_STATE 0xB7
#define NX_POP3_CLIENT_INVALID_INDEX 0xB8

/* To be set before this file is included, if others are wanted. In ticks: */

/* for a packet of the pool, */
#ifndef NX_POP3_CLIENT_PACKET_TIMEOUT
#define NX_POP3_CLIENT_PACKET_TIMEOUT (1 * NX_IP_PERIODIC_RATE)
#endif

/* for the host to take octets, */
#ifndef NX_POP3_TCP_SOCKET_SEND_WAIT
#define NX_POP3_TCP_SOCKET_SEND_WAIT (10 * NX_IP_PERIODIC_RATE)
#endif

/* for a connection, */
#ifndef NX_POP3_CLIENT_CONNECTION_TIMEOUT
#define NX_POP3_CLIENT_CONNECTION_TIMEOUT (30 * NX_IP_PERIODIC_RATE)
#endif

/* for its end to reach the server, in whole seconds, */
#ifndef NX_POP3_CLIENT_DISCONNECT_TIMEOUT
#define NX_POP3_CLIENT_DISCONNECT_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif

/* for the server to say something. */
#ifndef NX_POP3_SERVER_REPLY_TIMEOUT
#define NX_POP3_SERVER_REPLY_TIMEOUT (10 * NX_IP_PERIODIC_RATE)
#endif

/* Octets of a user's name and of a password at most. */
#ifndef NX_POP3_MAX_USERNAME
#define NX_POP3_MAX_USERNAME 40
#endif
#ifndef NX_POP3_MAX_PASSWORD
#define NX_POP3_MAX_PASSWORD 20
#endif

/* Octets of a line of the server's at most, but in messages. */
#define NX_POP3_CLIENT_RX_SIZE 2048

/* Octets of the longest command with its CRLF, RFC 2449 section 4, rounded up.
 */
#define NX_POP3_CLIENT_TX_SIZE 512

/* Octets of a greeting's timestamp that are kept. */
#define NX_POP3_CLIENT_TIMESTAMP_SIZE 512

/* Octets of a reply's text that are kept, for the number in it. */
#define NX_POP3_CLIENT_REPLY_SIZE 64

/* What the macros above were when the application was compiled. */
typedef struct NX_POP3_CLIENT_SETTINGS_STRUCT {
  ULONG packet_timeout; /* the first five in ticks */
  ULONG send_wait;
  ULONG connection_timeout;
  ULONG disconnect_timeout;
  ULONG reply_timeout;
  size_t name_offset; /* of the name and the password in NX_POP3_CLIENT */
  size_t name_max;
  size_t password_offset;
  size_t password_max;
  const struct mailc_hash *hash;
  bool is_strict;
} NX_POP3_CLIENT_SETTINGS;

/* A client. The application provides the memory and reads nothing here. */
typedef struct NX_POP3_CLIENT_STRUCT {
  ULONG nx_pop3_client_id;
  const NX_POP3_CLIENT_SETTINGS *nx_pop3_client_settings;
  NX_IP *nx_pop3_client_ip_ptr;
  NX_PACKET_POOL *nx_pop3_client_packet_pool_ptr;
  NXD_ADDRESS nx_pop3_client_server_address;
  ULONG nx_pop3_client_server_port;
  UINT nx_pop3_client_apop;
  ULONG nx_pop3_client_mail_items;  /* of the last STAT */
  ULONG nx_pop3_client_total_size;  /* of the last STAT, octets */
  bool nx_pop3_client_is_connected; /* and logged in */
  bool nx_pop3_client_has_stat;
  bool nx_pop3_client_is_message_open; /* there is more of it to be had */
  bool nx_pop3_client_is_size_missing; /* RETR's reply tells no size */
  enum mailc_status nx_pop3_client_mailc_status; /* behind the last NX status */
  struct mailc_span nx_pop3_client_rest; /* received and not given yet */
  struct nx_mail_link nx_pop3_client_link;
  struct mailc_pop3 nx_pop3_client_session;
  struct mailc_pop3_pump nx_pop3_client_pump;
  UCHAR nx_pop3_client_rx[NX_POP3_CLIENT_RX_SIZE];
  UCHAR nx_pop3_client_tx[NX_POP3_CLIENT_TX_SIZE];
  UCHAR nx_pop3_client_timestamp[NX_POP3_CLIENT_TIMESTAMP_SIZE];
  struct mailc_pop3_slot nx_pop3_client_queue[1];
  UCHAR nx_pop3_client_reply[NX_POP3_CLIENT_REPLY_SIZE];
  /* Last, as the application chooses how long they are. */
  CHAR nx_pop3_client_name[NX_POP3_MAX_USERNAME + 1];
  CHAR nx_pop3_client_password[NX_POP3_MAX_PASSWORD + 1];
} NX_POP3_CLIENT;

/* The library's part of the two creates below; `settings` stays. */
UINT nx_mail_pop3_client_create(NX_POP3_CLIENT *client_ptr,
                                const NX_POP3_CLIENT_SETTINGS *settings,
                                UINT APOP_authentication, NX_IP *ip_ptr,
                                NX_PACKET_POOL *packet_pool_ptr,
                                NXD_ADDRESS *server_duo_address,
                                ULONG server_port, CHAR *client_name,
                                CHAR *client_password);

/* Connects to a server, IPv4 or IPv6, and logs in.
 *   client_ptr           out: memory of the caller's, of any content
 *   APOP_authentication  NX_TRUE: APOP first; if that fails, and without
 *                        NX_MAIL_STRICT, USER and PASS. NX_FALSE: USER and PASS
 *   server_port          usually 110
 *   client_name, client_password   copied
 * NX_POP3_PARAM_ERROR   port 0, address 0, a name or password that is empty,
 * too long or holds what may not be sent NX_IP_ADDRESS_ERROR   neither an IPv4
 * nor an IPv6 address NX_NOT_SUPPORTED      TCP, or IPv6 for such an address,
 * is not enabled NX_POP3_INSUFFICIENT_PACKET_PAYLOAD   the login does not fit a
 * packet NX_POP3_APOP_FAILED_MD5_DIGEST        with NX_MAIL_STRICT: the
 * greeting has no timestamp, or the hash library refused After any status but
 * NX_SUCCESS there is no connection and the client is not created. */
static inline UINT
nxd_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication,
                       NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                       NXD_ADDRESS *server_duo_address, ULONG server_port,
                       CHAR *client_name, CHAR *client_password) {
  static const NX_POP3_CLIENT_SETTINGS settings = {
      NX_POP3_CLIENT_PACKET_TIMEOUT,
      NX_POP3_TCP_SOCKET_SEND_WAIT,
      NX_POP3_CLIENT_CONNECTION_TIMEOUT,
      NX_POP3_CLIENT_DISCONNECT_TIMEOUT,
      NX_POP3_SERVER_REPLY_TIMEOUT,
      offsetof(NX_POP3_CLIENT, nx_pop3_client_name),
      NX_POP3_MAX_USERNAME,
      offsetof(NX_POP3_CLIENT, nx_pop3_client_password),
      NX_POP3_MAX_PASSWORD,
      NX_MAIL_HASH,
      NX_MAIL_IS_STRICT};

  return nx_mail_pop3_client_create(client_ptr, &settings, APOP_authentication,
                                    ip_ptr, packet_pool_ptr, server_duo_address,
                                    server_port, client_name, client_password);
}

/* The same for an IPv4 address, as IP_ADDRESS() gives it. */
static inline UINT
nx_pop3_client_create(NX_POP3_CLIENT *client_ptr, UINT APOP_authentication,
                      NX_IP *ip_ptr, NX_PACKET_POOL *packet_pool_ptr,
                      ULONG server_ip_address, ULONG server_port,
                      CHAR *client_name, CHAR *client_password) {
  NXD_ADDRESS address;

  address.nxd_ip_version = NX_IP_VERSION_V4;
  address.nxd_ip_address.v4 = server_ip_address;
  return nxd_pop3_client_create(client_ptr, APOP_authentication, ip_ptr,
                                packet_pool_ptr, &address, server_port,
                                client_name, client_password);
}

/* Asks how many messages there are and for their octets (STAT). Connects and
 * logs in first if there is no connection. */
UINT nx_pop3_client_mail_items_get(NX_POP3_CLIENT *client_ptr,
                                   UINT *number_mail_items,
                                   ULONG *maildrop_total_size);

/* The items are counted from 1. Each of the next three gives
 * NX_POP3_CLIENT_INVALID_INDEX for 0 and NX_POP3_INVALID_MAIL_ITEM above the
 * count, with nothing sent but STAT if the count is not known yet. What is left
 * unread of a message is dropped. */

/* The octets of one message (LIST n). */
UINT nx_pop3_client_mail_item_size_get(NX_POP3_CLIENT *client_ptr,
                                       UINT mail_item, ULONG *size);

/* Asks for a message (RETR n); its octets come from
 * nx_pop3_client_mail_item_message_get(). *item_size is the number right behind
 * the server's +OK; a server that tells none there is asked by LIST n, and for
 * the message again if it was on its way already. */
UINT nx_pop3_client_mail_item_get(NX_POP3_CLIENT *client_ptr, UINT mail_item,
                                  ULONG *item_size);

/* The next octets of the message, as many as fit a packet of the pool: lines
 * end in CRLF, the dots of the transfer and its end are gone. recv_packet_ptr
 * out: to be released by the caller; NULL on an error bytes_retrieved  out:
 * octets in it, 0 for an empty last one final_packet     out: NX_TRUE with the
 * last; only then the message is whole NX_POP3_CLIENT_INVALID_STATE  no message
 * was asked for, or its last packet was given already */
UINT nx_pop3_client_mail_item_message_get(NX_POP3_CLIENT *client_ptr,
                                          NX_PACKET **recv_packet_ptr,
                                          ULONG *bytes_retrieved,
                                          UINT *final_packet);

/* Marks a message (DELE n); it goes with nx_pop3_client_quit(). */
UINT nx_pop3_client_mail_item_delete(NX_POP3_CLIENT *client_ptr,
                                     UINT mail_index);

/* Ends the session (QUIT) and the connection, which is gone whatever the status
 * says. */
UINT nx_pop3_client_quit(NX_POP3_CLIENT *client_ptr);

/* Deletes the client; a connection that is still there closes without QUIT, so
 * that nothing is deleted on the server. Also for a client whose create failed.
 * NX_SUCCESS, but for NULL. */
UINT nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr);

/* Ours: the guides name the commands, their clients have no service for them.
 */

/* Does nothing (NOOP), which keeps the session alive. */
UINT nx_pop3_client_noop(NX_POP3_CLIENT *client_ptr);

/* Takes all marks back (RSET). */
UINT nx_pop3_client_reset(NX_POP3_CLIENT *client_ptr);

/* Two services by the names that the guides' text gives them. */
static inline UINT nx_pop3_client_get_mail_item(NX_POP3_CLIENT *client_ptr,
                                                UINT mail_item,
                                                ULONG *item_size) {
  return nx_pop3_client_mail_item_get(client_ptr, mail_item, item_size);
}

static inline UINT nx_pop3_client_mail_item_get_message_data(
    NX_POP3_CLIENT *client_ptr, NX_PACKET **recv_packet_ptr,
    ULONG *bytes_retrieved, UINT *final_packet) {
  return nx_pop3_client_mail_item_message_get(client_ptr, recv_packet_ptr,
                                              bytes_retrieved, final_packet);
}

#ifdef __cplusplus
}
#endif

#endif
