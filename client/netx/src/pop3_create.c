/* Creating a POP3 client, connecting and logging in, deleting it. */
#include "ip.h"
#include "link.h"
#include "pool.h"
#include "pop3.h"
#include "thread.h"

#include <string.h>

#define PORT_MAX 65535ul

static struct mailc_span name_of(const NX_POP3_CLIENT *client) {
  const UCHAR *at =
      (const UCHAR *)client + client->nx_pop3_client_settings->name_offset;

  return (struct mailc_span){at, strlen((const char *)at)};
}

static struct mailc_span password_of(const NX_POP3_CLIENT *client) {
  const UCHAR *at =
      (const UCHAR *)client + client->nx_pop3_client_settings->password_offset;

  return (struct mailc_span){at, strlen((const char *)at)};
}

/* Whether a name (without blanks) or a password may be sent: printable ASCII,
 * as UTF8 is not asked for (RFC 6856 section 2). */
static bool is_text(const CHAR *text, size_t max, bool has_blanks) {
  size_t len = strnlen(text, max + 1);

  for (size_t i = 0; i < len; i++) {
    UCHAR octet = (UCHAR)text[i];

    if (octet < ' ' || octet >= 0x7F || (octet == ' ' && !has_blanks)) {
      return false;
    }
  }
  return len != 0 && len <= max;
}

static struct mailc_buffer buffer(UCHAR *octets, size_t size) {
  return (struct mailc_buffer){octets, size};
}

static enum mailc_status init_session(NX_POP3_CLIENT *client) {
  const NX_POP3_CLIENT_SETTINGS *settings = client->nx_pop3_client_settings;
  struct mailc_transport *transport = &client->nx_pop3_client_link.transport;
  struct mailc_pop3_config config = {
      .rx = buffer(client->nx_pop3_client_rx, NX_POP3_CLIENT_RX_SIZE),
      .tx = buffer(client->nx_pop3_client_tx, NX_POP3_CLIENT_TX_SIZE),
      .timestamp = buffer(client->nx_pop3_client_timestamp,
                          NX_POP3_CLIENT_TIMESTAMP_SIZE),
      .queue = client->nx_pop3_client_queue,
      .queue_cap = 1,
      .hash = nx_mail_hash(settings->hash),
      .now_ms = transport->now_ms(transport->context),
      .timeout_ms = nx_mail_ms(settings->reply_timeout),
      .policy = MAILC_POLICY_CLEAR,
      .allow_pass_after_apop = !settings->is_strict,
  };

  client->nx_pop3_client_pump = (struct mailc_pop3_pump){
      .pump = {.transport = transport,
               .reply = buffer(client->nx_pop3_client_reply,
                               NX_POP3_CLIENT_REPLY_SIZE)},
      .session = &client->nx_pop3_client_session};
  return mailc_pop3_init(&client->nx_pop3_client_session,
                         sizeof client->nx_pop3_client_session, &config);
}

/* Whether what became of APOP leaves USER and PASS to be tried. */
static bool may_fall_back(const NX_POP3_CLIENT *client,
                          enum mailc_status status) {
  return !client->nx_pop3_client_settings->is_strict &&
         (mailc_status_band(status) == MAILC_BAND_REFUSED ||
          status == MAILC_E_TIMESTAMP || status == MAILC_E_NO_HASH);
}

static enum mailc_status log_in(NX_POP3_CLIENT *client) {
  struct mailc_pop3_pump *pump = &client->nx_pop3_client_pump;
  struct mailc_span name = name_of(client);
  struct mailc_span password = password_of(client);
  enum mailc_status status = mailc_pop3_pump_connect(pump, NULL);

  if (status != MAILC_OK) {
    return status;
  }
  if (client->nx_pop3_client_apop) {
    status = mailc_pop3_pump_apop(pump, name, password);
    if (!may_fall_back(client, status)) {
      return status;
    }
  }
  return mailc_pop3_pump_user(pump, name, password);
}

/* The octets of the longest command of the login. */
static size_t login_line_len(const CHAR *name, const CHAR *password,
                             bool is_apop) {
  size_t name_len = strlen(name);
  size_t password_len = strlen(password);

  if (is_apop) {
    return NX_MAIL_POP3_APOP_LEN(name_len);
  }
  return NX_MAIL_POP3_USER_LEN(name_len > password_len ? name_len
                                                       : password_len);
}

