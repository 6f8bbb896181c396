/* What newlib has no header for. */
#ifndef MAILC_BOARD_TCP_H
#define MAILC_BOARD_TCP_H

#define TCP_NODELAY 1

#endif
