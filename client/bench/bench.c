/* Prints how quick mailc is, in ratios of one run: each measurement is taken in
 * turn with memcpy of the same octets, and the best of several counts. Times
 * are of the processor, so that other programs matter little. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TURNS 7

/* No message has more recipients than 65535. */
#define EXCHANGES ((size_t)50000)

void bench_require(bool holds, const char *what) {
  if (!holds) {
    (void)fprintf(stderr, "mailc-bench: %s\n", what);
    exit(1);
  }
}

static double seconds_now(void) {
  struct timespec now = {0, 0};

  (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

typedef void transfer(enum bench_text text);

static double time_of(transfer *run, enum bench_text text) {
  double from = seconds_now();

  run(text);
  return seconds_now() - from;
}

static const struct {
  const char *name;
  transfer *run;
  enum bench_text text;
} transfers[] = {
    {"memcpy", bench_copy, BENCH_PROSE},
    {"POP3 engine, RETR", bench_retr, BENCH_PROSE},
    {"POP3 engine, RETR, every line begins with a dot", bench_retr, BENCH_DOTS},
    {"pair in memory alone, no client", bench_pair, BENCH_PROSE},
    {"POP3 pump over the pair in memory, RETR", bench_pump, BENCH_PROSE},
    {"POP3 pump over TCP, RETR", bench_tcp, BENCH_PROSE},
#ifdef BENCH_CURL
    {"libcurl over TCP, RETR", bench_curl, BENCH_PROSE},
#endif
    {"SMTP engine, DATA", bench_data, BENCH_PROSE},
    {"SMTP engine, DATA, LF made CRLF", bench_data, BENCH_LF},
    {"SMTP engine, DATA, every line begins with a dot", bench_data, BENCH_DOTS},
    {"dot-stuffing by a loop over octets", bench_stuff, BENCH_PROSE},
};

static void print_transfers(void) {
  (void)puts("| octets of a message of 8 MiB       "
             "               | MiB/s | time of memcpy |\n"
             "| ---------------------------------"
             "---------------- | ----- | -------------- |");
  for (size_t i = 0; i < sizeof transfers / sizeof transfers[0]; i++) {
    enum bench_text text = transfers[i].text;
    double best = time_of(transfers[i].run, text);
    double copy = time_of(bench_copy, text);

    for (unsigned turn = 1; turn < TURNS; turn++) {
      double seconds = time_of(transfers[i].run, text);
      double copy_seconds = time_of(bench_copy, text);

      best = seconds < best ? seconds : best;
      copy = copy_seconds < copy ? copy_seconds : copy;
    }
    (void)printf("| %-49s | %5.0f | %14.1f |\n", transfers[i].name,
                 (double)bench_wires[text].len / best / 1048576, best / copy);
  }
}

static void print_exchange(void (*run)(struct bench_exchange *, size_t)) {
  struct bench_exchange exchange = {NULL, 0, 0};
  double best = 0;

  for (unsigned turn = 0; turn < TURNS; turn++) {
    double from = seconds_now();
    double seconds = 0;

    exchange = (struct bench_exchange){NULL, 0, 0};
    run(&exchange, EXCHANGES);
    seconds = seconds_now() - from;
    best = turn == 0 || seconds < best ? seconds : best;
  }
  (void)printf("| %-49s | %5.0f | %14.1f |\n", exchange.name,
               best * 1e9 / (double)exchange.reply_count,
               (double)exchange.call_count / (double)exchange.reply_count);
}

int main(void) {
  bench_make_texts();
  bench_serve();
  print_transfers();
  bench_stop_serving();
#ifndef BENCH_CURL
  (void)puts("\nlibcurl is not beside them: its headers are not installed here "
             "(libcurl4-openssl-dev)");
#endif
  (void)puts("\n| a command and its answer               "
             "           |    ns | calls of next()|\n"
             "| ---------------------------------"
             "---------------- | ----- | -------------- |");
  print_exchange(bench_noop);
  print_exchange(bench_rcpt);
  print_exchange(bench_ehlo);
  return 0;
}
