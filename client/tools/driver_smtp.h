/* Inside mailc-driver: what the files of the SMTP ops share. */
#ifndef MAILC_DRIVER_SMTP_H
#define MAILC_DRIVER_SMTP_H

#include "driver.h"

#include <mailc/smtp_pump.h>

/* Commands under way at once. */
#define DRIVER_SMTP_QUEUE_CAP 64u

/* Recipients of one message to LMTP, by smtp.rcpt. */
#define DRIVER_SMTP_RECIPIENTS_MAX 100u
#define DRIVER_SMTP_RECIPIENT_CAP 512u

/* A recipient that was accepted. */
struct driver_smtp_recipient {
  uint8_t path[DRIVER_SMTP_RECIPIENT_CAP];
  size_t len;
};

/* The session and its memory; a challenge may have 12288 octets (RFC 4954
 * section 4), and a response as many before it is base64. */
struct driver_smtp {
  uint8_t rx[16384];
  uint8_t tx[24576];
  uint8_t reply[65536];
  struct mailc_smtp session;
  struct mailc_smtp_pump pump;
  struct mailc_smtp_slot queue[DRIVER_SMTP_QUEUE_CAP];
  struct mailc_smtp_answer answers[DRIVER_SMTP_RECIPIENTS_MAX];
  struct driver_smtp_recipient recipients[DRIVER_SMTP_RECIPIENTS_MAX];
  size_t recipient_count;
};

extern struct driver_smtp driver_smtp_state;

/* Takes the status of an operation that is over, with the reply's code. */
void driver_smtp_end(struct driver_answer *answer, enum mailc_status status);

/* A reply's code, or null for 0. */
json_t *driver_smtp_code(uint16_t code);

/* "5.1.1", or null where there is none. */
json_t *driver_smtp_enhanced(struct mailc_enhanced enhanced);

void driver_smtp_auth(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_mail(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_rcpt(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_data(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_bdat(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);
void driver_smtp_send(struct driver *driver, const json_t *request,
                      struct driver_answer *answer);

#endif
