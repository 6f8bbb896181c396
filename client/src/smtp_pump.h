/* What the operations of the SMTP pump are made of. */
#ifndef MAILC_SRC_SMTP_PUMP_H
#define MAILC_SRC_SMTP_PUMP_H

#include <mailc/smtp_pump.h>

/* Makes way for a command: an operation begins. */
enum mailc_status mailc_smtp_pump_prepare(struct mailc_smtp_pump *pump);

/* The same for a further command of the same operation: looks what the server
 * sent while nobody waited. A reply can only be 421. */
enum mailc_status mailc_smtp_pump_look(struct mailc_smtp_pump *pump);

/* Waits for the answer to a command that gave `status`. */
enum mailc_status mailc_smtp_pump_finish(struct mailc_smtp_pump *pump,
                                         enum mailc_status status);

#endif
