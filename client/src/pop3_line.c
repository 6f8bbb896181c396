/* Status lines and the lines of lists. */
#include "pop3_line.h"

#include "number.h"

#include <string.h>

static bool begins_with(struct mailc_span text, const char *word) {
  size_t len = strlen(word);

  return text.len >= len && memcmp(text.data, word, len) == 0;
}

static struct mailc_span behind(struct mailc_span text, size_t len) {
  return (struct mailc_span){text.data + len, text.len - len};
}

static bool is_blank(uint8_t octet) { return octet == ' ' || octet == '\t'; }

/* Takes the blanks that the text begins with; false if there are none. */
static bool skip_blanks(struct mailc_span *text) {
  size_t len = 0;

  while (len < text->len && is_blank(text->data[len])) {
    len++;
  }
  *text = behind(*text, len);
  return len != 0;
}

/* Takes a number that a blank or the end follows. */
static bool take_number(struct mailc_span *text, uint64_t max,
                        uint64_t *number) {
  size_t len = mailc_number_scan(text->data, text->len, max, number);

  *text = behind(*text, len);
  return len != 0 && (text->len == 0 || is_blank(text->data[0]));
}

/* Two numbers, RFC 1939 section 5; what follows them is left alone. */
static bool read_numbers(struct mailc_span text, uint64_t min,
                         struct mailc_pop3_event *event) {
  uint64_t number = 0;

  if (!take_number(&text, UINT32_MAX, &number) || number < min ||
      !skip_blanks(&text) || !take_number(&text, UINT64_MAX, &event->size)) {
    return false;
  }
  event->number = (uint32_t)number;
  return true;
}

/* A number and a unique id, RFC 1939 section 7. */
static bool read_uid(struct mailc_span text, struct mailc_pop3_event *event) {
  uint64_t number = 0;

  if (!take_number(&text, UINT32_MAX, &number) || number == 0 ||
      !skip_blanks(&text) || text.len == 0) {
    return false;
  }
  for (size_t i = 0; i < text.len; i++) {
    if (text.data[i] < 0x21 || text.data[i] > 0x7e) {
      return false;
    }
  }
  event->number = (uint32_t)number;
  event->value = text;
  return true;
}

/* The values that the positive answer to a command has to carry. */
static bool read_values(const struct mailc_pop3_slot *slot,
                        struct mailc_span text,
                        struct mailc_pop3_event *event) {
  if (slot->command == MAILC_POP3_STAT) {
    return read_numbers(text, 0, event);
  }
  if (slot->command == MAILC_POP3_LIST_ONE) {
    return read_numbers(text, 1, event) && event->number == slot->number;
  }
  if (slot->command == MAILC_POP3_UIDL_ONE) {
    return read_uid(text, event) && event->number == slot->number;
  }
  return true;
}

/* Whether what follows the status indicator sets it apart: a blank, or in the
 * greeting, which RFC 2449 section 3 allows to go on at once, a bracket. */
static bool is_set_apart(struct mailc_span text, bool is_greeting) {
  return text.len == 0 || is_blank(text.data[0]) ||
         (is_greeting && (text.data[0] == '[' || text.data[0] == '<'));
}

/* A plus and a blank, RFC 5034 section 4; before nothing servers leave it out.
 */
static bool is_challenge(struct mailc_span line) {
  return begins_with(line, "+ ") || (line.len == 1 && line.data[0] == '+');
}

/* The event of a positive answer. */
static enum mailc_pop3_fsm_event read_ok(const struct mailc_pop3_slot *slot,
                                         struct mailc_span text,
                                         struct mailc_pop3_event *event) {
  bool is_greeting = slot->command == MAILC_POP3_NO_COMMAND;

  if (!is_set_apart(text, is_greeting)) {
    return MAILC_POP3_EV_BAD_REPLY;
  }
  (void)skip_blanks(&text);
  if (!read_values(slot, text, event)) {
    return MAILC_POP3_EV_BAD_REPLY;
  }
  return is_greeting ? MAILC_POP3_EV_GREETING_OK : MAILC_POP3_EV_REPLY_OK;
}

enum mailc_pop3_fsm_event
mailc_pop3_read_status(const struct mailc_pop3_slot *slot,
                       struct mailc_span line, struct mailc_pop3_event *event) {
  bool is_greeting = slot->command == MAILC_POP3_NO_COMMAND;

  event->text = line;
  if (begins_with(line, "+OK")) {
    return read_ok(slot, behind(line, 3), event);
  }
  if (slot->command == MAILC_POP3_AUTH && is_challenge(line)) {
    event->text = behind(line, line.len == 1 ? 1 : 2);
    return MAILC_POP3_EV_REPLY_CONTINUE;
  }
  if (begins_with(line, "-ERR") && is_set_apart(behind(line, 4), is_greeting)) {
    return is_greeting ? MAILC_POP3_EV_GREETING_REFUSED
                       : MAILC_POP3_EV_REPLY_ERR;
  }
  return MAILC_POP3_EV_BAD_REPLY;
}

/* A word and what follows it: a keyword and its parameters (RFC 2449 section
 * 5), a language's tag and its description (RFC 6856 section 3). */
static void read_word(struct mailc_span line, struct mailc_pop3_event *event) {
  size_t len = 0;

  while (len < line.len && !is_blank(line.data[len])) {
    len++;
  }
  event->text = (struct mailc_span){line.data, len};
  event->value = behind(line, len);
  (void)skip_blanks(&event->value);
  while (event->value.len != 0 &&
         is_blank(event->value.data[event->value.len - 1])) {
    event->value.len--;
  }
}

enum mailc_pop3_fsm_event
mailc_pop3_read_line(const struct mailc_pop3_slot *slot, struct mailc_span line,
                     struct mailc_pop3_event *event) {
  bool is_good = true;

  if (begins_with(line, ".")) {
    if (line.len == 1) {
      return MAILC_POP3_EV_TERMINATOR;
    }
    line = behind(line, 1);
  }
  event->kind = MAILC_POP3_EVENT_ITEM;
  event->command = (enum mailc_pop3_command)slot->command;
  if (slot->command == MAILC_POP3_CAPA) {
    event->kind = MAILC_POP3_EVENT_CAPABILITY;
    read_word(line, event);
  } else if (slot->command == MAILC_POP3_LANG) {
    event->kind = MAILC_POP3_EVENT_LANGUAGE;
    read_word(line, event);
    is_good = event->text.len != 0;
  } else if (slot->command == MAILC_POP3_LIST) {
    is_good = read_numbers(line, 1, event);
  } else {
    is_good = read_uid(line, event);
  }
  return is_good ? MAILC_POP3_EV_REPLY_OK : MAILC_POP3_EV_BAD_REPLY;
}
