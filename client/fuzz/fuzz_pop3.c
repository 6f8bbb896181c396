/* The target pop3: a POP3 session and a hostile server. */
#include "pop3.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};

  fuzz_pop3(&input);
  return 0;
}
