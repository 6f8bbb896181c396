/* What newlib has no header for. */
#ifndef MAILC_BOARD_IN_H
#define MAILC_BOARD_IN_H

#define IPPROTO_TCP 6

#endif
