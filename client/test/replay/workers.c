#include "workers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64u

/* What one process has done, in memory that all of them see. */
struct desk {
  pid_t pid;
  size_t number; /* what it plays */
  struct replay_counts counts;
};

struct office {
  atomic_size_t next; /* the number that nobody has taken yet */
  struct desk desks[PROCESSES_MAX];
};

static _Noreturn void give_up(const char *what) {
  perror(what);
  exit(2);
}

unsigned replay_processors(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);

  if (count < 1) {
    return 1;
  }
  return count < (long)PROCESSES_MAX ? (unsigned)count : PROCESSES_MAX;
}

static struct office *open_office(void) {
  struct office *office = mmap(NULL, sizeof *office, PROT_READ | PROT_WRITE,
                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  if (office == MAP_FAILED) {
    give_up("mailc-replay: memory for all processes");
  }
  return office;
}

static void work(struct office *office, struct desk *desk, size_t count,
                 void (*play)(size_t number, struct replay_counts *counts)) {
  while ((desk->number = atomic_fetch_add(&office->next, 1)) < count) {
    play(desk->number, &desk->counts);
  }
}

static void add(struct replay_counts *total,
                const struct replay_counts *counts) {
  total->traces += counts->traces;
  total->unsupported += counts->unsupported;
  total->cuts += counts->cuts;
  total->chunks += counts->chunks;
  total->buffers += counts->buffers;
  total->faults += counts->faults;
}

/* Whether the process played to its end. */
static bool is_done(const struct desk *desk) {
  int how = 0;

  if (waitpid(desk->pid, &how, 0) != desk->pid) {
    give_up("mailc-replay: waiting");
  }
  return WIFEXITED(how) && WEXITSTATUS(how) == 0;
}

struct replay_counts replay_share(size_t count, unsigned processes,
                                  void (*play)(size_t number,
                                               struct replay_counts *counts),
                                  const char *(*name)(size_t number)) {
  struct office *office = open_office();
  struct replay_counts total = {.faults = 0};

  (void)fflush(NULL);
  for (unsigned i = 0; i < processes; i++) {
    pid_t pid = fork();

    if (pid == -1) {
      give_up("mailc-replay: a process");
    }
    if (pid == 0) {
      work(office, &office->desks[i], count, play);
      exit(0);
    }
    office->desks[i].pid = pid;
  }
  for (unsigned i = 0; i < processes; i++) {
    const struct desk *desk = &office->desks[i];

    if (!is_done(desk)) {
      (void)fprintf(stderr, "%s: its process died\n",
                    desk->number < count ? name(desk->number) : "the end");
      total.faults++;
    }
    add(&total, &desk->counts);
  }
  (void)munmap(office, sizeof *office);
  return total;
}
