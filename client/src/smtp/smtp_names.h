/* The states, events and actions of the SMTP state machine. smtp_fsm.def joins
 * them to rows. */
#ifndef MAILC_SRC_SMTP_NAMES_H
#define MAILC_SRC_SMTP_NAMES_H

#include <mailc/smtp.h>

/* A state is named by what it waits for. */
#define MAILC_SMTP_STATES(X)                                                   \
  X(START)                                                                     \
  X(WAIT_GREETING)                                                             \
  X(GREETED)                                                                   \
  X(REFUSED)                                                                   \
  X(WAIT_EHLO)                                                                 \
  X(WAIT_HELO)                                                                 \
  X(WAIT_QUIT)                                                                 \
  X(READY)                                                                     \
  X(WAIT_AUTH)                                                                 \
  X(WAIT_MAIL)                                                                 \
  X(WAIT_RSET)                                                                 \
  X(WAIT_NOOP)                                                                 \
  X(WAIT_VRFY)                                                                 \
  X(CHALLENGED)                                                                \
  X(WAIT_CANCEL)                                                               \
  X(MAIL)                                                                      \
  X(WAIT_FIRST_RCPT)                                                           \
  X(RCPT)                                                                      \
  X(WAIT_RCPT)                                                                 \
  X(WAIT_DATA)                                                                 \
  X(DATA)                                                                      \
  X(WAIT_DELIVERY)                                                             \
  X(WAIT_STARTTLS)                                                             \
  X(START_TLS)                                                                 \
  X(WAIT_EXPN)                                                                 \
  X(WAIT_HELP)                                                                 \
  X(WAIT_LHLO)                                                                 \
  X(WAIT_EACH)                                                                 \
  X(WAIT_BDAT)                                                                 \
  X(CHUNK)                                                                     \
  X(CHUNK_REFUSED)                                                             \
  X(WAIT_LOST_RCPT)                                                            \
  X(WAIT_LOST_DATA)                                                            \
  X(WAIT_EMPTY_DATA)                                                           \
  X(LOST_DATA)                                                                 \
  X(WAIT_LOST_DELIVERY)                                                        \
  X(CLOSED)                                                                    \
  X(FAILED)

/* CMD_x: the command becomes the head of the queue; in the order of enum
 * mailc_smtp_command, with CMD_BDAT_LAST for the end of a message. RESPONSE and
 * CANCEL answer a challenge, END_OF_DATA is the final dot, ABORT the end
 * without it. _EACH: each recipient is answered for itself (RFC 2033). */
#define MAILC_SMTP_EVENTS(X)                                                   \
  X(CONNECTED)                                                                 \
  X(GREETING_OK)                                                               \
  X(GREETING_REFUSED)                                                          \
  X(CMD_EHLO)                                                                  \
  X(CMD_HELO)                                                                  \
  X(CMD_LHLO)                                                                  \
  X(CMD_STARTTLS)                                                              \
  X(CMD_AUTH)                                                                  \
  X(CMD_MAIL)                                                                  \
  X(CMD_RCPT)                                                                  \
  X(CMD_DATA)                                                                  \
  X(CMD_BDAT)                                                                  \
  X(CMD_BDAT_LAST)                                                             \
  X(CMD_RSET)                                                                  \
  X(CMD_NOOP)                                                                  \
  X(CMD_VRFY)                                                                  \
  X(CMD_EXPN)                                                                  \
  X(CMD_HELP)                                                                  \
  X(CMD_QUIT)                                                                  \
  X(CMD_BDAT_LAST_EACH)                                                        \
  X(RESPONSE)                                                                  \
  X(CANCEL)                                                                    \
  X(END_OF_DATA)                                                               \
  X(END_OF_DATA_EACH)                                                          \
  X(ABORT)                                                                     \
  X(TLS_UP)                                                                    \
  X(TLS_FAILED)                                                                \
  X(REPLY_2YZ)                                                                 \
  X(REPLY_3YZ)                                                                 \
  X(REPLY_4YZ)                                                                 \
  X(REPLY_5YZ)                                                                 \
  X(REPLY_421)                                                                 \
  X(LAST_ANSWERED)                                                             \
  X(BAD_REPLY)                                                                 \
  X(EOF)                                                                       \
  X(TIMEOUT)

enum mailc_smtp_state {
#define STATE(name) MAILC_SMTP_ST_##name,
  MAILC_SMTP_STATES(STATE)
#undef STATE
      MAILC_SMTP_ST_ANY
};

enum mailc_smtp_fsm_event {
#define EVENT(name) MAILC_SMTP_EV_##name,
  MAILC_SMTP_EVENTS(EVENT)
#undef EVENT
};

enum mailc_smtp_action {
  MAILC_SMTP_DO_AWAIT,
  MAILC_SMTP_DO_AWAIT_TLS,
  MAILC_SMTP_DO_AWAIT_DELIVERY,
  MAILC_SMTP_DO_BEGIN_ANEW,
  MAILC_SMTP_DO_END_AT_ONCE,
  MAILC_SMTP_DO_DROP,
  MAILC_SMTP_DO_DELIVER_ONE,
  MAILC_SMTP_DO_REFUSE_ONE,
  MAILC_SMTP_DO_END_DELIVERIES,
  MAILC_SMTP_DO_ANSWER,
  MAILC_SMTP_DO_REFUSE,
  MAILC_SMTP_DO_FALL_BACK,
  MAILC_SMTP_DO_LOG_IN,
  MAILC_SMTP_DO_TAKE_CHALLENGE,
  MAILC_SMTP_DO_REFUSE_LOGIN,
  MAILC_SMTP_DO_END_LOGIN,
  MAILC_SMTP_DO_BEGIN_MESSAGE,
  MAILC_SMTP_DO_END_MESSAGE,
  MAILC_SMTP_DO_GIVE_UP,
  MAILC_SMTP_DO_DELIVER,
  MAILC_SMTP_DO_REFUSE_MESSAGE,
  MAILC_SMTP_DO_SHUT_DOWN,
  MAILC_SMTP_DO_FAIL
};

/* The link of a session that may be missing; NULL without one. */
static inline struct mailc_link *mailc_smtp_link(struct mailc_smtp *session) {
  return session == NULL ? NULL : &session->link;
}

/* E_ARGUMENT without a session, or its sticky status. */
static inline enum mailc_status
mailc_smtp_status(const struct mailc_smtp *session) {
  return session == NULL ? MAILC_E_ARGUMENT : session->link.status;
}

/* Whether it speaks LMTP: a constant where that is not compiled in. */
static inline bool mailc_smtp_is_lmtp(const struct mailc_smtp *session) {
  return MAILC_HAS(LMTP) && session->is_lmtp;
}

#endif
