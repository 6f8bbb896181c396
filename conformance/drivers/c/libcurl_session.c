#include "libcurl_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

static size_t take(char *from, size_t size, size_t count, void *context) {
  struct octets *to = context;
  if (size * count > to->room - to->length)
    return 0;
  to->at = realloc(to->at, to->length + size * count + 1);
  if (to->at == NULL)
    abort();
  memcpy(to->at + to->length, from, size * count);
  to->at[to->length += size * count] = '\0';
  return size * count;
}

static size_t give(char *to, size_t size, size_t count, void *context) {
  struct octets *from = context;
  size_t next = from->length - from->done;
  if (next == 0 || from->done >= from->room)
    return next == 0 ? 0 : CURL_READFUNC_ABORT;
  if (json_array_size(from->pieces) > 0) {
    json_t *piece = json_array_get(from->pieces, from->piece);
    size_t limit = (size_t)json_integer_value(piece);
    next = next < limit ? next : limit;
    from->piece += from->piece + 1 < json_array_size(from->pieces);
  }
  next = next < size * count ? next : size * count;
  next = next < from->room - from->done ? next : from->room - from->done;
  memcpy(to, from->at + from->done, next);
  from->done += next;
  return next;
}

/* The mechanism in the words of libcurl: `*` leaves the choice to it, which is
 * USER where nothing else is offered. */
static const char *mechanism(void) {
  static const char *const names[] = {"PLAIN", "LOGIN", "CRAM-MD5"};
  if (arg_is("login", "own") || arg_is("login", "user") ||
      arg_is("login", "none"))
    return "*";
  if (arg_is("login", "apop"))
    return "+APOP";
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (arg_is("mech", names[i]))
      return names[i];
  return NULL;
}

CURL *session(const char *protocol, const char *path) {
  bool implicit = arg_is("tls", "implicit");
  char url[4096], options[32];
  CURL *curl = curl_easy_init();
  if (curl == NULL || mechanism() == NULL)
    return NULL;
  const char *brackets = strchr(arg("host"), ':') != NULL ? "[]" : "";
  snprintf(url, sizeof url, "%s%s://%.1s%s%s:%d/%s", protocol,
           implicit ? "s" : "", brackets, arg("host"),
           *brackets ? brackets + 1 : "", (int)arg_number("port", 0), path);
  snprintf(options, sizeof options, "AUTH=%s", mechanism());
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)arg_number("timeout_ms", 0));
  curl_easy_setopt(curl, CURLOPT_CAINFO, arg("ca"));
  curl_easy_setopt(curl, CURLOPT_SSLCERT, arg("client_cert"));
  curl_easy_setopt(curl, CURLOPT_SSLKEY, arg("client_key"));
  if (arg_is("policy", "tls") || implicit)
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
  if (!arg_is("login", "none")) {
    curl_easy_setopt(curl, CURLOPT_USERNAME, arg("user"));
    curl_easy_setopt(curl, CURLOPT_PASSWORD, arg("secret"));
    curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, options);
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
  return curl;
}

const char *outcome(CURL *curl, CURLcode status) {
  long code = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
  if (status == CURLE_OK || status == CURLE_OPERATION_TIMEDOUT)
    return status == CURLE_OK ? "ok" : "timeout";
  if (status == CURLE_LOGIN_DENIED)
    return "auth-failed";
  if (status == CURLE_USE_SSL_FAILED)
    return "policy";
  if (status == CURLE_SSL_CONNECT_ERROR ||
      status == CURLE_PEER_FAILED_VERIFICATION)
    return "protocol-error";
  if (status == CURLE_URL_MALFORMAT || status == CURLE_BAD_FUNCTION_ARGUMENT)
    return "rejected-locally";
  if (status == CURLE_COULDNT_CONNECT || status == CURLE_GOT_NOTHING ||
      status == CURLE_RECV_ERROR)
    return "io-error";
  if ((status == CURLE_SEND_ERROR || status == CURLE_WEIRD_SERVER_REPLY) &&
      code >= 400 && code <= 599) {
    put("code", json_integer(code));
    return "refused";
  }
  return "failed"; /* such as CURLE_WEIRD_SERVER_REPLY of POP3: a refusal and a
                      malformed reply alike */
}

/* A size of the listing: as digits where no integer of JSON holds it. */
static json_t *size_of(const char *digits, int length) {
  return length < 19 ? json_integer(atoll(digits))
                     : json_stringn(digits, (size_t)length);
}

json_t *items(const struct octets *listing) {
  json_t *list = json_array();
  const char *at = listing->at == NULL || strcmp(listing->at, "\r\n") == 0
                       ? ""
                       : listing->at;
  while (*at != '\0') {
    size_t line = strcspn(at, "\r\n"), number = strspn(at, DIGITS);
    size_t size = at[number] == ' ' ? strspn(at + number + 1, DIGITS) : 0;
    const char *end = at + number + 1 + size;
    if (number == 0 || number > 9 || size == 0 || *end == '\0' ||
        strchr(" \r\n", *end) == NULL || at[line] == '\0') {
      json_decref(list);
      return NULL;
    }
    json_t *octets = size_of(at + number + 1, (int)size);
    json_array_append_new(list, json_pack("[io]", atoi(at), octets));
    at += line + (at[line] == '\r') + (at[line + (at[line] == '\r')] == '\n');
  }
  return list;
}
