/* What the tests get from the library. Each public function is wrapped by the
 * linker (wrap.py writes the wrappers), so that a test need not know of it:
 * every status that a call returns is written down, and a call that says that
 * nothing was done is held to it. */
#ifndef MAILC_TEST_RECORDER_H
#define MAILC_TEST_RECORDER_H

#include <mailc/pop3.h>
#include <mailc/smtp_pump.h>

struct recorder_call {
  unsigned function;
  bool is_outer; /* a test makes it itself, not the library in the course of
                    another one */
};

/* A call of the function begins. The session that it may change is one of the
 * two, or neither. */
struct recorder_call recorder_enter(unsigned function,
                                    const struct mailc_pop3 *pop3,
                                    const struct mailc_smtp *smtp);

/* It ended without a status, or with one. */
void recorder_leave(struct recorder_call call);
void recorder_status(struct recorder_call call, enum mailc_status status);

/* It gave out a status beside the one that it returned. */
void recorder_note(struct recorder_call call, enum mailc_status status);
void recorder_pop3_event(struct recorder_call call,
                         const struct mailc_pop3_event *event);
void recorder_smtp_event(struct recorder_call call,
                         const struct mailc_smtp_event *event);
void recorder_mail(struct recorder_call call,
                   const struct mailc_smtp_mail *mail);

/* The same transport, of which what its functions return is written down. */
struct mailc_transport recorder_transport(struct recorder_call call,
                                          struct mailc_transport transport);

/* Written by wrap.py: the functions by number, and of each whether it leaves a
 * session as it was where it refuses. */
extern const char *const recorder_functions[];
extern const bool recorder_keeps[];
extern const unsigned recorder_function_count;

/* Not recorded, as the recorder itself needs it. */
const uint8_t *recorder_pop3_tx_buf(const struct mailc_pop3 *session,
                                    size_t *len);
const uint8_t *recorder_smtp_tx_buf(const struct mailc_smtp *session,
                                    size_t *len);

#endif
