/* What the server offers, and logging in. */
#include "link.h"
#include "smtp.h"

static struct mailc_span next_line(struct mailc_span *text) {
  struct mailc_span line = {text->data, 0};
  size_t used = 0;

  while (line.len < text->len && text->data[line.len] != '\r') {
    line.len++;
  }
  used = line.len + 2 < text->len ? line.len + 2 : text->len;
  text->data += used;
  text->len -= used;
  return line;
}

/* Whether a keyword is this one, in whatever case; `name` is in upper case. */
static bool is_keyword(struct mailc_span keyword, const char *name) {
  size_t i = 0;

  for (; i < keyword.len && name[i] != '\0'; i++) {
    UCHAR octet = keyword.data[i];

    if (octet >= 'a' && octet <= 'z') {
      octet = (UCHAR)(octet - ('a' - 'A'));
    }
    if (octet != (UCHAR)name[i]) {
      return false;
    }
  }
  return i == keyword.len && name[i] == '\0';
}

/* Whether a line of the reply to EHLO lists mechanisms. The reply that the pump
 * keeps may lack its end: where the line is not in it, it is taken to list
 * some, so that none is tried that is not offered. */
static bool lists_mechs(const NX_SMTP_CLIENT *client) {
  struct mailc_span text = mailc_pump_reply(&client->nx_smtp_client_pump.pump);
  bool has_line = text.len == NX_SMTP_CLIENT_REPLY_SIZE;
  bool has_params = has_line;

  (void)next_line(&text); /* the server's name */
  while (text.len != 0) {
    struct mailc_span keyword = {NULL, 0};
    struct mailc_span params = {NULL, 0};

    if (mailc_smtp_extension(next_line(&text), &keyword, &params) &&
        is_keyword(keyword, "AUTH")) {
      has_line = true;
      has_params = has_params || params.len != 0;
    }
  }
  return has_params || !has_line;
}

struct nx_mail_smtp_offers
nx_mail_smtp_read_offers(const NX_SMTP_CLIENT *client) {
  const struct mailc_smtp *session = &client->nx_smtp_client_session;
  uint32_t size_max = mailc_smtp_size_max(session);

  return (struct nx_mail_smtp_offers){
      .has_auth = mailc_smtp_mechs(session) != 0 ||
                  ((mailc_smtp_offers(session) & MAILC_SMTP_OFFER_AUTH) != 0 &&
                   lists_mechs(client)),
      /* Larger ones are the server's to refuse. */
      .size_max = size_max == UINT32_MAX ? 0 : size_max};
}

/* The mechanism to log in with, or NONE. Without NX_MAIL_STRICT a client of
 * NONE becomes one of PLAIN where the server offers that, and PLAIN is what is
 * tried where it lists nothing. */
static UINT choose(NX_SMTP_CLIENT *client,
                   const struct nx_mail_smtp_offers *offers) {
  uint32_t offered = mailc_smtp_mechs(&client->nx_smtp_client_session);
  bool is_strict = client->nx_smtp_client_settings->is_strict;
  UINT *type = &client->nx_smtp_client_authentication_type;

  if (*type == NX_SMTP_CLIENT_AUTH_NONE) {
    if (!is_strict && (offered & 1u << MAILC_MECH_PLAIN) != 0 &&
        nx_mail_smtp_username(client).len != 0 &&
        nx_mail_smtp_password(client).len != 0) {
      *type = NX_SMTP_CLIENT_AUTH_PLAIN;
    }
    return *type;
  }
  return is_strict || offers->has_auth ? *type : NX_SMTP_CLIENT_AUTH_PLAIN;
}

static uint32_t bit_of(UINT type) {
  switch (type) {
  case NX_SMTP_CLIENT_AUTH_LOGIN:
    return 1u << MAILC_MECH_LOGIN;
  case NX_SMTP_CLIENT_AUTH_CRAM_MD5:
    return 1u << MAILC_MECH_CRAM_MD5;
  default:
    return 1u << MAILC_MECH_PLAIN;
  }
}

UINT nx_mail_smtp_log_in(NX_SMTP_CLIENT *client,
                         const struct nx_mail_smtp_offers *offers) {
  struct mailc_login *login = &client->nx_smtp_client_login;
  UINT type = choose(client, offers);

  if (type == NX_SMTP_CLIENT_AUTH_NONE) {
    return NX_SUCCESS;
  }
  if (offers->has_auth &&
      (mailc_smtp_mechs(&client->nx_smtp_client_session) & bit_of(type)) == 0) {
    return NX_SMTP_AUTHENTICATION_ERROR;
  }
  *login = (struct mailc_login){.mech = MAILC_SPAN("PLAIN"),
                                .user = nx_mail_smtp_username(client),
                                .secret = nx_mail_smtp_password(client),
                                .initial = MAILC_INITIAL_NO};
  if (type == NX_SMTP_CLIENT_AUTH_LOGIN) {
    login->mech = MAILC_SPAN("LOGIN");
  } else if (type == NX_SMTP_CLIENT_AUTH_CRAM_MD5) {
    login->mech = MAILC_SPAN("CRAM-MD5");
  } else {
    login->authzid = login->user; /* as the original sends it */
  }
  nx_mail_smtp_begin_step(client, NX_MAIL_SMTP_AUTH);
  return nx_mail_smtp_status(
      client, NX_MAIL_SMTP_AUTH,
      mailc_smtp_pump_auth(&client->nx_smtp_client_pump, login, NULL));
}
