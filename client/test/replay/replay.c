/* Plays linear traces through mailc in memory: for every two-way cut of the
 * server's octets (of the first and last 8192 where there are more), every
 * length of pieces from 1 to 64, and with buffers that are smaller by one each
 * time until that fails cleanly. What comes of it must be the same each time.
 *
 * With --first-fault it judges one build of many: every trace is played in one
 * piece before any is played in all the ways, and the first fault ends it. */
#include "guarded.h"
#include "session.h"
#include "workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The longest pieces, octets. */
#define CHUNK_MAX 64

/* Where shrinking begins if that is enough for a trace, octets. */
static const size_t first_caps[REPLAY_BUFFER_COUNT] = {
    [REPLAY_RX] = MAILC_RX_CAP_MIN + 32,
    [REPLAY_TX] = MAILC_TX_CAP_MIN + 32,
    [REPLAY_TIMESTAMP] = 80,
};

/* No buffer of the ops is larger. */
#define CAP_MAX ((size_t)65536)

/* Octets at either end of a trace that are cut everywhere, and how many are
 * passed over between them. */
#define CUT_ALL ((size_t)8192)
#define CUT_STEP ((size_t)251)

#define FAULTS_SHOWN 10

/* Of this process. */
static struct replay_counts counts;
static bool ends_at_first_fault;
static struct replay_vectors vectors;

static void tell(const struct replay_vector *vector, const char *how,
                 size_t number, const char *fault) {
  if (counts.faults++ < FAULTS_SHOWN) {
    (void)fprintf(stderr, "%s, %s %zu: %s\n", vector->id, how, number, fault);
  }
  if (ends_at_first_fault) {
    exit(1);
  }
}

static const struct replay_plan usual = {
    .caps = {REPLAY_OWN, REPLAY_OWN, REPLAY_OWN}};

/* The next place to cut at: each one, but in the middle of very long answers,
 * which are all alike. */
static size_t next_cut(size_t cut, size_t len) {
  return cut < CUT_ALL || len - cut < CUT_ALL ? cut + 1 : cut + CUT_STEP;
}

static void play_cuts(const struct replay_vector *vector,
                      const struct replay_path *path,
                      const struct replay_log *log) {
  struct replay_plan plan = usual;

  for (plan.cut = 1; plan.cut < path->server_len;
       plan.cut = next_cut(plan.cut, path->server_len)) {
    const char *fault = NULL;

    replay_place(plan.cut % 2 == 0);
    fault = replay_compare(path, &plan, log);
    counts.cuts++;
    if (fault != NULL) {
      tell(vector, "cut behind octet", plan.cut, fault);
      return;
    }
  }
}

static void play_chunks(const struct replay_vector *vector,
                        const struct replay_path *path,
                        const struct replay_log *log) {
  struct replay_plan plan = usual;

  for (plan.chunk = 1; plan.chunk <= CHUNK_MAX; plan.chunk++) {
    const char *fault = NULL;

    replay_place(plan.chunk % 2 == 0);
    fault = replay_compare(path, &plan, log);
    counts.chunks++;
    if (fault != NULL) {
      tell(vector, "pieces of", plan.chunk, fault);
      return;
    }
  }
}

static bool is_enough(const struct replay_path *path,
                      const struct replay_log *log, struct replay_plan *plan,
                      enum replay_buffer which, size_t cap) {
  plan->caps[which] = cap;
  return replay_compare(path, plan, log) == NULL;
}

/* A capacity that is enough, not far above the least. */
static size_t first_cap(const struct replay_path *path,
                        const struct replay_log *log, struct replay_plan *plan,
                        enum replay_buffer which) {
  size_t cap = first_caps[which];

  while (cap < CAP_MAX && !is_enough(path, log, plan, which, cap)) {
    cap = cap + cap / 8;
  }
  return cap < CAP_MAX ? cap : CAP_MAX;
}

/* A client that has too little memory says so itself: nothing that it must not
 * send was sent, and nothing but a local refusal or a limit was answered. */
static bool is_clean(void) {
  const char *outcome = replay_last_outcome();

  return !replay_timeline.has_mismatch &&
         (strcmp(outcome, "rejected-locally") == 0 ||
          strcmp(outcome, "protocol-error") == 0);
}

