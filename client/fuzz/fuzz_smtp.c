/* The target smtp: an SMTP or LMTP session and a hostile server. */
#include "smtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};

  fuzz_smtp(&input);
  return 0;
}
