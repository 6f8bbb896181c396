#include "libesmtp_message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The message on its way: what the caller hands over next. */
static struct {
  const char *octets;
  size_t length, done, piece, room;
} source;

static const char *give(void **context, int *length, void *argument) {
  json_t *pieces = arg_list("pieces");
  size_t next = source.length - source.done, count = json_array_size(pieces);
  (void)context, (void)argument;
  if (length == NULL) { /* from the beginning */
    source.done = source.piece = 0;
    return NULL;
  }
  *length = 0;
  if (next > 0 && source.done >= source.room) {
    errno = EIO;
    return NULL;
  }
  if (count > 0) {
    json_t *piece = json_array_get(pieces, source.piece);
    size_t size = (size_t)json_integer_value(piece);
    next = next < size ? next : size;
    source.piece += source.piece + 1 < count;
  }
  next = next < source.room - source.done ? next : source.room - source.done;
  const char *at = source.octets + source.done;
  source.done += next;
  *length = (int)next;
  return next == 0 ? NULL : at;
}

static bool holds(const char *text) {
  size_t length = strlen(text);
  for (size_t at = 0; at + length <= source.length; at++)
    if (memcmp(source.octets + at, text, length) == 0)
      return true;
  return false;
}

/* libESMTP reads the header of the message: there has to be one. */
static bool has_header(void) {
  const char *octets = source.octets;
  size_t name = 0;
  while (name < source.length && octets[name] > ' ' && octets[name] != ':' &&
         octets[name] != 127)
    name++;
  bool is_field = name > 0 && name < source.length && octets[name] == ':';
  bool is_empty = source.length >= 2 && memcmp(octets, "\r\n", 2) == 0;
  return is_empty || (is_field && holds("\r\n\r\n"));
}

/* Whether text is the same as xtext, in which libESMTP writes it. */
static bool is_plain(const char *text) {
  for (; *text != '\0'; text++)
    if (*text <= ' ' || *text > '~' || *text == '+' || *text == '=')
      return false;
  return true;
}

/* libESMTP knows some words, and is told by constants: no other word is one of
 * them. */
static bool take_ret(smtp_message_t message, const char *word) {
  if (strcasecmp(word, "FULL") == 0)
    return smtp_dsn_set_ret(message, Ret_FULL);
  return strcasecmp(word, "HDRS") == 0 && smtp_dsn_set_ret(message, Ret_HDRS);
}

static bool take_body(smtp_message_t message, const char *word) {
  if (strcasecmp(word, "7BIT") == 0)
    return smtp_8bitmime_set_body(message, E8bitmime_7BIT);
  return strcasecmp(word, "8BITMIME") == 0 &&
         smtp_8bitmime_set_body(message, E8bitmime_8BITMIME);
}

static bool take_param(smtp_message_t message, const char *text) {
  if (strncasecmp(text, "RET=", 4) == 0)
    return take_ret(message, text + 4);
  if (strncasecmp(text, "ENVID=", 6) == 0)
    return is_plain(text + 6) && smtp_dsn_set_envid(message, text + 6);
  if (strncasecmp(text, "SIZE=", 5) == 0)
    return text[5 + strspn(text + 5, "0123456789")] == '\0' &&
           smtp_size_set_estimate(message, strtoul(text + 5, NULL, 10));
  if (strncasecmp(text, "BODY=", 5) == 0)
    return take_body(message, text + 5);
  return false;
}

bool fill(smtp_message_t message) {
  source.octets = arg_octets("message", &source.length);
  source.room = (size_t)arg_number("fail_after", (long long)source.length);
  if (source.octets == NULL || !has_header())
    return false;
  smtp_set_messagecb(message, give, NULL);
  smtp_set_reverse_path(message, arg("from"));
  for (size_t i = 0; i < json_array_size(arg_list("to")); i++)
    smtp_add_recipient(message,
                       json_string_value(json_array_get(arg_list("to"), i)));
  for (size_t i = 0; i < source.length; i++)
    if ((unsigned char)source.octets[i] > 127) {
      smtp_8bitmime_set_body(message, E8bitmime_8BITMIME);
      break;
    }
  json_t *params = arg_list("params");
  for (size_t i = 0; i < json_array_size(params); i++)
    if (!take_param(message, json_string_value(json_array_get(params, i))))
      return false;
  return true;
}

void set_tls(smtp_session_t session) {
  SSL_CTX *tls = SSL_CTX_new(TLS_client_method());
  /* Under TLS 1.3 it may wait for a reply before it has sent the command, when
   * the server's tickets come in that moment. */
  SSL_CTX_set_max_proto_version(tls, TLS1_2_VERSION);
  SSL_CTX_load_verify_locations(tls, arg("ca"), NULL);
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
  if (arg("client_cert") != NULL) {
    SSL_CTX_use_certificate_chain_file(tls, arg("client_cert"));
    SSL_CTX_use_PrivateKey_file(tls, arg("client_key"), SSL_FILETYPE_PEM);
  }
  smtp_starttls_set_ctx(session, tls);
  smtp_starttls_enable(session, Starttls_REQUIRED);
  SSL_CTX_free(tls);
}

json_t *enhanced(const smtp_status_t *status) {
  char text[40];
  snprintf(text, sizeof text, "%d.%d.%d", status->enh_class,
           status->enh_subject, status->enh_detail);
  return status->enh_class == 0 ? json_null() : json_string(text);
}
