/* The parts of libetpan's driver. A session of each protocol is kept from its
   connect to its close. */
#ifndef MAILSPEC_LIBETPAN_H
#define MAILSPEC_LIBETPAN_H
#include <libetpan/libetpan.h>
#include <stdbool.h>

/* Perform one operation, named without its protocol, and give its outcome. */
const char *pop3_operation(const char *verb);
const char *smtp_operation(const char *verb);

/* Whether the certificate that the stream's server has shown is for the host
 * and signed by the authority that connect was told. */
bool is_trusted(mailstream *stream);

/* Reads what every connect has in common. False where libetpan cannot be asked
 * for it. */
bool take_connection(void);
const char *host(void);

/* Whether a machine can have this name. */
bool is_name_of_machine(const char *name);

/* The session of POP3; the outcome of a call of libetpan on it. */
extern mailpop3 *pop3;
const char *pop3_outcome(int error);
const char *pop3_stat(void);
const char *pop3_list(void);
const char *pop3_uidl(void);
const char *pop3_retr(void);
const char *pop3_top(void);
const char *pop3_dele(void);

/* The session of SMTP or LMTP; the outcome of a call of libetpan on it, and
 * that of a reply that is no success. */
extern mailsmtp *smtp;
extern bool is_lmtp;
const char *smtp_outcome(int error);
const char *smtp_outcome_of(int code);
const char *smtp_mail(void);
const char *smtp_rcpt(void);
const char *smtp_data(void);
void forget_recipients(void);
#endif
