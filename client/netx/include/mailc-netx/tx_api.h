/* The thread services that applications of the NetX mail clients use, on POSIX
 * threads.
 *
 * The names and numbers are those of ThreadX; what stands behind them is ours.
 * Threads are the host's: they run at the same time where there are several
 * processors, their stacks are the host's (what an application hands over as a
 * stack is left alone), and priorities are kept but not obeyed. A tick is 10
 * ms. */
#ifndef TX_API_H
#define TX_API_H

#include <pthread.h>

#ifdef __cplusplus
extern "C" {
#endif

#define VOID void
typedef char CHAR;
typedef unsigned char UCHAR;
typedef int INT;
typedef unsigned int UINT;
typedef long LONG;
typedef unsigned long ULONG;
typedef short SHORT;
typedef unsigned short USHORT;

#define TX_NULL ((void *)0)
#define TX_FALSE 0
#define TX_TRUE 1

/* auto_start of tx_thread_create(). */
#define TX_DONT_START 0
#define TX_AUTO_START 1

#define TX_NO_TIME_SLICE 0

/* Priorities are 0 (the most urgent) to TX_MAX_PRIORITIES - 1. */
#define TX_MAX_PRIORITIES 32

/* Ticks in a second. */
#define TX_TIMER_TICKS_PER_SECOND 100

/* What the thread services return. */
#define TX_SUCCESS 0x00
#define TX_PTR_ERROR 0x03
#define TX_SIZE_ERROR 0x05
#define TX_THREAD_ERROR 0x0E
#define TX_PRIORITY_ERROR 0x0F
#define TX_START_ERROR 0x10
#define TX_RESUME_ERROR 0x12
#define TX_CALLER_ERROR 0x13

/* A thread. The application provides the memory, which stays until
 * tx_kernel_enter() returns, and reads nothing here. */
typedef struct TX_THREAD_STRUCT {
  ULONG tx_thread_id;
  CHAR *tx_thread_name;
  VOID (*tx_thread_entry)(ULONG input);
  ULONG tx_thread_entry_input;
  UINT tx_thread_priority;
  UINT tx_thread_state;
  pthread_t tx_thread_host;
  struct TX_THREAD_STRUCT *tx_thread_next; /* started after this one */
} TX_THREAD;

/* The application's: creates its objects and threads, none of which runs yet.
 * `first_unused_memory` is 4 MiB that are free to be used, aligned for
 * anything. */
VOID tx_application_define(VOID *first_unused_memory);

/* Calls tx_application_define(), runs the threads, and returns once all that
 * were started have ended. */
VOID tx_kernel_enter(VOID);

/* Makes a thread that runs entry(input).
 *   thread      out: memory of the caller's, stays
 *   name        in: kept by pointer
 *   stack_start, stack_size   not used, but demanded: NULL is TX_PTR_ERROR, 0
 * is TX_SIZE_ERROR priority, preempt_threshold   below TX_MAX_PRIORITIES, the
 * second not above the first (TX_PRIORITY_ERROR); otherwise without effect
 *   time_slice  without effect
 *   auto_start  TX_AUTO_START, or TX_DONT_START for tx_thread_resume()
 * TX_THREAD_ERROR if the host has no thread left, or `thread` runs already. */
UINT tx_thread_create(TX_THREAD *thread, CHAR *name, VOID (*entry)(ULONG input),
                      ULONG input, VOID *stack_start, ULONG stack_size,
                      UINT priority, UINT preempt_threshold, ULONG time_slice,
                      UINT auto_start);

/* Starts a thread that was created with TX_DONT_START. TX_RESUME_ERROR if it
 * was started before, TX_THREAD_ERROR if it is not a thread. */
UINT tx_thread_resume(TX_THREAD *thread);

/* Waits for that many ticks. TX_CALLER_ERROR outside of a thread. */
UINT tx_thread_sleep(ULONG ticks);

/* The thread that calls, or NULL outside of any. */
TX_THREAD *tx_thread_identify(VOID);

#ifdef __cplusplus
}
#endif

#endif
