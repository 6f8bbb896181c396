/* The plays of many vectors, shared among as many processes as there are
 * processors. */
#ifndef MAILC_REPLAY_WORKERS_H
#define MAILC_REPLAY_WORKERS_H

#include <stddef.h>

/* What was played, and what was wrong. */
struct replay_counts {
  unsigned traces;
  unsigned unsupported;
  unsigned long cuts;
  unsigned long chunks;
  unsigned long buffers;
  unsigned faults;
};

/* How many processes the machine runs at the same time, above 0. */
unsigned replay_processors(void);

/* Calls `play` once for each number below `count`, in that many processes, and
 * returns the sum of what they counted. A process that dies is a fault, told
 * by the name of what it played. */
struct replay_counts replay_share(size_t count, unsigned processes,
                                  void (*play)(size_t number,
                                               struct replay_counts *counts),
                                  const char *(*name)(size_t number));

#endif
