/* The timestamp in a greeting. RFC 1939 section 7 wants a msg-id of RFC 822:
 *
 *   msg-id     = "<" local-part "@" domain ">"
 *   local-part = atom *("." atom)
 *   domain     = atom *("." atom), each or all a "[" literal "]"
 *
 * Quoted words are left out, as nobody sends them. Taking any text in brackets
 * would let a false server choose what is hashed with the secret. */
#include "pop3_line.h"

#include <string.h>

static bool is_atom_octet(uint8_t octet) {
  return octet > ' ' && octet < 0x7f &&
         memchr("()<>@,;:\\\".[]", octet, 13) == NULL;
}

/* The length of the atoms, joined by dots, at `at`; 0 if there are none. */
static size_t atoms_len(struct mailc_span text, size_t at) {
  size_t end = at;
  bool is_in_atom = false;

  while (end < text.len) {
    if (is_atom_octet(text.data[end])) {
      is_in_atom = true;
    } else if (text.data[end] == '.' && is_in_atom) {
      is_in_atom = false;
    } else {
      break;
    }
    end++;
  }
  return is_in_atom ? end - at : 0;
}

/* The length of the domain literal at `at`; 0 if there is none. */
static size_t literal_len(struct mailc_span text, size_t at) {
  size_t end = at;

  if (end == text.len || text.data[end] != '[') {
    return 0;
  }
  end++;
  while (end < text.len && text.data[end] > ' ' && text.data[end] < 0x7f &&
         memchr("<>[]\\", text.data[end], 5) == NULL) {
    end++;
  }
  if (end == text.len || text.data[end] != ']') {
    return 0;
  }
  return end + 1 - at;
}

/* The length of the msg-id at `at`, where its "<" is; 0 if it is none. */
static size_t msg_id_len(struct mailc_span text, size_t at) {
  size_t end = at + 1;
  size_t len = atoms_len(text, end);

  if (len == 0 || end + len == text.len || text.data[end + len] != '@') {
    return 0;
  }
  end += len + 1;
  len = atoms_len(text, end);
  if (len == 0) {
    len = literal_len(text, end);
  }
  if (len == 0 || end + len == text.len || text.data[end + len] != '>') {
    return 0;
  }
  return end + len + 1 - at;
}

struct mailc_span mailc_pop3_timestamp(struct mailc_span greeting) {
  for (size_t at = 0; at < greeting.len; at++) {
    size_t len = greeting.data[at] == '<' ? msg_id_len(greeting, at) : 0;

    if (len != 0) {
      return (struct mailc_span){greeting.data + at, len};
    }
  }
  return (struct mailc_span){NULL, 0};
}
