/* CRAM-MD5, RFC 2195. */
#ifndef MAILC_SRC_SASL_CRAM_H
#define MAILC_SRC_SASL_CRAM_H

#include "common/base64.h"

#include <mailc/sasl.h>
#include <mailc/status.h>

/* Answers the challenge: the user, a blank, HMAC-MD5 in lower-case hexadecimal
 * digits. E_CHALLENGE: it is empty; E_NO_HASH. */
enum mailc_status mailc_cram_md5(const struct mailc_sasl *sasl,
                                 struct mailc_span challenge,
                                 struct mailc_base64 *out);

#endif
