/* The operations of POP3, each a call of libetpan. It has the same error for
   the end of the stream and for a time-out, which is `failed` then. */
#include "driver.h"
#include "libetpan.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

mailpop3 *pop3;

const char *pop3_outcome(int error) {
  if (error == MAILPOP3_NO_ERROR)
    return "ok";
  if (error == MAILPOP3_ERROR_BAD_STATE)
    return "rejected-locally";
  if (error == MAILPOP3_ERROR_STREAM || error == MAILPOP3_ERROR_UNAUTHORIZED ||
      error == MAILPOP3_ERROR_SSL)
    return "failed";
  if (error == MAILPOP3_ERROR_CONNECTION_REFUSED)
    return "io-error";
  /* It keeps the text of a -ERR, and none where it could not read the reply. */
  return pop3->pop3_response != NULL ? "refused" : "protocol-error";
}

static const char *close_session(const char *found) {
  if (pop3 != NULL) {
    if (pop3->pop3_stream != NULL)
      mailstream_close(pop3->pop3_stream);
    pop3->pop3_stream = NULL; /* else QUIT is sent */
    mailpop3_free(pop3);
  }
  pop3 = NULL;
  return found;
}

static const char *pop3_open(void) {
  close_session(NULL);
  if (!take_connection())
    return "unsupported";
  pop3 = mailpop3_new(0, NULL);
  uint16_t port = (uint16_t)arg_number("port", 0);
  bool implicit = arg_is("tls", "implicit");
  int error = implicit ? mailpop3_ssl_connect(pop3, host(), port)
                       : mailpop3_socket_connect(pop3, host(), port);
  if (error != MAILPOP3_NO_ERROR)
    return pop3_outcome(error);
  if (implicit && !is_trusted(pop3->pop3_stream))
    return close_session("protocol-error");
  if (pop3->pop3_timestamp != NULL)
    put("timestamp", json_string(pop3->pop3_timestamp));
  return "ok";
}

static const char *stls(void) {
  int error = mailpop3_socket_starttls(pop3);
  if (error == MAILPOP3_NO_ERROR && !is_trusted(pop3->pop3_stream))
    return close_session("protocol-error");
  return pop3_outcome(error);
}

/* Names compare without case, which libetpan leaves to its caller. */
static const char *in_upper_case(char *name) {
  for (char *at = name; *at != '\0'; at++)
    *at = (char)toupper((unsigned char)*at);
  return name;
}

static const char *capa(void) {
  clist *list;
  int error = mailpop3_capa(pop3, &list);
  if (error != MAILPOP3_NO_ERROR)
    return pop3_outcome(error);
  json_t *caps = json_array();
  for (clistiter *at = clist_begin(list); at != NULL; at = clist_next(at)) {
    struct mailpop3_capa *row = clist_content(at);
    char words[2048] = "";
    for (clistiter *word = clist_begin(row->cap_param); word != NULL;
         word = clist_next(word))
      snprintf(words + strlen(words), sizeof words - strlen(words), "%s%s",
               *words ? " " : "", (const char *)word->data);
    json_array_append_new(
        caps, json_pack("[ss]", in_upper_case(row->cap_name), words));
  }
  put("caps", caps);
  mailpop3_capa_resp_free(list);
  return "ok";
}

static const char *user(void) {
  int error = mailpop3_user(pop3, arg("user"));
  if (error == MAILPOP3_NO_ERROR && arg("secret") != NULL)
    error = mailpop3_pass(pop3, arg("secret"));
  return pop3_outcome(error);
}

static const char *auth(void) {
  const char *mech = arg("mech");
  if (mech == NULL && json_array_size(arg_list("mechs")) == 1)
    mech = json_string_value(json_array_get(arg_list("mechs"), 0));
  if (mech == NULL || strcmp(mech, "own") == 0)
    return "unsupported"; /* the caller chooses */
  int error = mailpop3_auth(pop3, mech, host(), NULL, NULL,
                            arg("authzid") != NULL ? arg("authzid") : "",
                            arg("user"), arg("secret"), NULL);
  if (error == MAILPOP3_NO_ERROR)
    put("mech", json_string(mech));
  /* It tells a refusal by the same error as a challenge that it cannot take. */
  return error == MAILPOP3_NO_ERROR          ? "ok"
         : error == MAILPOP3_ERROR_BAD_STATE ? "rejected-locally"
                                             : "failed";
}

static const char *rset(void) { return pop3_outcome(mailpop3_rset(pop3)); }
static const char *noop(void) { return pop3_outcome(mailpop3_noop(pop3)); }
static const char *quit(void) { return pop3_outcome(mailpop3_quit(pop3)); }

static const struct {
  const char *verb, *known;
  const char *(*call)(void);
} operations[] = {
    {"stls", "", stls},
    {"capa", "", capa},
    {"user", "user secret", user},
    {"auth", "mech mechs user secret authzid", auth},
    {"stat", "", pop3_stat},
    {"list", "", pop3_list},
    {"uidl", "", pop3_uidl},
    {"retr", "n", pop3_retr},
    {"top", "n lines", pop3_top},
    {"dele", "n", pop3_dele},
    {"rset", "", rset},
    {"noop", "", noop},
    {"quit", "", quit},
};

const char *pop3_operation(const char *verb) {
  if (strcmp(verb, "connect") == 0)
    return pop3_open();
  if (strcmp(verb, "close") == 0)
    return close_session("ok");
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++)
    if (strcmp(operations[i].verb, verb) == 0 && within(operations[i].known))
      return pop3 == NULL || pop3->pop3_stream == NULL ? "rejected-locally"
                                                       : operations[i].call();
  return "unsupported";
}
