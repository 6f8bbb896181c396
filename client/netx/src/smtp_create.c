/* Creating and deleting an SMTP client. */
#include "../../src/common/base64.h"
#include "../../src/common/text.h"
#include "../../src/smtp/smtp_argument.h"
#include "ip.h"
#include "link.h"
#include "pool.h"
#include "smtp.h"

#include <string.h>

#define PORT_MAX 65535u

static struct mailc_span text_at(const NX_SMTP_CLIENT *client, size_t offset) {
  const UCHAR *at = (const UCHAR *)client + offset;

  return (struct mailc_span){at, strlen((const char *)at)};
}

struct mailc_span nx_mail_smtp_username(const NX_SMTP_CLIENT *client) {
  return text_at(client, client->nx_smtp_client_settings->username_offset);
}

struct mailc_span nx_mail_smtp_domain(const NX_SMTP_CLIENT *client) {
  return text_at(client, client->nx_smtp_client_settings->domain_offset);
}

struct mailc_span nx_mail_smtp_password(const NX_SMTP_CLIENT *client) {
  return text_at(client, client->nx_smtp_client_settings->password_offset);
}

bool nx_mail_smtp_is_text(const CHAR *text, size_t len) {
  for (size_t i = 0; i < len; i++) {
    UCHAR octet = (UCHAR)text[i];

    if (octet < ' ' || octet == 0x7F) {
      return false;
    }
  }
  return true;
}

/* An unknown type means PLAIN. */
static UINT known_type(UINT type) {
  switch (type) {
  case NX_SMTP_CLIENT_AUTH_LOGIN:
  case NX_SMTP_CLIENT_AUTH_CRAM_MD5:
  case NX_SMTP_CLIENT_AUTH_NONE:
    return type;
  default:
    return NX_SMTP_CLIENT_AUTH_PLAIN;
  }
}

/* Whether a name or a password can be sent by any mechanism: UTF-8 (RFC 4616
 * section 2). */
static bool is_credential(const CHAR *text, size_t len) {
  return nx_mail_smtp_is_text(text, len) &&
         (mailc_octets_kinds((const UCHAR *)text, len) & MAILC_TEXT_NOT_UTF8) ==
             0;
}

static UINT check_texts(const NX_SMTP_CLIENT_SETTINGS *settings,
                        const CHAR *username, const CHAR *password,
                        const CHAR *domain) {
  size_t username_len = strnlen(username, settings->username_max + 1);
  size_t password_len = strnlen(password, settings->password_max + 1);
  size_t domain_len = strnlen(domain, settings->username_max + 1);

  if (username_len > settings->username_max ||
      domain_len > settings->username_max ||
      password_len > settings->password_max) {
    return NX_SIZE_ERROR;
  }
  if (!mailc_smtp_is_domain(
          (struct mailc_span){(const UCHAR *)domain, domain_len}, false) ||
      !is_credential(username, username_len) ||
      !is_credential(password, password_len)) {
    return NX_SMTP_INVALID_PARAM;
  }
  /* The longest response: PLAIN, which has the name twice. */
  return MAILC_BASE64_LEN(2 * username_len + password_len + 2) + 2 >
                 NX_SMTP_CLIENT_TX_SIZE
             ? NX_SIZE_ERROR
             : NX_SUCCESS;
}

static UINT check_server(const NX_IP *ip, const NXD_ADDRESS *address,
                         UINT port) {
  if (port == 0 || port > PORT_MAX) {
    return NX_SMTP_INVALID_PARAM;
  }
  return nx_mail_is_nowhere(address) ? NX_IP_ADDRESS_ERROR
                                     : nx_mail_check_address(ip, address);
}

static void copy(NX_SMTP_CLIENT *client, size_t offset, const CHAR *text) {
  memcpy((UCHAR *)client + offset, text, strlen(text) + 1);
}

UINT nx_mail_smtp_client_create(
    NX_SMTP_CLIENT *client_ptr, const NX_SMTP_CLIENT_SETTINGS *settings,
    NX_IP *ip_ptr, NX_PACKET_POOL *client_packet_pool_ptr, CHAR *username,
    CHAR *password, CHAR *from_address, CHAR *client_domain,
    UINT authentication_type, NXD_ADDRESS *server_address, UINT port) {
  UINT type = known_type(authentication_type);
  UINT status = NX_SUCCESS;

  if (client_ptr == NULL) {
    return NX_PTR_ERROR;
  }
  client_ptr->nx_smtp_client_id = 0;
  if (settings == NULL || !nx_mail_is_ip(ip_ptr) ||
      !nx_mail_is_pool(client_packet_pool_ptr) || username == NULL ||
      password == NULL || from_address == NULL || client_domain == NULL ||
      server_address == NULL) {
    return NX_PTR_ERROR;
  }
  status = check_texts(settings, username, password, client_domain);
  if (status == NX_SUCCESS) {
    status = check_server(ip_ptr, server_address, port);
  }
  if (status == NX_SUCCESS && type != NX_SMTP_CLIENT_AUTH_NONE &&
      (*username == '\0' || *password == '\0')) {
    status = NX_SMTP_AUTHENTICATION_ERROR;
  }
  if (status != NX_SUCCESS) {
    return status;
  }
  *client_ptr =
      (NX_SMTP_CLIENT){.nx_smtp_client_id = NX_MAIL_SMTP_ID,
                       .nx_smtp_client_settings = settings,
                       .nx_smtp_client_ip_ptr = ip_ptr,
                       .nx_smtp_client_packet_pool_ptr = client_packet_pool_ptr,
                       .nx_smtp_client_server_address = *server_address,
                       .nx_smtp_client_server_port = port,
                       .nx_smtp_client_authentication_type = type,
                       .nx_smtp_client_from_address = from_address};
  copy(client_ptr, settings->username_offset, username);
  copy(client_ptr, settings->domain_offset, client_domain);
  copy(client_ptr, settings->password_offset, password);
  nx_mail_link_init(&client_ptr->nx_smtp_client_link, settings->send_timeout);
  return NX_SUCCESS;
}

UINT nx_smtp_client_delete(NX_SMTP_CLIENT *client_ptr) {
  if (client_ptr == NULL) {
    return NX_PTR_ERROR;
  }
  if (client_ptr->nx_smtp_client_id != NX_MAIL_SMTP_ID) {
    return NX_SMTP_CLIENT_NOT_INTIALIZED;
  }
  client_ptr->nx_smtp_client_id = 0;
  nx_mail_wipe((UCHAR *)client_ptr +
                   client_ptr->nx_smtp_client_settings->password_offset,
               client_ptr->nx_smtp_client_settings->password_max);
  return NX_SUCCESS;
}
