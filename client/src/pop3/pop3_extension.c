/* CAPA, and the commands of the extensions but AUTH. */
#include "pop3/pop3_extension.h"

#include "common/text.h"
#include "pop3/pop3_command.h"

void mailc_pop3_read_capability(struct mailc_pop3 *session,
                                const struct mailc_pop3_event *line) {
  /* In the order of enum mailc_pop3_offer. The last of UTF8's is no keyword. */
  static const char known[] = "STLS\0SASL\0PIPELINING\0UTF8\0UTF8 USER\0LANG\0"
                              "AUTH-RESP-CODE\0";
  unsigned offer = 2u << mailc_names_find(known, line->text);

  if (!MAILC_HAS(LANG)) {
    offer &= ~(unsigned)(MAILC_POP3_OFFER_UTF8 | MAILC_POP3_OFFER_LANG);
  }
  session->offers |= (uint8_t)offer;
  if (offer == MAILC_POP3_OFFER_SASL) {
    session->mechs |= (uint16_t)mailc_mechs_of(line->value);
  }
  if (offer == MAILC_POP3_OFFER_UTF8 && mailc_text_is(line->value, "USER")) {
    session->offers |= MAILC_POP3_OFFER_UTF8_USER;
  }
}

uint32_t mailc_pop3_offers(const struct mailc_pop3 *session) {
  return session == NULL ? 0 : session->offers;
}

uint32_t mailc_pop3_mechs(const struct mailc_pop3 *session) {
  return session == NULL ? 0 : session->mechs;
}

/* Whether an extension may be tried: the server offers it, or was not asked. */
static enum mailc_status check_offer(const struct mailc_pop3 *session,
                                     enum mailc_pop3_offer offer) {
  bool is_here =
      offer == MAILC_POP3_OFFER_LANG ? MAILC_HAS(LANG) : MAILC_HAS(TLS);

  return is_here && (session->offers == 0 ||
                     (session->offers & (unsigned)offer) != 0)
             ? MAILC_OK
             : MAILC_E_NOT_OFFERED;
}

enum mailc_status mailc_pop3_capa(struct mailc_pop3 *session) {
  return mailc_pop3_write_keyword(session, MAILC_POP3_CAPA);
}

enum mailc_status mailc_pop3_stls(struct mailc_pop3 *session) {
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_STLS);

  if (status == MAILC_OK && (session->link.has_tls || session->has_said_utf8)) {
    status = MAILC_E_STATE;
  }
  if (status == MAILC_OK) {
    status = check_offer(session, MAILC_POP3_OFFER_STLS);
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write_keyword(session, MAILC_POP3_STLS);
}

enum mailc_status mailc_pop3_utf8(struct mailc_pop3 *session) {
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_UTF8);

  if (status == MAILC_OK && (session->offers & MAILC_POP3_OFFER_UTF8) == 0) {
    status = MAILC_E_NOT_OFFERED;
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_write_keyword(session, MAILC_POP3_UTF8);
  }
  if (status == MAILC_OK) {
    session->has_said_utf8 = true;
  }
  return status;
}

enum mailc_status mailc_pop3_lang(struct mailc_pop3 *session) {
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_LANG);

  if (status == MAILC_OK) {
    status = check_offer(session, MAILC_POP3_OFFER_LANG);
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write_keyword(session, MAILC_POP3_LANG);
}

enum mailc_status mailc_pop3_lang_to(struct mailc_pop3 *session,
                                     struct mailc_span tag) {
  enum mailc_status status =
      mailc_pop3_check_command(session, MAILC_POP3_LANG_TO);

  if (status == MAILC_OK) {
    status = mailc_pop3_check_text(tag, false, false);
  }
  if (status == MAILC_OK) {
    status = check_offer(session, MAILC_POP3_OFFER_LANG);
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write_word(session, MAILC_POP3_LANG_TO, tag);
}