static void play_buffers(const struct replay_vector *vector,
                         const struct replay_path *path,
                         const struct replay_log *log) {
  for (unsigned which = 0; which < REPLAY_BUFFER_COUNT; which++) {
    if (which == REPLAY_TIMESTAMP && strncmp(vector->id, "pop3", 4) != 0) {
      continue;
    }
    struct replay_plan plan = usual;
    size_t cap = first_cap(path, log, &plan, (enum replay_buffer)which);

    for (; cap != 0; cap--) {
      replay_place(cap % 2 == 0);
      counts.buffers++;
      if (!is_enough(path, log, &plan, (enum replay_buffer)which, cap - 1)) {
        break;
      }
    }
    if (cap != 0 && !is_clean()) {
      tell(vector, "a buffer of octets", cap - 1, replay_last_outcome());
    }
  }
}

/* Plays the way through the groups that the client takes: *path, and what came
 * of it in *log, which is the caller's then. NULL, or what is wrong. */
static const char *record(const struct replay_vector *vector,
                          const struct replay_path **path,
                          struct replay_log *log) {
  const struct replay_path *behind = vector->paths + vector->path_count;
  const char *fault = "it has no way";

  replay_place(true);
  for (*path = vector->paths; *path < behind; (*path)++) {
    fault = replay_record(*path, log);
    if (fault == NULL) {
      return NULL;
    }
    replay_free(log);
  }
  return fault;
}

/* Plays a trace in one piece. */
static void play_whole(const struct replay_vector *vector) {
  const struct replay_path *path = NULL;
  struct replay_log log = {NULL, NULL, 0};
  const char *fault = record(vector, &path, &log);

  if (fault == NULL) {
    replay_free(&log);
  } else if (fault != replay_unsupported) {
    tell(vector, "ways tried", vector->path_count, fault);
  }
}

/* Plays a trace in all the ways. */
static void play(const struct replay_vector *vector) {
  const struct replay_path *path = NULL;
  struct replay_log log = {NULL, NULL, 0};
  const char *fault = record(vector, &path, &log);

  if (fault == replay_unsupported) {
    counts.unsupported++;
    return;
  }
  counts.traces++;
  if (fault != NULL) {
    tell(vector, "ways tried", vector->path_count, fault);
    return;
  }
  if (vector->is_cuttable) {
    play_cuts(vector, path, &log);
    play_chunks(vector, path, &log);
  }
  play_buffers(vector, path, &log);
  replay_free(&log);
}

static void play_number(size_t number, struct replay_counts *sum) {
  if (replay_can_play(&vectors.items[number])) {
    play(&vectors.items[number]);
  } else {
    counts.unsupported++;
  }
  *sum = counts;
}

/* Ends the process at the first fault. */
static void judge(void) {
  ends_at_first_fault = true;
  for (size_t i = 0; i < vectors.count; i++) {
    if (replay_can_play(&vectors.items[i])) {
      play_whole(&vectors.items[i]);
    }
  }
  for (size_t i = 0; i < vectors.count; i++) {
    if (replay_can_play(&vectors.items[i])) {
      play(&vectors.items[i]);
    }
  }
}

static const char *name_of(size_t number) { return vectors.items[number].id; }

static double seconds_now(void) {
  struct timespec now = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The time that processors spent on this process or on its children, s. */
static double processor_s(int whose) {
  struct rusage used;

  (void)getrusage(whose, &used);
  return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv) {
  double from = seconds_now();
  unsigned processes = replay_processors();
  bool is_judge = argc == 3 && strcmp(argv[1], "--first-fault") == 0;
  struct replay_counts sum;

  if (argc != 2 && !is_judge) {
    (void)fputs("usage: mailc-replay [--first-fault] VECTORS.json\n", stderr);
    return 2;
  }
  vectors = replay_load(argv[argc - 1]);
  replay_guard();
  if (is_judge) {
    judge();
    return 0;
  }
  sum = replay_share(vectors.count, processes, play_number, name_of);
  (void)printf("replay: %u traces, %lu cuts, %d lengths of pieces in %lu "
               "plays, %lu sizes of buffers; %u need what mailc has not; %u "
               "faults; %.1f s in %u processes, %.1f s of processor time\n",
               sum.traces, sum.cuts, CHUNK_MAX, sum.chunks, sum.buffers,
               sum.unsupported, sum.faults, seconds_now() - from, processes,
               processor_s(RUSAGE_SELF) + processor_s(RUSAGE_CHILDREN));
  return sum.faults == 0 && sum.traces != 0 ? 0 : 1;
}
