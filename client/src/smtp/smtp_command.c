/* The commands of an SMTP session but those of a message: checked, put into the
 * transmit buffer and queued; or refused with nothing changed. */
#include "smtp/smtp_action.h"
#include "smtp/smtp_argument.h"
#include "smtp/smtp_queue.h"

static const struct mailc_span nothing = {NULL, 0};

/* A command that is its verb. */
static enum mailc_status write_keyword(struct mailc_smtp *session,
                                       enum mailc_smtp_command command) {
  enum mailc_status status = mailc_smtp_check_command(session, command);

  return status != MAILC_OK ? status
                            : mailc_smtp_write_word(session, command, nothing);
}

/* Whether a text that a command needs is there. */
static enum mailc_status may_with(const struct mailc_smtp *session,
                                  enum mailc_smtp_command command,
                                  struct mailc_span text) {
  enum mailc_status status = mailc_smtp_check_command(session, command);

  return status == MAILC_OK && (text.data == NULL || text.len == 0)
             ? MAILC_E_ARGUMENT
             : status;
}

/* A command with a text. */
static enum mailc_status write_text(struct mailc_smtp *session,
                                    enum mailc_smtp_command command,
                                    struct mailc_span text) {
  enum mailc_status status = may_with(session, command, text);

  if (status == MAILC_OK && !mailc_smtp_is_text(text)) {
    status = MAILC_E_TEXT;
  }
  return status != MAILC_OK ? status
                            : mailc_smtp_write_word(session, command, text);
}

/* EHLO, HELO or LHLO. */
static enum mailc_status write_hello(struct mailc_smtp *session,
                                     enum mailc_smtp_command command,
                                     struct mailc_span name) {
  enum mailc_status status = may_with(session, command, name);

  if (status == MAILC_OK &&
      mailc_smtp_is_lmtp(session) != (command == MAILC_SMTP_LHLO)) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK && !mailc_smtp_is_domain(name, false)) {
    status = name.len > MAILC_SMTP_DOMAIN_MAX ? MAILC_E_TOO_LONG : MAILC_E_TEXT;
  }
  if (status == MAILC_OK) {
    status = mailc_smtp_write_word(session, command, name);
  }
  if (status == MAILC_OK) {
    session->span = name;
    mailc_smtp_forget_offers(session);
  }
  return status;
}

enum mailc_status mailc_smtp_ehlo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return write_hello(session, MAILC_SMTP_EHLO, name);
}

enum mailc_status mailc_smtp_helo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return write_hello(session, MAILC_SMTP_HELO, name);
}

enum mailc_status mailc_smtp_lhlo(struct mailc_smtp *session,
                                  struct mailc_span name) {
  return write_hello(session, MAILC_SMTP_LHLO, name);
}

enum mailc_status mailc_smtp_starttls(struct mailc_smtp *session) {
  enum mailc_status status =
      mailc_smtp_check_command(session, MAILC_SMTP_STARTTLS);

  if (status == MAILC_OK && session->link.has_tls) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK &&
      (!MAILC_HAS(TLS) || (session->offers & MAILC_SMTP_OFFER_STARTTLS) == 0)) {
    status = MAILC_E_NOT_OFFERED;
  }
  return status != MAILC_OK
             ? status
             : mailc_smtp_write_word(session, MAILC_SMTP_STARTTLS, nothing);
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
  return write_keyword(session, MAILC_SMTP_RSET);
}

enum mailc_status mailc_smtp_noop(struct mailc_smtp *session) {
  return write_keyword(session, MAILC_SMTP_NOOP);
}

enum mailc_status mailc_smtp_vrfy(struct mailc_smtp *session,
                                  struct mailc_span text) {
  return write_text(session, MAILC_SMTP_VRFY, text);
}

enum mailc_status mailc_smtp_expn(struct mailc_smtp *session,
                                  struct mailc_span text) {
  return write_text(session, MAILC_SMTP_EXPN, text);
}

enum mailc_status mailc_smtp_help(struct mailc_smtp *session,
                                  struct mailc_span topic) {
  return topic.len == 0 ? write_keyword(session, MAILC_SMTP_HELP)
                        : write_text(session, MAILC_SMTP_HELP, topic);
}

enum mailc_status mailc_smtp_quit(struct mailc_smtp *session) {
  return write_keyword(session, MAILC_SMTP_QUIT);
}
