/* Logging in with SASL (RFC 4422), the same for POP3 and SMTP. */
#ifndef MAILC_SASL_H
#define MAILC_SASL_H

#include <mailc/hash.h>
#include <mailc/span.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Whether the AUTH command carries the first response. */
enum mailc_initial {
  /* The library's choice: yes where the mechanism has the client speak first
   * and the line stays within the protocol's limit, otherwise no. */
  MAILC_INITIAL_OWN,
  /* As OWN, and for LOGIN too, which then sends the user's name. */
  MAILC_INITIAL_YES,
  /* Never; the server's empty challenge is answered instead. */
  MAILC_INITIAL_NO
};

/* What to log in with. All of it is the caller's and stays in place until the
 * login has ended; the library keeps a pointer to it, no copy. */
struct mailc_login {
  /* The mechanism's name, in any case, 1 to 20 of A-Z 0-9 - _ (RFC 4422
   * section 3.1). PLAIN (RFC 4616), LOGIN and CRAM-MD5 (RFC 2195) are done by
   * the library; for any other the caller answers each challenge. */
  struct mailc_span mech;
  /* The identity to act as; empty: that of the user. Only PLAIN has it. */
  struct mailc_span authzid;
  /* UTF-8, neither empty, no CR, LF or NUL. Unused where the caller answers. */
  struct mailc_span user;
  struct mailc_span secret;
  /* Where the caller answers: the initial response, not in base64; no octets
   * are a response too, data NULL is none. */
  struct mailc_span first;
  enum mailc_initial initial;
  bool is_raw; /* the caller answers for the library's mechanisms too */
};

/* A login that is going on. Of the library's. */
struct mailc_sasl {
  const struct mailc_login *login;
  const struct mailc_hash *hash; /* NULL: there is none */
  uint8_t mech;
  uint8_t step; /* responses given */
};

#ifdef __cplusplus
}
#endif

#endif
