/* The octets of a message, where they were received. A stuffed dot is left out
 * by ending one piece before it and beginning the next behind it, so that
 * nothing has to be moved. RFC 1939 section 3: only CRLF ends a line, and only
 * a line that is one dot ends the message. */
#include "link.h"
#include "pop3_line.h"

#include <string.h>

/* Looks at a dot that a line begins with. True if it is the end; otherwise the
 * dot is stuffed and left out, or *is_short says that more octets are needed.
 */
static bool take_dot(struct mailc_link *link, uint8_t *place, bool *is_short) {
  struct mailc_span rest = mailc_link_rest(link);

  if (rest.len == 1 || (rest.len == 2 && rest.data[1] == '\r')) {
    *is_short = true;
    return false;
  }
  if (rest.data[1] == '\r' && rest.data[2] == '\n') {
    mailc_link_use(link, 3);
    return true;
  }
  mailc_link_use(link, 1);
  *place = MAILC_POP3_IN_LINE;
  return false;
}

/* The octets up to a dot that a line begins with, or all. */
static size_t run_len(struct mailc_span rest, uint8_t *place) {
  size_t at = 0;

  while (at < rest.len) {
    const uint8_t *lf = memchr(rest.data + at, '\n', rest.len - at);
    bool is_after_cr = false;

    if (lf == NULL) {
      *place = rest.data[rest.len - 1] == '\r' ? MAILC_POP3_AFTER_CR
                                               : MAILC_POP3_IN_LINE;
      return rest.len;
    }
    is_after_cr =
        lf == rest.data ? *place == MAILC_POP3_AFTER_CR : lf[-1] == '\r';
    at = (size_t)(lf - rest.data) + 1;
    *place = is_after_cr ? MAILC_POP3_AT_START : MAILC_POP3_IN_LINE;
    if (is_after_cr && at < rest.len && rest.data[at] == '.') {
      break;
    }
  }
  return at;
}

bool mailc_pop3_read_data(struct mailc_link *link, uint8_t *place,
                          struct mailc_span *piece) {
  struct mailc_span rest = mailc_link_rest(link);
  bool is_short = false;

  *piece = (struct mailc_span){NULL, 0};
  if (rest.len == 0) {
    return false;
  }
  if (*place == MAILC_POP3_AT_START && rest.data[0] == '.') {
    if (take_dot(link, place, &is_short)) {
      return true;
    }
    if (is_short) {
      return false;
    }
    rest = mailc_link_rest(link);
  }
  *piece = (struct mailc_span){rest.data, run_len(rest, place)};
  mailc_link_use(link, piece->len);
  return true;
}
