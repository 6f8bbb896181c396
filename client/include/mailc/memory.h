/* Two transports in one process: what one end sends, the other receives. For
 * tests, and for a program that tunnels the octets itself. */
#ifndef MAILC_MEMORY_H
#define MAILC_MEMORY_H

#include <mailc/span.h>
#include <mailc/transport.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mailc_memory_pair;

/* One end. Of the library's. */
struct mailc_memory_end {
  struct mailc_memory_pair *pair;
  struct mailc_buffer inbox; /* octets sent to this end, from `used` to `len` */
  size_t used;
  size_t len;
  bool is_closed; /* by its owner */
};

/* The pair. mailc_memory_init() fills it in; `now_ms` may be set at any time,
 * but not back. */
struct mailc_memory_pair {
  struct mailc_memory_end
      ends[2]; /* what each side sends, the other receives */

  /* Lets the other side of `end` (0 or 1) go on, since nothing can move at
   * this one. When it comes back and still nothing can, the time is until_ms.
   * NULL: there is no other side to run. */
  void (*wait)(void *context, unsigned end, uint64_t until_ms);
  void *context;   /* first argument of wait */
  uint64_t now_ms; /* the clock of both ends, ms */
};

/* Makes a pair that is connected, at time 0.
 *   pair          out: memory of the caller's, of any content
 *   first_inbox   in: holds what was sent to end 0 and not yet received; the
 *                 caller's, outlives the pair
 *   second_inbox  in: the same of end 1
 * MAILC_OK          it is there
 * MAILC_E_ARGUMENT  one of these is missing */
enum mailc_status mailc_memory_init(struct mailc_memory_pair *pair,
                                    struct mailc_buffer first_inbox,
                                    struct mailc_buffer second_inbox);

/* Returns the transport of one end, without TLS.
 *   pair  in: outlives the transport
 *   end   in: 0 or 1 */
struct mailc_transport mailc_memory_transport(struct mailc_memory_pair *pair,
                                              unsigned end);

#ifdef __cplusplus
}
#endif

#endif
