/* Where the server of bench_serve() listens. */
#ifndef MAILC_BENCH_TCP_H
#define MAILC_BENCH_TCP_H

#include <stdint.h>

uint16_t bench_port(void);

#endif
