/* Decimal numbers of the wire, bounded. */
#ifndef MAILC_NUMBER_H
#define MAILC_NUMBER_H

#include <stddef.h>
#include <stdint.h>

/* The most octets that mailc_number_print() writes. */
#define MAILC_NUMBER_CAP 20

/* Reads the digits that `text` begins with. Returns how many they are; 0, with
 * *value untouched, if there is none or the number is above `max`. No sign, no
 * blank; leading zeros count for nothing. `max` is at least 9. */
size_t mailc_number_scan(const void *text, size_t len, uint64_t max,
                         uint64_t *value);

/* Writes `value` in decimal, without NUL. Returns the number of digits. */
size_t mailc_number_print(size_t value, char out[MAILC_NUMBER_CAP]);

#endif
