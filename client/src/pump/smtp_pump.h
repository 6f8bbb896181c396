/* What the operations of the SMTP pump are made of. */
#ifndef MAILC_SRC_SMTP_PUMP_H
#define MAILC_SRC_SMTP_PUMP_H

#include <mailc/smtp_pump.h>

/* Makes way for a command: an operation begins. */
enum mailc_status mailc_smtp_pump_prepare(struct mailc_smtp_pump *pump);

/* The same for a further command of the same operation: looks what the server
 * sent while nobody waited. A reply can only be 421. */
enum mailc_status mailc_smtp_pump_poll(struct mailc_smtp_pump *pump);

/* Waits for the answer to a command that gave `status`. */
enum mailc_status mailc_smtp_pump_finish(struct mailc_smtp_pump *pump,
                                         enum mailc_status status);

/* Waits for the next event that ends a wait, GREETING, CHALLENGE or REPLY, or
 * NONE where the server owes nothing. Its text and code are kept. */
enum mailc_status mailc_smtp_pump_await(struct mailc_smtp_pump *pump,
                                        struct mailc_smtp_event *event);

/* Waits for the answer to a message that was ended with `status`; in LMTP for
 * those of its recipients: MAILC_OK if one at least is. They go to
 * mail->recipients, or without a mail to pump->answers. */
enum mailc_status
mailc_smtp_pump_finish_message(struct mailc_smtp_pump *pump,
                               enum mailc_status status,
                               const struct mailc_smtp_mail *mail);

/* The message of an operation that has begun and whose DATA was accepted. */
enum mailc_status mailc_smtp_pump_send_body(struct mailc_smtp_pump *pump,
                                            struct mailc_span message,
                                            const struct mailc_smtp_mail *mail);

#endif
