/* SCRAM, RFC 5802 and RFC 7677, without channel binding. What it keeps between
 * the messages lies in the login's scratch buffer: the signature that the
 * server has to show, then the text that both sides sign. */
#ifndef MAILC_SRC_SASL_SCRAM_H
#define MAILC_SRC_SASL_SCRAM_H

#include "common/base64.h"

#include <mailc/sasl.h>
#include <mailc/status.h>

/* Adds a name in which `,` and `=` are escaped (RFC 5802 section 5.1). */
void mailc_scram_add_name(struct mailc_base64 *out, struct mailc_span name);

/* Adds what says that there is no channel binding, and the authzid. */
void mailc_scram_add_header(struct mailc_base64 *out,
                            struct mailc_span authzid);

/* Writes the client's first message. E_BUFFER: the scratch is too small. */
enum mailc_status mailc_scram_first(const struct mailc_sasl *sasl,
                                    struct mailc_base64 *out);

/* Reads the server's first message and writes the client's final one.
 * E_CHALLENGE, E_ITERATIONS, E_BUFFER, E_NO_HASH. */
enum mailc_status mailc_scram_final(const struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out);

/* Reads the server's final message. E_PROOF: it does not prove that the server
 * knows the secret; E_AUTH: it says that the login failed. */
enum mailc_status mailc_scram_verify(const struct mailc_sasl *sasl,
                                     struct mailc_span challenge);

#endif
