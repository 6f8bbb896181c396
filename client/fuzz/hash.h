/* A hash port that is quick, and whose results a fuzzer can guess: every digest
 * is the same, so that it finds the way behind a proof. */
#ifndef MAILC_FUZZ_HASH_H
#define MAILC_FUZZ_HASH_H

#include <mailc/hash.h>

/* What every octet of a digest is. */
#define FUZZ_DIGEST 0x5A

extern const struct mailc_hash fuzz_hash;

/* Whether the library works from now on, or refuses. */
void fuzz_hash_begin(bool works);

#endif
