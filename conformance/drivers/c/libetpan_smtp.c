/* The operations of SMTP and LMTP, each a call of libetpan. Where a call fails,
   the code of the last reply tells why; there is none after the end of the
   stream and after a time-out, which is `failed` then. */
#include "driver.h"
#include "libetpan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

mailsmtp *smtp;
bool is_lmtp;

const char *smtp_outcome_of(int code) {
  return code >= 400 && code <= 599 ? "refused"
         : code == 0                ? "failed"
                                    : "protocol-error";
}

const char *smtp_outcome(int error) {
  int code = smtp->response_code;
  if (code != 0)
    put("code", json_integer(code));
  if (error == MAILSMTP_NO_ERROR)
    return "ok";
  if (error == MAILSMTP_ERROR_CONNECTION_REFUSED)
    return "io-error";
  if (error == MAILSMTP_ERROR_SSL)
    return "failed";
  if (error == MAILSMTP_ERROR_STARTTLS_NOT_SUPPORTED)
    return "policy";
  return smtp_outcome_of(code);
}

static const char *close_session(const char *found) {
  if (smtp != NULL) {
    if (smtp->stream != NULL)
      mailstream_close(smtp->stream);
    smtp->stream = NULL; /* else QUIT is sent */
    mailsmtp_free(smtp);
  }
  smtp = NULL;
  forget_recipients();
  return found;
}

static const char *smtp_open(void) {
  close_session(NULL);
  if (!take_connection())
    return "unsupported";
  is_lmtp = arg_true("lmtp");
  smtp = mailsmtp_new(0, NULL);
  uint16_t port = (uint16_t)arg_number("port", 0);
  bool implicit = arg_is("tls", "implicit");
  int error = implicit ? mailsmtp_ssl_connect(smtp, host(), port)
                       : mailsmtp_socket_connect(smtp, host(), port);
  if (error == MAILSMTP_NO_ERROR && implicit && !is_trusted(smtp->stream))
    return close_session("protocol-error");
  return smtp_outcome(error);
}

static const char *starttls(void) {
  int error = mailsmtp_socket_starttls(smtp);
  if (error == MAILSMTP_NO_ERROR && !is_trusted(smtp->stream))
    return close_session("protocol-error");
  return smtp_outcome(error);
}

static const char *ehlo(void) {
  return is_name_of_machine(arg("name")) ? smtp_outcome(mailesmtp_ehlo(smtp))
                                         : "unsupported";
}

static const char *helo(void) {
  return is_name_of_machine(arg("name")) ? smtp_outcome(mailsmtp_helo(smtp))
                                         : "unsupported";
}

static const char *lhlo(void) {
  return smtp_outcome(mailesmtp_lhlo(smtp, arg("name")));
}

static const char *auth(void) {
  const char *mech = arg("mech");
  if (mech == NULL && json_array_size(arg_list("mechs")) == 1)
    mech = json_string_value(json_array_get(arg_list("mechs"), 0));
  if (mech == NULL || strcmp(mech, "own") == 0)
    return "unsupported"; /* the caller chooses */
  int error =
      strcmp(mech, "XOAUTH2") == 0
          ? mailsmtp_oauth2_authenticate(smtp, arg("user"), arg("secret"))
          : mailesmtp_auth_sasl(smtp, mech, host(), NULL, NULL,
                                arg("authzid") != NULL ? arg("authzid") : "",
                                arg("user"), arg("secret"), NULL);
  if (error == MAILSMTP_NO_ERROR)
    put("mech", json_string(mech));
  const char *found = smtp_outcome(error);
  /* What SASL does not take ends the exchange behind a challenge. */
  return smtp->response_code / 100 == 3 ? "failed" : found;
}

static const char *rset(void) { return smtp_outcome(mailsmtp_reset(smtp)); }
static const char *noop(void) { return smtp_outcome(mailsmtp_noop(smtp)); }
static const char *quit(void) { return smtp_outcome(mailsmtp_quit(smtp)); }

static const struct {
  const char *verb, *known;
  const char *(*call)(void);
} operations[] = {
    {"ehlo", "name", ehlo},
    {"helo", "name", helo},
    {"lhlo", "name", lhlo},
    {"starttls", "", starttls},
    {"auth", "mech mechs user secret authzid", auth},
    {"mail", "from params", smtp_mail},
    {"rcpt", "to params", smtp_rcpt},
    {"data", "message", smtp_data},
    {"rset", "", rset},
    {"noop", "", noop},
    {"quit", "", quit},
};

const char *smtp_operation(const char *verb) {
  if (strcmp(verb, "connect") == 0)
    return smtp_open();
  if (strcmp(verb, "close") == 0)
    return close_session("ok");
  for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
    if (strcmp(operations[i].verb, verb) != 0 || !within(operations[i].known))
      continue;
    if (smtp == NULL || smtp->stream == NULL)
      return "rejected-locally";
    smtp->response_code = 0; /* a call that fails without a reply leaves it */
    return operations[i].call();
  }
  return "unsupported";
}
