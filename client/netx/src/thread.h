/* What the services need of the threads. */
#ifndef NETX_SRC_THREAD_H
#define NETX_SRC_THREAD_H

#include <stdbool.h>
#include <tx_api.h>

/* The host's time of now + ticks, for pthread_cond_timedwait() with
 * CLOCK_MONOTONIC. */
struct timespec;
void nx_mail_after(struct timespec *time, ULONG ticks);

/* Whether a thread of tx_thread_create() calls. */
bool nx_mail_is_thread(void);

#define NX_MAIL_MS_PER_TICK (1000u / TX_TIMER_TICKS_PER_SECOND)

#endif
