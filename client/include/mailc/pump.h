/* The pump runs a session over a transport and blocks until an operation is
 * done: what programs with a thread to spare use instead of the loop in
 * <mailc/link.h>. The operations are in <mailc/pop3_pump.h> and
 * <mailc/smtp_pump.h>. */
#ifndef MAILC_PUMP_H
#define MAILC_PUMP_H

#include <mailc/link.h>
#include <mailc/transport.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The part that both protocols' pumps share. The caller fills in the first
 * block and leaves the rest zero. */
struct mailc_pump {
  const struct mailc_transport *transport; /* connected; outlives the pump */
  struct mailc_buffer reply; /* where the last reply's text is kept; optional */
  uint32_t limit_ms; /* ms of the transport's clock: the longest that one
                        operation may take, whatever the server sends;
                        MAILC_E_TIMEOUT then. 0: no limit but the
                        session's timeout, which counts silence */
  /* Gets each move of a session with trace_moves; optional. */
  void (*on_move)(void *context, struct mailc_move move);
  void *context; /* first argument of on_move */

  size_t reply_len; /* octets of the reply kept; what does not fit is cut */
  size_t reply_line_count; /* lines of that reply */
};

/* Returns the text of the server's last reply, its lines joined by CRLF, valid
 * until the next operation. Empty without pump->reply.
 *   pump  in: of either protocol's, &pump.pump */
struct mailc_span mailc_pump_reply(const struct mailc_pump *pump);

#ifdef __cplusplus
}
#endif

#endif
