/* The octets of a message, where they were received. A stuffed dot is left out
 * by ending one piece before it and beginning the next behind it, so that
 * nothing has to be moved. RFC 1939 section 3: only CRLF ends a line, and only
 * a line that is one dot ends the message. */
#include "common/link.h"
#include "pop3/pop3_line.h"

#include <string.h>

/* The octets up to a dot that a later line begins with, or all. */
static size_t run_len(struct mailc_span rest, uint8_t *place) {
  size_t at = 0;

  while (at < rest.len &&
         (*place != MAILC_POP3_AT_START || rest.data[at] != '.')) {
    uint8_t octet = rest.data[at++];

    if (octet == '\r') {
      *place = MAILC_POP3_AFTER_CR;
    } else if (octet == '\n' && *place == MAILC_POP3_AFTER_CR) {
      *place = MAILC_POP3_AT_START;
    } else {
      const uint8_t *cr = memchr(rest.data + at, '\r', rest.len - at);

      at = cr == NULL ? rest.len : (size_t)(cr - rest.data);
      *place = MAILC_POP3_IN_LINE;
    }
  }
  return at;
}

bool mailc_pop3_read_data(struct mailc_link *link, uint8_t *place,
                          struct mailc_span *piece) {
  struct mailc_span rest = mailc_link_unread(link);

  *piece = (struct mailc_span){NULL, 0};
  if (rest.len == 0) {
    return false;
  }
  if (*place == MAILC_POP3_AT_START && rest.data[0] == '.') {
    if (rest.len == 1 || (rest.data[1] == '\r' && rest.len == 2)) {
      return false;
    }
    if (rest.data[1] == '\r' && rest.data[2] == '\n') {
      mailc_link_consume(link, 3);
      return true;
    }
    mailc_link_consume(link, 1);
    rest = mailc_link_unread(link);
    *place = MAILC_POP3_IN_LINE;
  }
  *piece = (struct mailc_span){rest.data, run_len(rest, place)};
  mailc_link_consume(link, piece->len);
  return true;
}
