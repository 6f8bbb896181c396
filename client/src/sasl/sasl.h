/* The client's side of the mechanisms that the library knows, and what AUTH has
 * in common in POP3 (RFC 5034) and SMTP (RFC 4954). No I/O: responses are put
 * into the transmit buffer of a link. */
#ifndef MAILC_SRC_SASL_H
#define MAILC_SRC_SASL_H

#include "common/base64.h"
#include "common/link.h"

#include <mailc/hash.h>
#include <mailc/sasl.h>
#include <mailc/status.h>
#include <stdbool.h>

/* A login, from the command to its end. */

/* Checks `login` and begins with it; sends nothing. E_ARGUMENT: a name, a
 * secret, the nonce or the scratch buffer is missing, the mechanism's name is
 * none, or it has no authzid; E_TEXT: CR, LF or NUL in a field, or no UTF-8;
 * E_UNPREPARED: SCRAM with a field outside ASCII; E_NO_HASH: the mechanism
 * needs a hash and there is none. */
enum mailc_status mailc_sasl_begin(struct mailc_sasl *sasl,
                                   const struct mailc_login *login,
                                   const struct mailc_hash *hash);

/* What the policy says to this login, given the mechanisms that the server
 * offers: E_NOT_OFFERED, E_CLEAR_SECRET or MAILC_OK. A mechanism that the
 * caller answers is taken as offered. */
enum mailc_status mailc_sasl_check(const struct mailc_sasl *sasl,
                                   uint32_t offered, enum mailc_policy policy,
                                   bool has_tls);

/* The strongest mechanism of those that are both `offered` and `allowed`, that
 * the policy admits and that need no hash if there is none;
 * MAILC_MECH_CALLER if there is none. The server's order does not matter. */
enum mailc_mech mailc_sasl_choose(uint32_t offered, uint32_t allowed,
                                  enum mailc_policy policy, bool has_tls,
                                  const struct mailc_hash *hash);

/* Puts AUTH, the mechanism and the initial response where it may have one and
 * the line stays within `max` octets; no response at all is "=" (RFC 4954
 * section 4, RFC 5034 section 4). E_TOO_LONG: the line, or a later response
 * whose length is known now, does not fit the transmit buffer. */
enum mailc_status mailc_sasl_write_auth(struct mailc_sasl *sasl,
                                        struct mailc_link *link, size_t max);

/* What follows from a challenge. */
enum mailc_sasl_turn {
  MAILC_SASL_RESPONSE, /* a response was put: move by RESPONSE */
  MAILC_SASL_CANCEL,   /* a lone star was put: move by CANCEL */
  MAILC_SASL_CALLER    /* the caller is to answer: give it the challenge */
};

/* Takes a challenge, in base64, that lies in the link's receive buffer, where
 * it is decoded in place; a response or the star is put. `challenge` becomes
 * the octets for the caller. *why: for CANCEL, the status that the login is to
 * end with: E_CHALLENGE, E_PROOF, E_ITERATIONS, E_TOO_MANY_ROUNDS, E_BUFFER,
 * E_NO_HASH, E_AUTH. */
enum mailc_sasl_turn mailc_sasl_read_challenge(struct mailc_sasl *sasl,
                                               struct mailc_link *link,
                                               struct mailc_span *challenge,
                                               enum mailc_status *why);

/* Puts the response of the caller's to a challenge. E_ARGUMENT, E_TOO_LONG. */
enum mailc_status mailc_sasl_write_answer(struct mailc_link *link,
                                          struct mailc_span octets);

/* Puts a lone star, which cancels the login. */
void mailc_sasl_write_cancel(struct mailc_link *link);

/* Whether a server that says yes now is to be believed: MAILC_OK; E_REPLY where
 * the client has not yet shown all that its mechanism has it show (RFC 4422
 * section 5); E_PROOF where SCRAM's server has not shown that it knows the
 * secret (RFC 5802 section 5). An engine makes the latter two BAD_REPLY with
 * that status. */
enum mailc_status mailc_sasl_check_success(const struct mailc_sasl *sasl);

/* The login is over: wipes the scratch buffer and forgets the login. Does
 * nothing where none is going on. */
void mailc_sasl_end(struct mailc_sasl *sasl);

#endif
