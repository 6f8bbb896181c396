/* Status lines and the lines of lists. */
#include "pop3/pop3_line.h"

#include "common/number.h"
#include "common/text.h"

#include <string.h>

static void skip(struct mailc_span *text, size_t len) {
  text->data += len;
  text->len -= len;
}

/* Takes the word that the text begins with; false if that is another one. */
static bool take(struct mailc_span *text, const char *word) {
  size_t len = strlen(word);

  if (text->len < len || memcmp(text->data, word, len) != 0) {
    return false;
  }
  skip(text, len);
  return true;
}

static bool is_blank(uint8_t octet) { return octet == ' ' || octet == '\t'; }

/* Whether a word ends where the text begins. */
static bool is_at_end(const struct mailc_span *text) {
  return text->len == 0 || is_blank(text->data[0]);
}

/* Takes the blanks that the text begins with; false if there are none. */
static bool skip_blanks(struct mailc_span *text) {
  size_t before = text->len;

  while (text->len != 0 && is_blank(text->data[0])) {
    skip(text, 1);
  }
  return text->len != before;
}

/* Takes the blanks at the end. */
static void trim(struct mailc_span *text) {
  while (text->len != 0 && is_blank(text->data[text->len - 1])) {
    text->len--;
  }
}

/* Takes a number that a blank or the end follows. */
static bool take_number(struct mailc_span *text, uint64_t max,
                        uint64_t *number) {
  size_t len = mailc_number_scan(text->data, text->len, max, number);

  skip(text, len);
  return len != 0 && is_at_end(text);
}

/* A number and what it has: a unique id (RFC 1939 section 7) or octets (section
 * 5), where what follows is left alone. Blanks around them do no harm. */
static bool read_item(unsigned command, struct mailc_span *text,
                      struct mailc_pop3_event *event) {
  uint64_t number = 0;

  (void)skip_blanks(text);
  if (!take_number(text, UINT32_MAX, &number) ||
      (number == 0 && command != MAILC_POP3_STAT) || !skip_blanks(text)) {
    return false;
  }
  event->number = (uint32_t)number;
  if (command == MAILC_POP3_UIDL || command == MAILC_POP3_UIDL_ONE) {
    trim(text);
    event->value = *text;
    return mailc_text_kinds(*text) == MAILC_TEXT_VISIBLE;
  }
  return take_number(text, UINT64_MAX, &event->size);
}

/* The values that the positive answer to a command has to carry. */
static bool read_values(const struct mailc_pop3_slot *slot,
                        struct mailc_span *text,
                        struct mailc_pop3_event *event) {
  switch (slot->command) {
  case MAILC_POP3_STAT:
  case MAILC_POP3_LIST_ONE:
  case MAILC_POP3_UIDL_ONE:
    return read_item(slot->command, text, event) &&
           (slot->number == 0 || event->number == slot->number);
  default:
    return true;
  }
}

/* Whether what follows the status indicator sets it apart: a blank, or in the
 * greeting, which RFC 2449 section 3 allows to go on at once, a bracket. */
static bool is_set_apart(const struct mailc_span *text, bool is_greeting) {
  return is_at_end(text) ||
         (is_greeting && (text->data[0] == '[' || text->data[0] == '<'));
}

/* Takes a plus and a blank, RFC 5034 section 4; before nothing servers leave it
 * out. */
static bool take_challenge(struct mailc_span *line) {
  return take(line, "+ ") || (line->len == 1 && take(line, "+"));
}

enum mailc_pop3_fsm_event
mailc_pop3_read_status(const struct mailc_pop3_slot *slot,
                       struct mailc_span line, struct mailc_pop3_event *event) {
  bool is_greeting = slot->command == MAILC_POP3_NO_COMMAND;
  bool is_ok = false;

  event->text = line;
  is_ok = take(&line, "+OK");
  if (!is_ok && slot->command == MAILC_POP3_AUTH && take_challenge(&line)) {
    event->text = line;
    return MAILC_POP3_EV_REPLY_CONTINUE;
  }
  if ((!is_ok && !take(&line, "-ERR")) || !is_set_apart(&line, is_greeting)) {
    return MAILC_POP3_EV_BAD_REPLY;
  }
  if (!is_ok) {
    return is_greeting ? MAILC_POP3_EV_GREETING_REFUSED
                       : MAILC_POP3_EV_REPLY_ERR;
  }
  if (!read_values(slot, &line, event)) {
    return MAILC_POP3_EV_BAD_REPLY;
  }
  return is_greeting ? MAILC_POP3_EV_GREETING_OK : MAILC_POP3_EV_REPLY_OK;
}

/* A word and what follows it: a keyword and its parameters (RFC 2449 section
 * 5), a language's tag and its description (RFC 6856 section 3). */
static void read_word(struct mailc_span *line, struct mailc_pop3_event *event) {
  event->text = *line;
  while (!is_at_end(line)) {
    skip(line, 1);
  }
  event->text.len -= line->len;
  (void)skip_blanks(line);
  trim(line);
  event->value = *line;
}

enum mailc_pop3_fsm_event
mailc_pop3_read_line(const struct mailc_pop3_slot *slot, struct mailc_span line,
                     struct mailc_pop3_event *event) {
  bool is_good = true;

  if (take(&line, ".") && line.len == 0) {
    return MAILC_POP3_EV_TERMINATOR;
  }
  event->kind = MAILC_POP3_EVENT_ITEM;
  event->command = (enum mailc_pop3_command)slot->command;
  if (slot->command == MAILC_POP3_CAPA) {
    event->kind = MAILC_POP3_EVENT_CAPABILITY;
    read_word(&line, event);
  } else if (MAILC_HAS(LANG) && slot->command == MAILC_POP3_LANG) {
    event->kind = MAILC_POP3_EVENT_LANGUAGE;
    read_word(&line, event);
    is_good = event->text.len != 0;
  } else {
    is_good = read_item(slot->command, &line, event);
  }
  return is_good ? MAILC_POP3_EV_REPLY_OK : MAILC_POP3_EV_BAD_REPLY;
}
