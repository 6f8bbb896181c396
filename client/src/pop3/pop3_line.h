/* What the lines of a POP3 server say. No function here changes a state. */
#ifndef MAILC_SRC_POP3_LINE_H
#define MAILC_SRC_POP3_LINE_H

#include "pop3/pop3_names.h"

/* Where the next octet of a message stands. */
enum mailc_pop3_place {
  MAILC_POP3_AT_START, /* of a line */
  MAILC_POP3_IN_LINE,
  MAILC_POP3_AFTER_CR
};

/* What a status line means to the command `slot`: GREETING_OK,
 * GREETING_REFUSED, REPLY_OK, REPLY_ERR, of AUTH REPLY_CONTINUE, or BAD_REPLY,
 * also where values that the command needs are missing. Fills in event->text
 * and the values. */
enum mailc_pop3_fsm_event
mailc_pop3_read_status(const struct mailc_pop3_slot *slot,
                       struct mailc_span line, struct mailc_pop3_event *event);

/* The same of a line behind the status line of CAPA, LIST, UIDL or LANG.
 * Returns REPLY_OK for a line that is good, filled in with its kind,
 * TERMINATOR, or BAD_REPLY. */
enum mailc_pop3_fsm_event
mailc_pop3_read_line(const struct mailc_pop3_slot *slot, struct mailc_span line,
                     struct mailc_pop3_event *event);

/* Takes the next octets of a message. True if *piece was filled in or the end
 * was found, which makes piece->data NULL; false if more octets are needed. */
bool mailc_pop3_read_data(struct mailc_link *link, uint8_t *place,
                          struct mailc_span *piece);

/* The first text in the greeting that is an RFC 822 msg-id, with its brackets;
 * data NULL if there is none. RFC 1939 section 7. */
struct mailc_span mailc_pop3_timestamp(struct mailc_span greeting);

#endif
