/* A driver that answers hello and then, asked for anything else, does what
 * FAULT says. */
#include <stdio.h>

static void skip_line(void) {
  int octet = 0;

  while (octet != '\n' && (octet = getchar()) != EOF) {
  }
}

int main(void) {
  skip_line();
  puts("{\"name\":\"faulty\",\"version\":\"1\",\"features\":[\"smtp\"]}");
  (void)fflush(stdout);
  skip_line();
  FAULT;
  return 1;
}
