/* The SMTP state machine: the names of its parts, and the one function that
 * changes the state. The rows are in smtp_fsm.def. */
#ifndef MAILC_SRC_SMTP_FSM_H
#define MAILC_SRC_SMTP_FSM_H

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
  X(CLOSED)                                                                    \
  X(FAILED)

/* CMD_x: the command becomes the head of the queue. RESPONSE and CANCEL answer
 * a challenge, END_OF_DATA is the final dot, ABORT the end without it. */
#define MAILC_SMTP_EVENTS(X)                                                   \
  X(CONNECTED)                                                                 \
  X(GREETING_OK)                                                               \
  X(GREETING_REFUSED)                                                          \
  X(CMD_EHLO)                                                                  \
  X(CMD_HELO)                                                                  \
  X(CMD_QUIT)                                                                  \
  X(CMD_AUTH)                                                                  \
  X(CMD_MAIL)                                                                  \
  X(CMD_RSET)                                                                  \
  X(CMD_NOOP)                                                                  \
  X(CMD_VRFY)                                                                  \
  X(CMD_RCPT)                                                                  \
  X(CMD_DATA)                                                                  \
  X(RESPONSE)                                                                  \
  X(CANCEL)                                                                    \
  X(END_OF_DATA)                                                               \
  X(ABORT)                                                                     \
  X(REPLY_2YZ)                                                                 \
  X(REPLY_3YZ)                                                                 \
  X(REPLY_4YZ)                                                                 \
  X(REPLY_5YZ)                                                                 \
  X(REPLY_421)                                                                 \
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

/* Whether the event is a move from the state that the session is in. */
bool mailc_smtp_can(const struct mailc_smtp *session,
                    enum mailc_smtp_fsm_event event);

/* Makes the move and performs its action. An event that is no move is made
 * BAD_REPLY with MAILC_E_REPLY. `cause` is the status of a session that fails
 * by this. */
void mailc_smtp_step(struct mailc_smtp *session,
                     enum mailc_smtp_fsm_event event, enum mailc_status cause);

#endif