UINT nx_mail_pop3_open(NX_POP3_CLIENT *client) {
  const NX_POP3_CLIENT_SETTINGS *settings = client->nx_pop3_client_settings;
  UINT status = nx_mail_pop3_reserve(
      client, login_line_len((const CHAR *)name_of(client).data,
                             (const CHAR *)password_of(client).data,
                             client->nx_pop3_client_apop != 0));

  if (status == NX_SUCCESS) {
    status = nx_mail_link_connect(
        &client->nx_pop3_client_link, &client->nx_pop3_client_server_address,
        client->nx_pop3_client_server_port, settings->connection_timeout);
    client->nx_pop3_client_mailc_status =
        status == NX_SUCCESS ? MAILC_OK : MAILC_E_CONNECT;
  }
  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_status(client, init_session(client));
  }
  if (status == NX_SUCCESS) {
    status = nx_mail_pop3_status(client, log_in(client));
  }
  nx_mail_link_release(&client->nx_pop3_client_link);
  if (status == NX_SUCCESS) {
    client->nx_pop3_client_is_connected = true;
  } else {
    nx_mail_pop3_close(client);
  }
  return status;
}

/* Checks what the two creates are called with. */
static UINT check(const NX_POP3_CLIENT_SETTINGS *settings, const NX_IP *ip,
                  const NX_PACKET_POOL *pool, const NXD_ADDRESS *address,
                  ULONG port) {
  if (settings == NULL || !nx_mail_is_ip(ip) || !nx_mail_is_pool(pool) ||
      address == NULL) {
    return NX_PTR_ERROR;
  }
  if (!nx_mail_is_thread()) {
    return NX_CALLER_ERROR;
  }
  if (port == 0 || port > PORT_MAX || nx_mail_is_nowhere(address)) {
    return NX_POP3_PARAM_ERROR;
  }
  return nx_mail_check_address(ip, address);
}

UINT nx_mail_pop3_client_create(NX_POP3_CLIENT *client_ptr,
                                const NX_POP3_CLIENT_SETTINGS *settings,
                                UINT APOP_authentication, NX_IP *ip_ptr,
                                NX_PACKET_POOL *packet_pool_ptr,
                                NXD_ADDRESS *server_duo_address,
                                ULONG server_port, CHAR *client_name,
                                CHAR *client_password) {
  UINT status = NX_PTR_ERROR;

  if (client_ptr == NULL) {
    return NX_PTR_ERROR;
  }
  client_ptr->nx_pop3_client_id = 0;
  client_ptr->nx_pop3_client_mailc_status = MAILC_OK;
  if (client_name == NULL || client_password == NULL) {
    return NX_PTR_ERROR;
  }
  status =
      check(settings, ip_ptr, packet_pool_ptr, server_duo_address, server_port);
  if (status != NX_SUCCESS) {
    return status;
  }
  if (!is_text(client_name, settings->name_max, false) ||
      !is_text(client_password, settings->password_max, true) ||
      login_line_len(client_name, client_password, APOP_authentication != 0) >
          MAILC_POP3_COMMAND_MAX) {
    return NX_POP3_PARAM_ERROR;
  }
  *client_ptr =
      (NX_POP3_CLIENT){.nx_pop3_client_settings = settings,
                       .nx_pop3_client_ip_ptr = ip_ptr,
                       .nx_pop3_client_packet_pool_ptr = packet_pool_ptr,
                       .nx_pop3_client_server_address = *server_duo_address,
                       .nx_pop3_client_server_port = server_port,
                       .nx_pop3_client_apop = APOP_authentication};
  memcpy((UCHAR *)client_ptr + settings->name_offset, client_name,
         strlen(client_name) + 1);
  memcpy((UCHAR *)client_ptr + settings->password_offset, client_password,
         strlen(client_password) + 1);
  nx_mail_link_init(&client_ptr->nx_pop3_client_link, settings->send_wait);
  status = nx_mail_pop3_open(client_ptr);
  if (status == NX_SUCCESS) {
    client_ptr->nx_pop3_client_id = NX_MAIL_POP3_ID;
  } else {
    nx_mail_wipe((UCHAR *)client_ptr + settings->password_offset,
                 settings->password_max);
  }
  return status;
}

UINT nx_pop3_client_delete(NX_POP3_CLIENT *client_ptr) {
  if (client_ptr == NULL) {
    return NX_PTR_ERROR;
  }
  if (client_ptr->nx_pop3_client_id == NX_MAIL_POP3_ID) {
    nx_mail_pop3_close(client_ptr);
    nx_mail_wipe((UCHAR *)client_ptr +
                     client_ptr->nx_pop3_client_settings->password_offset,
                 client_ptr->nx_pop3_client_settings->password_max);
    client_ptr->nx_pop3_client_id = 0;
  }
  return NX_SUCCESS;
}
