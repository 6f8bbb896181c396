/* A wiped secret is gone, its neighbours are not. */
#include "check.h"
#include "common/secret.h"

int main(void) {
  char octets[] = "<tanstaaf>";

  mailc_wipe(octets + 1, 8);
  CHECK_OCTETS(octets, 10, "<\0\0\0\0\0\0\0\0>");
  mailc_wipe(octets, 0);
  CHECK(octets[0] == '<');
  return check_status();
}
