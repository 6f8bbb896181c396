/* The timestamp in a greeting. RFC 1939 section 7 wants a msg-id of RFC 822:
 *
 *   msg-id     = "<" local-part "@" domain ">"
 *   local-part = atom *("." atom)
 *   domain     = atom *("." atom), each or all a "[" literal "]"
 *
 * Quoted words are left out, as nobody sends them. Taking any text in brackets
 * would let a false server choose what is hashed with the secret. */
#include "pop3/pop3_line.h"

#include <string.h>

static bool is_atom_octet(uint8_t octet) {
  return octet > ' ' && octet < 0x7f &&
         memchr("()<>@,;:\\\".[]", octet, 13) == NULL;
}

static bool take_octet(struct mailc_span *text, uint8_t octet) {
  if (text->len == 0 || text->data[0] != octet) {
    return false;
  }
  text->data++;
  text->len--;
  return true;
}

/* Takes atoms, joined by dots; false if there are none. */
static bool take_atoms(struct mailc_span *text) {
  bool is_in_atom = false;

  for (; text->len != 0; text->data++, text->len--) {
    bool is_atom = is_atom_octet(text->data[0]);

    if (!is_atom && (!is_in_atom || text->data[0] != '.')) {
      break;
    }
    is_in_atom = is_atom;
  }
  return is_in_atom;
}

/* Takes a domain literal; false for anything else. */
static bool take_literal(struct mailc_span *text) {
  if (!take_octet(text, '[')) {
    return false;
  }
  while (text->len != 0 && text->data[0] > ' ' && text->data[0] < 0x7f &&
         memchr("<>[]\\", text->data[0], 5) == NULL) {
    (void)take_octet(text, text->data[0]);
  }
  return take_octet(text, ']');
}

/* Takes a msg-id; false for anything else. */
static bool take_msg_id(struct mailc_span *text) {
  struct mailc_span literal;

  if (!take_octet(text, '<') || !take_atoms(text) || !take_octet(text, '@')) {
    return false;
  }
  literal = *text;
  if (!take_atoms(text)) {
    *text = literal;
    if (!take_literal(text)) {
      return false;
    }
  }
  return take_octet(text, '>');
}

struct mailc_span mailc_pop3_timestamp(struct mailc_span greeting) {
  for (; greeting.len != 0; greeting.data++, greeting.len--) {
    struct mailc_span behind = greeting;

    if (take_msg_id(&behind)) {
      greeting.len -= behind.len;
      return greeting;
    }
  }
  return (struct mailc_span){NULL, 0};
}
