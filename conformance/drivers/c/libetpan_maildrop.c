/* What a session of POP3 does with its maildrop, once it has logged in. */
#include "driver.h"
#include "libetpan.h"

const char *pop3_stat(void) {
  struct mailpop3_stat_response *numbers;
  int error = mailpop3_stat(pop3, &numbers);
  if (error != MAILPOP3_NO_ERROR)
    return pop3_outcome(error);
  put("count", json_integer(numbers->msgs_count));
  put("octets", json_integer((json_int_t)numbers->msgs_size));
  mailpop3_stat_resp_free(numbers);
  return "ok";
}

/* libetpan sends LIST and UIDL in one call and keeps both lists for the
   session. A list without unique-ids is a UIDL that failed. */
static const char *listing(bool is_unique) {
  carray *rows;
  int error = mailpop3_list(pop3, &rows);
  if (error != MAILPOP3_NO_ERROR)
    return pop3_outcome(error);
  json_t *items = json_array();
  put("items", items);
  for (unsigned i = 0; i < carray_count(rows); i++) {
    const struct mailpop3_msg_info *row = carray_get(rows, i);
    if (row != NULL && is_unique && row->msg_uidl == NULL)
      return "failed";
    if (row != NULL)
      json_array_append_new(
          items, is_unique ? json_pack("[Is]", (json_int_t)row->msg_index,
                                       row->msg_uidl)
                           : json_pack("[II]", (json_int_t)row->msg_index,
                                       (json_int_t)row->msg_size));
  }
  return "ok";
}

const char *pop3_list(void) { return listing(false); }
const char *pop3_uidl(void) { return listing(true); }

/* A number that the list does not have is refused without a command. */
static const char *of_message(int error) {
  carray *rows = pop3->pop3_msg_tab;
  unsigned n = (unsigned)arg_number("n", 0);
  if (error == MAILPOP3_ERROR_NO_SUCH_MESSAGE && rows != NULL &&
      (n == 0 || n > carray_count(rows) || carray_get(rows, n - 1) == NULL))
    return "rejected-locally";
  return pop3_outcome(error);
}

static const char *message(bool is_top) {
  char *octets;
  size_t length;
  unsigned n = (unsigned)arg_number("n", 0);
  int error = is_top ? mailpop3_top(pop3, n, (unsigned)arg_number("lines", 0),
                                    &octets, &length)
                     : mailpop3_retr(pop3, n, &octets, &length);
  if (error != MAILPOP3_NO_ERROR)
    return of_message(error);
  put("data_b64", base64(octets, length));
  mailpop3_retr_free(octets);
  return "ok";
}

const char *pop3_retr(void) { return message(false); }
const char *pop3_top(void) { return message(true); }
const char *pop3_dele(void) {
  return of_message(mailpop3_dele(pop3, (unsigned)arg_number("n", 0)));
}
