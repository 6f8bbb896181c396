/* Connects libcurl to mailspec: a goal is one easy handle, which keeps its
   connection and says QUIT when it is freed. What libcurl tells of a refusal is
   the code of the last reply; of POP3 it tells none. */
#include "libcurl_session.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION                                                                \
  "host port tls policy ca client_cert client_key timeout_ms login mech user " \
  "secret "
#define FEATURES                                                               \
  "goals ipv6 tls.starttls tls.implicit client-cert pop3 pop3.user pop3.apop " \
  "pop3.list pop3.dele "                                                       \
  "pop3.fail-after pop3.auth.plain pop3.auth.login pop3.auth.cram-md5 smtp "   \
  "smtp.fail-after smtp.pieces "                                               \
  "smtp.auth.plain smtp.auth.login smtp.auth.cram-md5"

/* Ends the session and frees what belongs to it. */
static const char *ended(CURL *curl, CURLcode status, struct octets *octets) {
  const char *found = outcome(curl, status);
  curl_easy_cleanup(curl);
  free(octets->at);
  return found;
}

/* The next message, which is handed over if it came whole. */
static CURLcode fetch_one(CURL *curl, int n, json_t *messages) {
  struct octets octets = {.room = (size_t)arg_number("fail_after", LONG_MAX)};
  char url[4096], *old = NULL;
  curl_easy_getinfo(curl, CURLINFO_EFFECTIVE_URL, &old);
  snprintf(url, sizeof url, "%.*s/%d", (int)(strrchr(old, '/') - old), old, n);
  curl_easy_setopt(curl, CURLOPT_URL, url);
  curl_easy_setopt(curl, CURLOPT_NOBODY, 0L);
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, NULL);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &octets);
  CURLcode status = curl_easy_perform(curl);
  if (status == CURLE_OK)
    json_array_append_new(
        messages, json_pack("[io]", n, base64(octets.at, octets.length)));
  free(octets.at);
  if (status == CURLE_OK && arg_true("delete")) {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, "DELE");
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    status = curl_easy_perform(curl);
  }
  return status;
}

static const char *list_or_fetch(bool fetches) {
  struct octets listing = {.room = LONG_MAX};
  json_t *wanted = arg_list("n") != NULL ? json_incref(arg_list("n")) : NULL;
  CURL *curl = session("pop3", "");
  CURLcode status = CURLE_OK;
  if (curl == NULL)
    return "unsupported";
  if (wanted == NULL) {
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &listing);
    status = curl_easy_perform(curl);
    wanted = items(&listing);
    if (status == CURLE_OK && wanted == NULL) {
      ended(curl, status, &listing);
      return "protocol-error";
    }
  }
  json_t *messages = json_array(), *row;
  size_t at;
  json_array_foreach(wanted, at, row) {
    json_t *n = json_is_array(row) ? json_array_get(row, 0) : row;
    if (fetches && status == CURLE_OK)
      status = fetch_one(curl, (int)json_integer_value(n), messages);
  }
  if (fetches || status == CURLE_OK)
    put(fetches ? "messages" : "items",
        json_incref(fetches ? messages : wanted));
  json_decref(messages);
  json_decref(wanted);
  return ended(curl, status, &listing);
}

static const char *transmit(void) {
  struct octets message = {.room = (size_t)arg_number("fail_after", LONG_MAX),
                           .pieces = arg_list("pieces")};
  struct curl_slist *to = NULL;
  const char *octets = arg_octets("message", &message.length);
  char *name =
      curl_easy_escape(NULL, arg("name") != NULL ? arg("name") : "", 0);
  CURL *curl = session("smtp", name);
  curl_free(name);
  if (curl == NULL)
    return "unsupported";
  for (size_t i = 0; i < json_array_size(arg_list("to")); i++)
    to = curl_slist_append(
        to, json_string_value(json_array_get(arg_list("to"), i)));
  message.at = malloc(message.length + 1);
  memcpy(message.at, octets, message.length);
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, arg("from"));
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message.length);
  curl_easy_setopt(curl, CURLOPT_READDATA, &message);
  CURLcode status = curl_easy_perform(curl);
  bool is_whole = message.done == message.length;
  const char *found = ended(curl, status, &message);
  bool is_known = strcmp(found, "refused") == 0 || !is_whole;
  put("delivery", json_string(status == CURLE_OK ? "sent"
                              : is_known         ? "not-sent"
                                                 : "unknown"));
  curl_slist_free_all(to);
  return found;
}

static const char *play(const char *goal) {
  if (strcmp(goal, "pop3.fetch") == 0)
    return within(SESSION "n delete fail_after") ? list_or_fetch(true)
                                                 : "unsupported";
  if (strcmp(goal, "pop3.list") == 0)
    return within(SESSION) ? list_or_fetch(false) : "unsupported";
  if (strcmp(goal, "smtp.send") == 0)
    return within(SESSION "name from to message fail_after pieces")
               ? transmit()
               : "unsupported";
  return "unsupported";
}

int main(void) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  int status = serve("libcurl", curl_version(), FEATURES, play);
  curl_global_cleanup();
  return status;
}
