/* The logins of RFC 1939. */
#include "common/secret.h"
#include "common/text.h"
#include "pop3/pop3_command.h"

/* Whether names and passwords may go out in UTF-8, RFC 6856 section 2.2. */
static bool takes_utf8(const struct mailc_pop3 *session) {
  return (session->offers & MAILC_POP3_OFFER_UTF8_USER) != 0;
}

enum mailc_status mailc_pop3_check_secret(const struct mailc_pop3 *session,
                                          struct mailc_span secret) {
  enum mailc_status status =
      mailc_pop3_check_text(secret, true, takes_utf8(session));

  if (status == MAILC_OK &&
      secret.len > MAILC_POP3_COMMAND_MAX - (sizeof "PASS \r\n" - 1)) {
    status = MAILC_E_TOO_LONG;
  }
  return status;
}

/* Whether a password may go out. */
static enum mailc_status check_password(const struct mailc_pop3 *session) {
  if (session->policy != MAILC_POLICY_CLEAR && !session->link.has_tls) {
    return MAILC_E_CLEAR_SECRET;
  }
  if (session->has_refused_apop && !session->allow_pass_after_apop) {
    return MAILC_E_AFTER_APOP;
  }
  return MAILC_OK;
}

enum mailc_status mailc_pop3_user(struct mailc_pop3 *session,
                                  struct mailc_span user) {
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_USER);

  if (status == MAILC_OK) {
    status = mailc_pop3_check_text(user, false, takes_utf8(session));
  }
  if (status == MAILC_OK) {
    status = check_password(session);
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write_word(session, MAILC_POP3_USER, user);
}

enum mailc_status mailc_pop3_pass(struct mailc_pop3 *session,
                                  struct mailc_span secret) {
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_PASS);

  if (status == MAILC_OK) {
    status = mailc_pop3_check_secret(session, secret);
  }
  return status != MAILC_OK
             ? status
             : mailc_pop3_write_word(session, MAILC_POP3_PASS, secret);
}

/* Whether APOP may be said with these: RFC 6856 section 2.2 wants what is not
 * ASCII prepared, as the two sides would not hash the same otherwise. */
static enum mailc_status check_apop(const struct mailc_pop3 *session,
                                    const struct mailc_span *user,
                                    const struct mailc_span *secret) {
  enum mailc_status status =
      mailc_pop3_check_text(*user, false, takes_utf8(session));
  unsigned kinds = 0;

  if (status != MAILC_OK) {
    return status;
  }
  if (secret->data == NULL || secret->len == 0) {
    return MAILC_E_ARGUMENT;
  }
  kinds = mailc_text_kinds(*secret);
  if (!session->is_prepared &&
      ((mailc_text_kinds(*user) | kinds) & MAILC_TEXT_ABOVE) != 0) {
    return MAILC_E_UNPREPARED;
  }
  if ((kinds & MAILC_TEXT_NOT_UTF8) != 0) {
    return MAILC_E_TEXT;
  }
  return session->policy == MAILC_POLICY_TLS && !session->link.has_tls
             ? MAILC_E_CLEAR_SECRET
             : MAILC_OK;
}

/* The digest in 32 lower-case hexadecimal digits, RFC 1939 section 7. */
static enum mailc_status apop_digest(const struct mailc_pop3 *session,
                                     const struct mailc_span *secret,
                                     char out[32]) {
  uint8_t digest[MAILC_HASH_CAP];

  if (session->timestamp_len == 0) {
    return MAILC_E_TIMESTAMP;
  }
  if (session->hash == NULL ||
      !session->hash->digest(MAILC_HASH_MD5, session->timestamp,
                             session->timestamp_len, secret->data, secret->len,
                             digest)) {
    return MAILC_E_NO_HASH;
  }
  for (size_t i = 0; i < 16; i++) {
    out[2 * i] = mailc_text_hex[digest[i] >> 4];
    out[2 * i + 1] = mailc_text_hex[digest[i] & 15];
  }
  mailc_wipe(digest, sizeof digest);
  return MAILC_OK;
}

enum mailc_status mailc_pop3_apop(struct mailc_pop3 *session,
                                  struct mailc_span user,
                                  struct mailc_span secret) {
  char digest[32];
  struct mailc_span words[] = {user, {(const uint8_t *)digest, sizeof digest}};
  enum mailc_status status = mailc_pop3_check_command(session, MAILC_POP3_APOP);

  if (status == MAILC_OK) {
    status = check_apop(session, &words[0], &secret);
  }
  if (status == MAILC_OK) {
    status = apop_digest(session, &secret, digest);
  }
  if (status == MAILC_OK) {
    status = mailc_pop3_write(session, MAILC_POP3_APOP, 0, words, 2);
    mailc_wipe(digest, sizeof digest);
  }
  return status;
}
