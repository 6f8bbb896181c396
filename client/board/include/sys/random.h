/* What newlib has no header for. */
#ifndef MAILC_BOARD_RANDOM_H
#define MAILC_BOARD_RANDOM_H

#include <sys/types.h>

ssize_t getrandom(void *octets, size_t len, unsigned flags);

#endif
