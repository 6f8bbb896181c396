/* Threads of the application on threads of the host. */
#include "thread.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#define THREAD_ID 0x54485244ul

enum thread_state { READY, COMPLETED, SUSPENDED };

/* Every thread that was started, in that order, until it is joined. */
static struct {
  pthread_mutex_t lock;
  TX_THREAD *first;
  TX_THREAD *last;
  bool is_running; /* the kernel was entered */
} kernel = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local TX_THREAD *current;

static void *run(void *context) {
  TX_THREAD *thread = (TX_THREAD *)context;

  current = thread;
  thread->tx_thread_entry(thread->tx_thread_entry_input);
  return NULL;
}

/* Has the host start it; the kernel is locked. */
static bool launch(TX_THREAD *thread) {
  return pthread_create(&thread->tx_thread_host, NULL, run, thread) == 0;
}

static void append(TX_THREAD *thread) {
  thread->tx_thread_next = NULL;
  if (kernel.last == NULL) {
    kernel.first = thread;
  } else {
    kernel.last->tx_thread_next = thread;
  }
  kernel.last = thread;
}

/* Starts a thread, or has the kernel start it once it is entered. */
static UINT start(TX_THREAD *thread) {
  UINT status = TX_SUCCESS;

  (void)pthread_mutex_lock(&kernel.lock);
  if (thread->tx_thread_state != SUSPENDED) {
    status = TX_RESUME_ERROR;
  } else if (kernel.is_running && !launch(thread)) {
    status = TX_THREAD_ERROR;
  } else {
    thread->tx_thread_state = READY;
    append(thread);
  }
  (void)pthread_mutex_unlock(&kernel.lock);
  return status;
}

/* Whether it is started and not ended. */
static bool is_started(const TX_THREAD *thread) {
  const TX_THREAD *at = NULL;

  (void)pthread_mutex_lock(&kernel.lock);
  for (at = kernel.first; at != NULL && at != thread; at = at->tx_thread_next) {
  }
  (void)pthread_mutex_unlock(&kernel.lock);
  return at != NULL;
}

UINT tx_thread_create(TX_THREAD *thread, CHAR *name, VOID (*entry)(ULONG input),
                      ULONG input,
                      /* cppcheck-suppress constParameter; it is ThreadX's. */
                      VOID *stack_start, ULONG stack_size, UINT priority,
                      UINT preempt_threshold, ULONG time_slice,
                      UINT auto_start) {
  (void)time_slice;
  if (thread == NULL || entry == NULL || stack_start == NULL) {
    return TX_PTR_ERROR;
  }
  if (stack_size == 0) {
    return TX_SIZE_ERROR;
  }
  if (priority >= TX_MAX_PRIORITIES || preempt_threshold > priority) {
    return TX_PRIORITY_ERROR;
  }
  if (auto_start != TX_AUTO_START && auto_start != TX_DONT_START) {
    return TX_START_ERROR;
  }
  if (is_started(thread)) {
    return TX_THREAD_ERROR;
  }
  *thread = (TX_THREAD){.tx_thread_id = THREAD_ID,
                        .tx_thread_name = name,
                        .tx_thread_entry = entry,
                        .tx_thread_entry_input = input,
                        .tx_thread_priority = priority,
                        .tx_thread_state = SUSPENDED};
  return auto_start == TX_AUTO_START ? start(thread) : TX_SUCCESS;
}

UINT tx_thread_resume(TX_THREAD *thread) {
  if (thread == NULL || thread->tx_thread_id != THREAD_ID) {
    return TX_THREAD_ERROR;
  }
  return start(thread);
}

void nx_mail_after(struct timespec *time, ULONG ticks) {
  (void)clock_gettime(CLOCK_MONOTONIC, time);
  time->tv_sec += (time_t)(ticks / TX_TIMER_TICKS_PER_SECOND);
  time->tv_nsec += (long)(ticks % TX_TIMER_TICKS_PER_SECOND) *
                   (1000000000L / TX_TIMER_TICKS_PER_SECOND);
  if (time->tv_nsec >= 1000000000L) {
    time->tv_sec++;
    time->tv_nsec -= 1000000000L;
  }
}

UINT tx_thread_sleep(ULONG ticks) {
  struct timespec end = {0, 0};

  if (current == NULL) {
    return TX_CALLER_ERROR;
  }
  nx_mail_after(&end, ticks);
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {
  }
  return TX_SUCCESS;
}

TX_THREAD *tx_thread_identify(VOID) { return current; }

bool nx_mail_is_thread(void) { return current != NULL; }

/* Starts what was created while the application was defined. */
static void run_all(void) {
  (void)pthread_mutex_lock(&kernel.lock);
  kernel.is_running = true;
  for (TX_THREAD **at = &kernel.first; *at != NULL;) {
    TX_THREAD *thread = *at;

    if (launch(thread)) {
      kernel.last = thread;
      at = &thread->tx_thread_next;
    } else {
      *at = thread->tx_thread_next;
      thread->tx_thread_state = COMPLETED;
    }
  }
  if (kernel.first == NULL) {
    kernel.last = NULL;
  }
  (void)pthread_mutex_unlock(&kernel.lock);
}

/* Takes the first thread off the list once it has ended; false if there is
 * none. A thread that starts others puts them on the list before it ends. */
static bool join_first(void) {
  TX_THREAD *thread = NULL;

  (void)pthread_mutex_lock(&kernel.lock);
  thread = kernel.first;
  kernel.is_running = thread != NULL;
  (void)pthread_mutex_unlock(&kernel.lock);
  if (thread == NULL) {
    return false;
  }
  (void)pthread_join(thread->tx_thread_host, NULL);
  (void)pthread_mutex_lock(&kernel.lock);
  kernel.first = thread->tx_thread_next;
  if (kernel.first == NULL) {
    kernel.last = NULL;
  }
  thread->tx_thread_state = COMPLETED;
  (void)pthread_mutex_unlock(&kernel.lock);
  return true;
}

VOID tx_kernel_enter(VOID) {
  static max_align_t first_unused_memory[4194304 / sizeof(max_align_t)];

  tx_application_define(first_unused_memory);
  run_all();
  while (join_first()) {
  }
}
