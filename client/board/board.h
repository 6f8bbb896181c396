/* The board: a clock, and a way to the program that runs it. */
#ifndef MAILC_BOARD_H
#define MAILC_BOARD_H

#include <stddef.h>
#include <stdint.h>

/* us since the start. */
uint64_t board_us(void);

/* Writes a text to QEMU's stderr. */
void board_say(const char *text);

/* A line to the host by semihosting; -1 if it cannot be opened.
 *   path      in: of the host
 *   is_write  in: whether it is written to, else read from */
int board_open(const char *path, int is_write);

/* Reads exactly `len` octets, or writes them; waits for as long as that takes.
 * Ends the program if the host is gone. */
void board_read(int handle, void *octets, size_t len);
void board_write(int handle, const void *octets, size_t len);

#endif
