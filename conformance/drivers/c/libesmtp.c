/* Connects libESMTP to mailspec: a goal is one session with one message. It
   writes header fields of its own, and chooses the mechanism of a login: PLAIN
   or LOGIN, whichever is offered first. CRAM-MD5 is not claimed: libESMTP 1.1.0
   looks for its plugin by a name that Debian's package does not have. */
#include "libesmtp_message.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define FEATURES                                                               \
  "goals tls.starttls client-cert smtp smtp.multi-rcpt smtp.pieces "           \
  "smtp.fail-after smtp.8bitmime smtp.dsn smtp.enhanced smtp.chunking "        \
  "smtp.auth.plain smtp.auth.login"

static bool is_too_long; /* what the caller has for the login */

static int answer(auth_client_request_t asked, char **result, int fields,
                  void *context) {
  (void)context;
  for (int i = 0; i < fields; i++) {
    result[i] = (char *)((asked[i].flags & AUTH_PASS) != 0   ? arg("secret")
                         : (asked[i].flags & AUTH_USER) != 0 ? arg("user")
                                                             : NULL);
    is_too_long |= result[i] != NULL && asked[i].size > 0 &&
                   strlen(result[i]) > asked[i].size;
    if (result[i] == NULL || is_too_long)
      return 0;
  }
  return 1;
}

/* How far a session came. A fault of a certificate ends it unless this says
 * otherwise. */
static bool is_connected, has_begun;

static void happened(smtp_session_t session, int event, void *context, ...) {
  (void)session, (void)context;
  is_connected |= event == SMTP_EV_CONNECT;
  has_begun |= event == SMTP_EV_MESSAGEDATA;
}

static void note_recipient(smtp_recipient_t recipient, const char *mailbox,
                           void *rows) {
  const smtp_status_t *status = smtp_recipient_status(recipient);
  const char *outcome = status->code / 100 == 2 ? "ok"
                        : status->code >= 400   ? "refused"
                                                : "failed";
  json_array_append_new(rows, json_pack("[ssio]", mailbox, outcome,
                                        status->code, enhanced(status)));
}

/* The last error of all sessions; none is one that the driver has made. */
#define NO_ERROR SMTP_ERR_INVAL

static const char *failure(void) {
  int error = smtp_errno();
  if (error == SMTP_ERR_EXTENSION_NOT_AVAILABLE)
    return "policy";
  if (error == SMTP_ERR_INVALID_RESPONSE_SYNTAX ||
      error == SMTP_ERR_STATUS_MISMATCH ||
      error == SMTP_ERR_INVALID_RESPONSE_STATUS ||
      error == SMTP_ERR_UNTERMINATED_RESPONSE)
    return "protocol-error";
  return "failed";
}

/* libESMTP calls a session a success that came to its end, whatever the server
 * has refused. */
static const char *outcome(smtp_message_t message, bool is_done) {
  json_t *rows = json_array();
  const smtp_status_t *from = smtp_reverse_path_status(message),
                      *end = smtp_message_transfer_status(message);
  smtp_enumerate_recipients(message, note_recipient, rows);
  put("rcpt", rows);
  bool is_refused = from->code >= 400 || end->code >= 400, has_one = false;
  for (size_t i = 0; i < json_array_size(rows); i++) {
    json_t *code = json_array_get(json_array_get(rows, i), 2);
    is_refused |= json_integer_value(code) >= 400;
    has_one |= json_integer_value(code) / 100 == 2;
  }
  bool is_sent = has_one && end->code / 100 == 2;
  put("delivery", json_string(is_sent                    ? "sent"
                              : is_refused || !has_begun ? "not-sent"
                                                         : "unknown"));
  const smtp_status_t *last = end->code != 0 ? end : from;
  if (last->code != 0 && (last == end || arg_is("login", "none"))) {
    put("code", json_integer(last->code));
    put("enhanced", enhanced(last));
  } /* after a login that failed it goes on: that is not its code */
  return is_done && is_sent                       ? "ok"
         : is_refused && smtp_errno() == NO_ERROR ? "refused"
                                                  : failure();
}

static const char *transmit(void) {
  char where[300];
  smtp_session_t session = smtp_create_session();
  smtp_message_t message = smtp_add_message(session);
  auth_context_t login = auth_create_context();
  is_connected = has_begun = is_too_long = false;
  /* It looks for names in certificates, and not for addresses. */
  const char *host = arg_is("host", "127.0.0.1") ? "localhost" : arg("host");
  snprintf(where, sizeof where, "%s:%d", host, (int)arg_number("port", 0));
  smtp_set_server(session, where);
  smtp_set_hostname(session, arg("name"));
  smtp_set_eventcb(session, happened, NULL);
  for (int which = Timeout_GREETING; which <= Timeout_DATA2; which++)
    smtp_set_timeout(session, which | Timeout_OVERRIDE_RFC2822_MINIMUM,
                     (long)arg_number("timeout_ms", 1000));
  if (arg_is("policy", "tls"))
    set_tls(session);
  auth_set_mechanism_flags(login, AUTH_PLUGIN_PLAIN, 0);
  auth_set_interact_cb(login, answer, NULL);
  if (!arg_is("login", "none"))
    smtp_auth_set_context(session, login);
  const char *found = "unsupported";
  if (fill(message)) {
    smtp_set_timeout(session, -1, 1); /* sets NO_ERROR */
    found = outcome(message, smtp_start_session(session));
    found = !is_connected ? "io-error"
            : is_too_long ? "rejected-locally"
                          : found;
  }
  smtp_destroy_session(session);
  auth_destroy_context(login);
  return found;
}

static const char *play(const char *goal) {
  bool can =
      strcmp(goal, "smtp.send") == 0 && !arg_is("tls", "implicit") &&
      within("host port tls policy ca client_cert client_key timeout_ms login "
             "mech user secret name from to params message pieces fail_after");
  return can ? transmit() : "unsupported";
}

int main(void) {
  char version[64];
  signal(SIGPIPE, SIG_IGN);
  auth_client_init();
  smtp_version(version, sizeof version, Ver_VERSION);
  int status = serve("libesmtp", version, FEATURES, play);
  auth_client_exit();
  return status;
}
