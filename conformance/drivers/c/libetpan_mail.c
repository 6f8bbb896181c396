/* The mail transaction of SMTP and LMTP. */
#include "driver.h"
#include "libetpan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static clist *accepted; /* the recipients of this transaction, for LMTP */

void forget_recipients(void) {
  if (accepted != NULL) {
    for (clistiter *at = clist_begin(accepted); at != NULL; at = clist_next(at))
      free(clist_content(at));
    clist_free(accepted);
  }
  accepted = clist_new();
}

const char *smtp_mail(void) {
  const char *envid = NULL, *size = "0";
  int is_full = -1;
  for (size_t i = 0; i < json_array_size(arg_list("params")); i++) {
    const char *text = json_string_value(json_array_get(arg_list("params"), i));
    if (strncasecmp(text, "RET=", 4) == 0)
      is_full = strcasecmp(text + 4, "FULL") == 0;
    else if (strncasecmp(text, "ENVID=", 6) == 0)
      envid = text + 6;
    else if (strncasecmp(text, "SIZE=", 5) == 0)
      size = text + 5;
    else
      return "unsupported";
  }
  forget_recipients();
  if (json_array_size(arg_list("params")) == 0)
    return smtp_outcome(mailsmtp_mail(smtp, arg("from")));
  return smtp_outcome(mailesmtp_mail_size(smtp, arg("from"), is_full == 1,
                                          envid, strtoul(size, NULL, 10)));
}

static int notify_flags(const char *words) {
  static const struct {
    const char *word;
    int flag;
  } known[] = {{"SUCCESS", MAILSMTP_DSN_NOTIFY_SUCCESS},
               {"FAILURE", MAILSMTP_DSN_NOTIFY_FAILURE},
               {"DELAY", MAILSMTP_DSN_NOTIFY_DELAY},
               {"NEVER", MAILSMTP_DSN_NOTIFY_NEVER}};
  int flags = 0;
  for (; *words != '\0'; words += strcspn(words, ","), words += *words == ',')
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      if (strncasecmp(words, known[i].word, strlen(known[i].word)) == 0)
        flags |= known[i].flag;
  return flags;
}

const char *smtp_rcpt(void) {
  const char *orcpt = NULL;
  int flags = 0;
  for (size_t i = 0; i < json_array_size(arg_list("params")); i++) {
    const char *text = json_string_value(json_array_get(arg_list("params"), i));
    if (strncasecmp(text, "NOTIFY=", 7) == 0)
      flags = notify_flags(text + 7);
    else if (strncasecmp(text, "ORCPT=", 6) == 0)
      orcpt = text + 6;
    else
      return "unsupported";
  }
  int error = mailesmtp_rcpt(smtp, arg("to"), flags, orcpt);
  if (error == MAILSMTP_NO_ERROR)
    clist_append(accepted, strdup(arg("to")));
  return smtp_outcome(error);
}

/* LMTP has a reply for each recipient; libetpan hands over their codes. */
static const char *deliver(const char *octets, size_t length) {
  enum { MOST = 64 };
  int codes[MOST] = {0}, sent = 0, first_bad = 0, at = 0;
  bool is_whole = true;
  if (clist_count(accepted) > MOST)
    return "unsupported";
  maillmtp_data_message(smtp, octets, length, accepted, codes);
  json_t *rows = json_array();
  for (clistiter *it = clist_begin(accepted); it != NULL; it = clist_next(it)) {
    int code = codes[at++];
    bool is_ok = code / 100 == 2;
    sent += is_ok;
    is_whole = is_whole && code != 0;
    first_bad = is_ok || first_bad ? first_bad : code;
    json_array_append_new(rows, json_pack("[ssio]", clist_content(it),
                                          is_ok ? "ok" : smtp_outcome_of(code),
                                          code, json_null()));
  }
  put("rcpt", rows);
  put("delivery", json_string(sent > 0           ? "sent"
                              : first_bad >= 400 ? "not-sent"
                                                 : "unknown"));
  return !is_whole ? "failed" : sent > 0 ? "ok" : smtp_outcome_of(first_bad);
}

const char *smtp_data(void) {
  size_t length;
  const char *octets = arg_octets("message", &length);
  if (octets == NULL)
    return "unsupported";
  put("delivery", json_string("not-sent"));
  int error = mailsmtp_data(smtp);
  if (error != MAILSMTP_NO_ERROR)
    return smtp_outcome(error);
  smtp->response_code = 0;
  if (is_lmtp)
    return deliver(octets, length);
  error = mailsmtp_data_message(smtp, octets, length);
  put("delivery", json_string(error == MAILSMTP_NO_ERROR   ? "sent"
                              : smtp->response_code >= 400 ? "not-sent"
                                                           : "unknown"));
  return smtp_outcome(error);
}
