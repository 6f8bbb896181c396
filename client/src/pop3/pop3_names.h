/* The states, events and actions of the POP3 state machine. pop3_fsm.def joins
 * them to rows. */
#ifndef MAILC_SRC_POP3_NAMES_H
#define MAILC_SRC_POP3_NAMES_H

#include <mailc/pop3.h>

/* A state is named by what it waits for. */
#define MAILC_POP3_STATES(X)                                                   \
  X(START)                                                                     \
  X(WAIT_GREETING)                                                             \
  X(AUTHORIZATION)                                                             \
  X(WAIT_CAPA)                                                                 \
  X(IN_CAPA)                                                                   \
  X(WAIT_USER)                                                                 \
  X(USER_ACCEPTED)                                                             \
  X(WAIT_PASS)                                                                 \
  X(WAIT_APOP)                                                                 \
  X(WAIT_QUIT)                                                                 \
  X(TRANSACTION)                                                               \
  X(WAIT_CAPA_AGAIN)                                                           \
  X(IN_CAPA_AGAIN)                                                             \
  X(WAIT_STAT)                                                                 \
  X(WAIT_LIST)                                                                 \
  X(IN_LIST)                                                                   \
  X(WAIT_LIST_ONE)                                                             \
  X(WAIT_UIDL)                                                                 \
  X(IN_UIDL)                                                                   \
  X(WAIT_UIDL_ONE)                                                             \
  X(WAIT_RETR)                                                                 \
  X(IN_RETR)                                                                   \
  X(WAIT_TOP)                                                                  \
  X(IN_TOP)                                                                    \
  X(WAIT_DELE)                                                                 \
  X(WAIT_NOOP)                                                                 \
  X(WAIT_RSET)                                                                 \
  X(WAIT_UPDATE)                                                               \
  X(WAIT_STLS)                                                                 \
  X(START_TLS)                                                                 \
  X(WAIT_AUTH)                                                                 \
  X(CHALLENGED)                                                                \
  X(WAIT_CANCEL)                                                               \
  X(WAIT_UTF8)                                                                 \
  X(WAIT_LANG)                                                                 \
  X(IN_LANG)                                                                   \
  X(WAIT_LANG_TO)                                                              \
  X(WAIT_LANG_AGAIN)                                                           \
  X(IN_LANG_AGAIN)                                                             \
  X(WAIT_LANG_TO_AGAIN)                                                        \
  X(CLOSED)                                                                    \
  X(FAILED)

/* CMD_x: the command becomes the head of the queue; in the order of enum
 * mailc_pop3_command. TERMINATOR: the lone dot behind a reply of several lines.
 */
#define MAILC_POP3_EVENTS(X)                                                   \
  X(CONNECTED)                                                                 \
  X(GREETING_OK)                                                               \
  X(GREETING_REFUSED)                                                          \
  X(CMD_CAPA)                                                                  \
  X(CMD_USER)                                                                  \
  X(CMD_PASS)                                                                  \
  X(CMD_APOP)                                                                  \
  X(CMD_STAT)                                                                  \
  X(CMD_LIST)                                                                  \
  X(CMD_LIST_ONE)                                                              \
  X(CMD_UIDL)                                                                  \
  X(CMD_UIDL_ONE)                                                              \
  X(CMD_RETR)                                                                  \
  X(CMD_TOP)                                                                   \
  X(CMD_DELE)                                                                  \
  X(CMD_NOOP)                                                                  \
  X(CMD_RSET)                                                                  \
  X(CMD_QUIT)                                                                  \
  X(CMD_STLS)                                                                  \
  X(CMD_AUTH)                                                                  \
  X(CMD_UTF8)                                                                  \
  X(CMD_LANG)                                                                  \
  X(CMD_LANG_TO)                                                               \
  X(REPLY_OK)                                                                  \
  X(REPLY_ERR)                                                                 \
  X(REPLY_CONTINUE)                                                            \
  X(TERMINATOR)                                                                \
  X(RESPONSE)                                                                  \
  X(CANCEL)                                                                    \
  X(TLS_UP)                                                                    \
  X(TLS_FAILED)                                                                \
  X(BAD_REPLY)                                                                 \
  X(EOF)                                                                       \
  X(TIMEOUT)

enum mailc_pop3_state {
#define STATE(name) MAILC_POP3_ST_##name,
  MAILC_POP3_STATES(STATE)
#undef STATE
      MAILC_POP3_ST_ANY
};

enum mailc_pop3_fsm_event {
#define EVENT(name) MAILC_POP3_EV_##name,
  MAILC_POP3_EVENTS(EVENT)
#undef EVENT
};

enum mailc_pop3_action {
  MAILC_POP3_DO_AWAIT_GREETING,
  MAILC_POP3_DO_GREET,
  MAILC_POP3_DO_GREET_REFUSED,
  MAILC_POP3_DO_SEND,
  MAILC_POP3_DO_ANSWER,
  MAILC_POP3_DO_REFUSE,
  MAILC_POP3_DO_REFUSE_LOGIN,
  MAILC_POP3_DO_REFUSE_APOP,
  MAILC_POP3_DO_BEGIN_LINES,
  MAILC_POP3_DO_BEGIN_DATA,
  MAILC_POP3_DO_END_LINES,
  MAILC_POP3_DO_AWAIT_TLS,
  MAILC_POP3_DO_BEGIN_ANEW,
  MAILC_POP3_DO_TAKE_CHALLENGE,
  MAILC_POP3_DO_END_CANCELLED,
  MAILC_POP3_DO_FAIL
};

/* What is expected of the server: the values of session->reading. */
enum mailc_pop3_reading {
  MAILC_POP3_READ_NOTHING, /* no command is under way */
  MAILC_POP3_READ_REPLY,
  MAILC_POP3_READ_LINES,     /* of CAPA, LIST, UIDL, LANG */
  MAILC_POP3_READ_DATA,      /* of a message */
  MAILC_POP3_READ_TLS,       /* its handshake, which is not the session's */
  MAILC_POP3_READ_CHALLENGE, /* nothing: event.text is a challenge to be read */
  MAILC_POP3_READ_ANSWER     /* nothing: the caller answers a challenge */
};

/* The link of a session that may be missing; NULL without one. */
static inline struct mailc_link *mailc_pop3_link(struct mailc_pop3 *session) {
  return session == NULL ? NULL : &session->link;
}

/* E_ARGUMENT without a session, or its sticky status. */
static inline enum mailc_status
mailc_pop3_status(const struct mailc_pop3 *session) {
  return session == NULL ? MAILC_E_ARGUMENT : session->link.status;
}

#endif
