/* Secrets do not outlive their use. */
#ifndef MAILC_SECRET_H
#define MAILC_SECRET_H

#include <stddef.h>

/* Sets `len` octets to zero; the compiler may not leave it out. */
void mailc_wipe(void *octets, size_t len);

#endif
