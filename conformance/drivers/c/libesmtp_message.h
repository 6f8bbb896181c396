/* What libESMTP is to send. */
#ifndef MAILSPEC_LIBESMTP_MESSAGE_H
#define MAILSPEC_LIBESMTP_MESSAGE_H
#include "driver.h"

#include <auth-client.h>
#include <openssl/ssl.h>
/* libesmtp.h declares what takes a login, or a context of OpenSSL, where these
 * are known; it knows OpenSSL by a macro that OpenSSL 3 does not have. */
#ifndef SSL_SESSION_ASN1_VERSION
#define SSL_SESSION_ASN1_VERSION 1
#endif
#include <libesmtp.h>

/* Gives the message its sender, recipients, parameters and text. False where
 * libESMTP cannot be asked for one of them. */
bool fill(smtp_message_t message);

/* The enhanced status code of a reply, or null. */
json_t *enhanced(const smtp_status_t *status);

/* Makes the session use STARTTLS, or end. */
void set_tls(smtp_session_t session);
#endif
