/* One play of a vector by the ops of the driver, and its log. */
#ifndef MAILC_REPLAY_SESSION_H
#define MAILC_REPLAY_SESSION_H

#include "timeline.h"

/* What must be the same however the octets are cut. */
struct replay_log {
  json_t *answers; /* of each call: outcome, values, moves */
  uint8_t *sent;
  size_t sent_len;
};

/* Whether the ops can play a vector: they claim what it needs. */
bool replay_can_play(const struct replay_vector *vector);

/* What is wrong with a vector of which a call is unsupported. */
extern const char replay_unsupported[];

/* Plays and judges by the vector itself. NULL, or what is wrong: a sentence
 * that is valid until the next call. *log is to be freed. */
const char *replay_record(const struct replay_path *path,
                          struct replay_log *log);
void replay_free(struct replay_log *log);

/* Plays by a plan and compares with a log. NULL, or what is wrong. */
const char *replay_compare(const struct replay_path *path,
                           const struct replay_plan *plan,
                           const struct replay_log *log);

/* The outcome of the last answer of the play before, static or of its answer.
 */
const char *replay_last_outcome(void);

#endif
