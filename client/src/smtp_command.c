/* The commands of an SMTP session but those of a message: checked, put into the
 * transmit buffer and queued; or refused with nothing changed. */
#include "smtp_argument.h"
#include "smtp_queue.h"

static const struct mailc_span nothing = {NULL, 0};

/* Puts and queues a command of one or two parts that may be given. */
static enum mailc_status put(struct mailc_smtp *session,
                             enum mailc_smtp_command command,
                             struct mailc_span verb,
                             struct mailc_span argument) {
  struct mailc_span parts[] = {verb, argument};

  return mailc_smtp_put(session, command, parts, 2, MAILC_SMTP_COMMAND_MAX);
}

/* A command that is its verb. */
static enum mailc_status put_plain(struct mailc_smtp *session,
                                   enum mailc_smtp_command command,
                                   struct mailc_span verb) {
  enum mailc_status status = mailc_smtp_may(session, command);

  return status != MAILC_OK ? status : put(session, command, verb, nothing);
}

/* A command with a text that is not empty. */
static enum mailc_status put_text(struct mailc_smtp *session,
                                  enum mailc_smtp_command command,
                                  struct mailc_span verb,
                                  struct mailc_span text) {
  enum mailc_status status = mailc_smtp_may(session, command);

  if (status == MAILC_OK && (text.data == NULL || text.len == 0)) {
    status = MAILC_E_ARGUMENT;
  }
  if (status == MAILC_OK && !mailc_smtp_is_text(text)) {
    status = MAILC_E_TEXT;
  }
  return status != MAILC_OK ? status : put(session, command, verb, text);
}

/* EHLO, HELO or LHLO. */
static enum mailc_status put_hello(struct mailc_smtp *session,
                                   enum mailc_smtp_command command,
                                   struct mailc_span verb,
                                   struct mailc_span name) {
  enum mailc_status status = mailc_smtp_may(session, command);

  if (status == MAILC_OK && session->is_lmtp != (command == MAILC_SMTP_LHLO)) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK && (name.data == NULL || name.len == 0)) {
    status = MAILC_E_ARGUMENT;
  }
  if (status == MAILC_OK && !mailc_smtp_is_domain(name)) {
    status = MAILC_E_TEXT;
  }
  if (status == MAILC_OK) {
    status = put(session, command, verb, name);
  }
  if (status == MAILC_OK) {
    session->span = name;
    session->offers = 0;
    session->mechs = 0;
    session->size_max = 0;
  }
  return status;
}

enum mailc_status mailc_smtp_ehlo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return put_hello(session, MAILC_SMTP_EHLO, MAILC_SPAN("EHLO "), name);
}

enum mailc_status mailc_smtp_helo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return put_hello(session, MAILC_SMTP_HELO, MAILC_SPAN("HELO "), name);
}

enum mailc_status mailc_smtp_lhlo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return put_hello(session, MAILC_SMTP_LHLO, MAILC_SPAN("LHLO "), name);
}

enum mailc_status mailc_smtp_starttls(struct mailc_smtp *session) {
  enum mailc_status status = mailc_smtp_may(session, MAILC_SMTP_STARTTLS);

  if (status == MAILC_OK && session->link.has_tls) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK &&
      (session->offers & MAILC_SMTP_OFFER_STARTTLS) == 0) {
    status = MAILC_E_NOT_OFFERED;
  }
  return status != MAILC_OK ? status
                            : put(session, MAILC_SMTP_STARTTLS,
                                  MAILC_SPAN("STARTTLS"), nothing);
}

uint32_t mailc_smtp_offers(const struct mailc_smtp *session) {
  return session == NULL ? 0 : session->offers;
}

uint32_t mailc_smtp_mechs(const struct mailc_smtp *session) {
  return session == NULL ? 0 : session->mechs;
}

uint32_t mailc_smtp_size_max(const struct mailc_smtp *session) {
  return session == NULL ? 0 : session->size_max;
}

enum mailc_status mailc_smtp_rset(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_RSET, MAILC_SPAN("RSET"));
}

enum mailc_status mailc_smtp_noop(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_NOOP, MAILC_SPAN("NOOP"));
}

enum mailc_status mailc_smtp_vrfy(struct mailc_smtp *session,
                                  struct mailc_span text) {
  return put_text(session, MAILC_SMTP_VRFY, MAILC_SPAN("VRFY "), text);
}

enum mailc_status mailc_smtp_expn(struct mailc_smtp *session,
                                  struct mailc_span text) {
  return put_text(session, MAILC_SMTP_EXPN, MAILC_SPAN("EXPN "), text);
}

enum mailc_status mailc_smtp_help(struct mailc_smtp *session,
                                  struct mailc_span topic) {
  return topic.len == 0
             ? put_plain(session, MAILC_SMTP_HELP, MAILC_SPAN("HELP"))
             : put_text(session, MAILC_SMTP_HELP, MAILC_SPAN("HELP "), topic);
}

enum mailc_status mailc_smtp_quit(struct mailc_smtp *session) {
  return put_plain(session, MAILC_SMTP_QUIT, MAILC_SPAN("QUIT"));
}
