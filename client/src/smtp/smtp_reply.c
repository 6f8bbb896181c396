#include "smtp/smtp_reply.h"

/* The code that a line begins with, or 0. */
static uint16_t code_of(struct mailc_span line) {
  unsigned code = 0;

  if (line.len < 3 || line.data[0] < '2' || line.data[0] > '5') {
    return 0;
  }
  for (size_t i = 0; i < 3; i++) {
    if (line.data[i] < '0' || line.data[i] > '9') {
      return 0;
    }
    code = code * 10 + (line.data[i] - (unsigned)'0');
  }
  return (uint16_t)code;
}

enum mailc_smtp_line mailc_smtp_reply_line(struct mailc_span line,
                                           unsigned line_count, uint16_t *code,
                                           struct mailc_span *text) {
  uint16_t found = code_of(line);

  if (found == 0 || (line_count != 0 && found != *code)) {
    return MAILC_SMTP_LINE_BAD;
  }
  *code = found;
  if (line.len == 3) {
    *text = (struct mailc_span){line.data + 3, 0};
    return MAILC_SMTP_LINE_LAST;
  }
  *text = (struct mailc_span){line.data + 4, line.len - 4};
  if (line.data[3] == '-') {
    return MAILC_SMTP_LINE_MORE;
  }
  return line.data[3] == ' ' ? MAILC_SMTP_LINE_LAST : MAILC_SMTP_LINE_BAD;
}
