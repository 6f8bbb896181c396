/* Logging in with SASL (RFC 4422), the same for POP3 (RFC 5034) and SMTP (RFC
 * 4954).
 *
 * The library speaks the mechanisms below; for any other the caller answers
 * each challenge. A login is a struct mailc_login that the caller fills in and
 * gives to mailc_pop3_auth() or mailc_smtp_auth(). */
#ifndef MAILC_SASL_H
#define MAILC_SASL_H

#include <mailc/hash.h>
#include <mailc/span.h>
#include <mailc/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The mechanisms. A set of them is a uint32_t with bit 1 << mechanism. */
enum mailc_mech {
  MAILC_MECH_CALLER,      /* any other: the caller answers */
  MAILC_MECH_PLAIN,       /* RFC 4616 */
  MAILC_MECH_LOGIN,       /* of no RFC: prompts for the name and the password */
  MAILC_MECH_CRAM_MD5,    /* RFC 2195 */
  MAILC_MECH_SCRAM_SHA_1, /* RFC 5802, without channel binding */
  MAILC_MECH_SCRAM_SHA_256, /* RFC 7677 */
  MAILC_MECH_OAUTHBEARER,   /* RFC 7628: secret is the bearer token */
  MAILC_MECH_XOAUTH2,       /* the same before there was an RFC */
  MAILC_MECH_EXTERNAL,      /* RFC 4422 appendix A: TLS has said who it is */
  MAILC_MECH_ANONYMOUS,     /* RFC 4505: user is the trace information */
  MAILC_MECH_COUNT
};

/* The mechanisms that the library is compiled with; may be set by -D to a set
 * of 1u << mechanism, for a target where each octet counts. The caller answers
 * for the others. */
#ifndef MAILC_MECHS
#define MAILC_MECHS (~0u)
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

/* Defaults of the limits of struct mailc_login. RFC 5802 section 5.1 and RFC
 * 7677 section 4 ask for 4096 iterations at least. */
#define MAILC_ITERATIONS_MIN 4096u
#define MAILC_ITERATIONS_MAX 1000000u
#define MAILC_ROUNDS_MAX 16u

/* What to log in with. All of it is the caller's and stays in place until the
 * login has ended; the library keeps a pointer to it, no copy. Names and
 * secrets are UTF-8 without CR, LF and NUL. */
struct mailc_login {
  /* The mechanism's name, in any case, 1 to 20 of A-Z 0-9 - _ (RFC 4422
   * section 3.1). */
  struct mailc_span mech;
  /* The identity to act as; empty: that of the user. PLAIN, SCRAM, OAUTHBEARER
   * and EXTERNAL have it. */
  struct mailc_span authzid;
  /* EXTERNAL has neither; ANONYMOUS and OAUTHBEARER may lack the user, and
   * ANONYMOUS has no secret. Unused where the caller answers. */
  struct mailc_span user;
  struct mailc_span secret; /* or the token */
  /* Where the caller answers: the initial response, not in base64; no octets
   * are a response too, data NULL means that there is no response. */
  struct mailc_span first;
  /* SCRAM: random visible octets without a comma, new for each login (RFC 5802
   * section 5.1); 18 octets of entropy, 24 in base64, are good. */
  struct mailc_span nonce;
  /* SCRAM: memory for the time of the login, wiped at its end. It holds 32
   * octets, the names, the server's first message and both nonces once more;
   * 1024 octets serve any usual server. */
  struct mailc_buffer scratch;
  /* OAUTHBEARER: the host and the port that the token is for, as the client
   * connected to them; empty and 0: not given. */
  struct mailc_span host;
  uint16_t port;           /* 0: not given */
  uint32_t rounds_max;     /* challenges of one login; 0: MAILC_ROUNDS_MAX */
  uint32_t iterations_min; /* SCRAM: hash iterations that the server may ask */
  uint32_t iterations_max; /* for; 0: the defaults above */
  enum mailc_initial initial; /* whether AUTH has the first response */
  bool is_raw;      /* the caller answers for the library's mechanisms too */
  bool is_prepared; /* SCRAM: user, authzid and secret are outside ASCII and
                       were prepared by SASLprep (RFC 4013) */
};

/* A login that is going on. Of the library's. */
struct mailc_sasl {
  const struct mailc_login *login; /* NULL: none is */
  const struct mailc_hash *hash;   /* NULL: no hash port */
  uint8_t mech;                    /* enum mailc_mech */
  uint8_t step;                    /* responses given by the library */
  bool is_bare;                    /* AUTH must not have a response */
  uint32_t round_count;            /* challenges received */
};

/* Returns the mechanism of this name, MAILC_MECH_CALLER for any other.
 *   name  in: in any case, RFC 4422 section 3.1 */
enum mailc_mech mailc_mech_of(struct mailc_span name);

/* Returns its registered name; "" for MAILC_MECH_CALLER. Static.
 *   mech  in: one of the enum */
const char *mailc_mech_name(enum mailc_mech mech);

/* Returns the set of the mechanisms that are named, bits 1 << enum mailc_mech.
 *   names  in: with blanks between, as EHLO and CAPA have them */
uint32_t mailc_mechs_of(struct mailc_span names);

/* Returns whether it sends a secret, or an assertion as good as one, which
 * whoever listens could use: PLAIN, LOGIN, OAUTHBEARER, XOAUTH2, and what the
 * caller answers, as nothing is known of it.
 *   mech  in: one of the enum */
bool mailc_mech_is_clear(enum mailc_mech mech);

/* Returns whether it needs a hash port: CRAM-MD5 and both SCRAM.
 *   mech  in: one of the enum */
bool mailc_mech_needs_hash(enum mailc_mech mech);

/* The set of those that take a name and a password. */
#define MAILC_MECHS_PASSWORD                                                   \
  (1u << MAILC_MECH_PLAIN | 1u << MAILC_MECH_LOGIN |                           \
   1u << MAILC_MECH_CRAM_MD5 | 1u << MAILC_MECH_SCRAM_SHA_1 |                  \
   1u << MAILC_MECH_SCRAM_SHA_256)

#ifdef __cplusplus
}
#endif

#endif
