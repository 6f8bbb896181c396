/* The responses of the mechanisms, in base64. */
#ifndef MAILC_SRC_SASL_RESPONSE_H
#define MAILC_SRC_SASL_RESPONSE_H

#include "common/base64.h"

#include <mailc/sasl.h>
#include <mailc/status.h>

/* Writes the first response of a mechanism in which the client speaks first, or
 * of LOGIN, or the caller's own; nothing for the others. E_BUFFER: the scratch
 * buffer is too small. */
enum mailc_status mailc_sasl_first(const struct mailc_sasl *sasl,
                                   struct mailc_base64 *out);

/* Answers a decoded challenge of a mechanism of the library's. Where the client
 * speaks first, the challenge before that is empty; LOGIN's are prompts, of
 * which servers send various forms. E_CHALLENGE: the mechanism has no answer to
 * it, and those of mailc_sasl_read_challenge(): the login has to be cancelled.
 */
enum mailc_status mailc_sasl_answer(struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out);

#endif
