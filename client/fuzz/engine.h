/* Drives a session by an input, whatever the protocol, and holds it to what
 * <mailc/link.h> promises.
 *
 * An input is four octets of choices for the engine and two for the protocol,
 * then a stream. In the stream an octet below 0x80 is one of the server's, 0xFF
 * says that the next octet is, whatever it is, and any other is something that
 * happens, before which all of the server's octets so far are delivered: the
 * first of enum fuzz_happening, then the commands of the protocol's list, each
 * with an octet for its argument. */
#ifndef MAILC_FUZZ_ENGINE_H
#define MAILC_FUZZ_ENGINE_H

#include "fuzz.h"

#include <mailc/hash.h>
#include <mailc/link.h>
#include <mailc/sasl.h>

#define FUZZ_HAPPENS 0x80u
#define FUZZ_LITERAL 0xFFu

enum fuzz_happening {
  FUZZ_DELIVER,    /* nothing more: a cut */
  FUZZ_END,        /* the server closes */
  FUZZ_LATE,       /* time passes until the deadline */
  FUZZ_WAIT,       /* a millisecond passes */
  FUZZ_HOLD,       /* from now on nothing is sent, or it is again */
  FUZZ_TLS_UP,     /* the handshake succeeds */
  FUZZ_TLS_FAILED, /* it fails */
  FUZZ_HAPPENING_COUNT
};

/* The secret of every login, which must show up nowhere but in what is sent. */
#define FUZZ_SECRET MAILC_SPAN("tanstaaf~5ecret")

struct fuzz_engine;

/* The functions of a protocol's session. */
struct fuzz_protocol {
  size_t session_size;
  unsigned command_count;
  unsigned (*want)(const void *session);
  const uint8_t *(*tx_buf)(const void *session, size_t *len);
  enum mailc_status (*tx_ack)(void *session, size_t len);
  uint8_t *(*rx_buf)(void *session, size_t *len);
  enum mailc_status (*rx_ack)(void *session, size_t len);
  enum mailc_status (*rx_eof)(void *session);
  enum mailc_status (*tick)(void *session, uint64_t now_ms);
  uint64_t (*deadline_ms)(const void *session);
  enum mailc_status (*tls_up)(void *session);
  enum mailc_status (*tls_failed)(void *session, enum mailc_status cause);
  /* Takes an event and checks it; *is_none if there was none. */
  enum mailc_status (*next)(struct fuzz_engine *engine, bool *is_none);
  /* Gives command `number` of the list; *may_change if a session may change
   * although it refuses. */
  enum mailc_status (*give)(struct fuzz_engine *engine, unsigned number,
                            uint8_t argument, bool *may_change);
  /* Looks at what was just sent; optional. */
  void (*sent)(struct fuzz_engine *engine);
};

/* As much as is kept of what either side says; the run ends beyond it. */
#define FUZZ_KEPT_LEN ((size_t)1 << 17)

struct fuzz_engine {
  const struct fuzz_protocol *protocol;
  void *session;
  struct mailc_buffer rx;
  struct mailc_buffer tx;
  struct mailc_buffer scratch;
  struct mailc_buffer timestamp;
  uint8_t queue_cap;
  uint8_t flags[2]; /* of the protocol */
  bool trace_moves;
  const struct mailc_hash *hash;

  uint64_t now_ms;
  uint8_t cut;        /* how the server's octets are cut, and */
  uint8_t send_max;   /* how many leave at once; 0: all */
  uint32_t dice;      /* for cuts at random */
  bool is_holding;    /* nothing is sent */
  bool is_over;       /* the session wants nothing but to be closed */
  bool is_in_message; /* what is sent are no lines */
  enum mailc_status failure;
  size_t turn_count; /* calls that may bring events */
  size_t event_count;
  uint8_t last_sent;
  const uint8_t *rx_end; /* what was received ends there */

  /* Commands that were taken and not answered yet, the first first. */
  uint8_t asked[256];
  size_t asked_count;

  struct mailc_login logins[2]; /* the one that is going on, and the next */
  unsigned login_at;
  bool has_login; /* one was taken */

  uint8_t moved_to; /* the state that the last move led to */
  bool has_moved;

  size_t heard_len; /* octets of the server's that the session was given */
  size_t sent_len;
  uint8_t heard[FUZZ_KEPT_LEN];
  uint8_t sent[FUZZ_KEPT_LEN];
};

/* Reads the choices, and places the memory of a session. */
void fuzz_engine_begin(struct fuzz_engine *engine,
                       const struct fuzz_protocol *protocol,
                       struct fuzz_input *input);

/* Plays the stream on a session that is connected, and looks at what is left.
 */
void fuzz_engine_run(struct fuzz_engine *engine, struct fuzz_input *input);

/* For the protocols. */

/* A span of an event's lies in what was received, or in the timestamp. */
void fuzz_check_span(const struct fuzz_engine *engine, struct mailc_span span);

/* The move is a row of the table of "pop3" or "smtp", and follows the last. */
void fuzz_check_move(struct fuzz_engine *engine, const char *protocol,
                     struct mailc_move move);

/* A command was taken; it was answered, by its last event if `is_last`. */
void fuzz_asked(struct fuzz_engine *engine, unsigned command);
void fuzz_answered(struct fuzz_engine *engine, unsigned command, bool is_last);

/* A text of the caller's, good or bad, by number. */
struct mailc_span fuzz_text(uint8_t number);

/* A login by an octet: the mechanism in the first four bits, then two for the
 * initial response, one for is_raw and one for the authzid. It stays until a
 * login that was taken is followed by the next one that is. */
struct mailc_login *fuzz_login(struct fuzz_engine *engine, uint8_t choice);

/* The same mechanism as a set, to ask whether it is the best one. */
uint32_t fuzz_mech_set(const struct mailc_login *login);

/* A mechanism that is said to be the best of its set is not refused for what
 * the server offers, for the policy or for the hash. */
void fuzz_check_best(const struct mailc_login *login, enum mailc_mech best,
                     enum mailc_status status);

/* What the last login that was taken ended by: its scratch is wiped, and SCRAM
 * has seen the server's proof. */
void fuzz_check_login(const struct fuzz_engine *engine,
                      enum mailc_status status);

#endif
