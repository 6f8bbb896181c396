/* Runs of octets, seen but not owned. */
#ifndef MAILC_SPAN_H
#define MAILC_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* `len` octets at `data`, not ended by NUL. Whose they are and how long they
 * stay is said where a span is given or taken. A span whose data is NULL says
 * that there is nothing; one with len 0 is a text of no octets. */
struct mailc_span {
  const uint8_t *data; /* the first octet */
  size_t len;          /* octets */
};

/* The span of a string literal, as the initializer of an object, which may be
 * static. */
#define MAILC_SPAN_INIT(literal)                                               \
  { (const uint8_t *)("" literal), sizeof(literal) - 1 }

/* The same as an expression. */
#define MAILC_SPAN(literal) ((struct mailc_span)MAILC_SPAN_INIT(literal))

/* Memory of the caller's that a session writes to. */
struct mailc_buffer {
  uint8_t *data; /* its first octet */
  size_t cap;    /* octets */
};

#endif
