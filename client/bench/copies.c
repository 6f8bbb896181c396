/* Prints how many octets mailc copies for each octet of a message: its sources
 * are compiled so that they call the functions below in place of memcpy() and
 * memmove(). */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t copied_len;

void *bench_memcpy(void *to, const void *from, size_t len);
void *bench_memmove(void *to, const void *from, size_t len);

void *bench_memcpy(void *to, const void *from, size_t len) {
  copied_len += len;
  return memcpy(to, from, len);
}

void *bench_memmove(void *to, const void *from, size_t len) {
  copied_len += len;
  return memmove(to, from, len);
}

void bench_require(bool holds, const char *what) {
  if (!holds) {
    (void)fprintf(stderr, "mailc-bench-copies: %s\n", what);
    exit(1);
  }
}

static void print_copies(const char *name, void (*run)(enum bench_text),
                         enum bench_text text) {
  copied_len = 0;
  run(text);
  (void)printf("| %-49s | %14.4f |\n", name,
               (double)copied_len / (double)bench_texts[text].len);
}

int main(void) {
  bench_make_texts();
  (void)puts("| octets of a message of 8 MiB       "
             "               | times copied   |\n"
             "| ---------------------------------"
             "---------------- | -------------- |");
  print_copies("POP3 engine, RETR", bench_retr, BENCH_PROSE);
  print_copies("POP3 engine, RETR, every line begins with a dot", bench_retr,
               BENCH_DOTS);
  print_copies("pair in memory alone, no client", bench_pair, BENCH_PROSE);
  print_copies("POP3 pump over the pair in memory, RETR", bench_pump,
               BENCH_PROSE);
  print_copies("SMTP engine, DATA", bench_data, BENCH_PROSE);
  print_copies("SMTP engine, DATA, LF made CRLF", bench_data, BENCH_LF);
  print_copies("SMTP engine, DATA, every line begins with a dot", bench_data,
               BENCH_DOTS);
  return 0;
}
