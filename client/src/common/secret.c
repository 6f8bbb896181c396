#include "common/secret.h"

void mailc_wipe(void *octets, size_t len) {
  /* Every store to a volatile object is an effect that has to take place. */
  volatile unsigned char *at = octets;

  while (len-- != 0) {
    *at++ = 0;
  }
}
