/* What a POP3 session tells: its commands, its events, the response codes of
 * replies. The session itself is in <mailc/pop3.h>. */
#ifndef MAILC_POP3_EVENT_H
#define MAILC_POP3_EVENT_H

#include <mailc/link.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The commands; CAPA and the others are named as on the wire, _ONE is the form
 * with a message number. */
enum mailc_pop3_command {
  MAILC_POP3_NO_COMMAND, /* the greeting, which answers none */
  MAILC_POP3_CAPA,
  MAILC_POP3_USER,
  MAILC_POP3_PASS,
  MAILC_POP3_APOP,
  MAILC_POP3_STAT,
  MAILC_POP3_LIST,
  MAILC_POP3_LIST_ONE,
  MAILC_POP3_UIDL,
  MAILC_POP3_UIDL_ONE,
  MAILC_POP3_RETR,
  MAILC_POP3_TOP,
  MAILC_POP3_DELE,
  MAILC_POP3_NOOP,
  MAILC_POP3_RSET,
  MAILC_POP3_QUIT,
  MAILC_POP3_STLS,
  MAILC_POP3_AUTH,
  MAILC_POP3_UTF8,
  MAILC_POP3_LANG,
  MAILC_POP3_LANG_TO
};

/* What an event is, and which members it has. */
enum mailc_pop3_event_kind {
  MAILC_POP3_EVENT_NONE,       /* nothing to take now */
  MAILC_POP3_EVENT_MOVE,       /* move: only with trace_moves */
  MAILC_POP3_EVENT_GREETING,   /* status, text; value: the timestamp */
  MAILC_POP3_EVENT_REPLY,      /* command, status, text, has_more; values */
  MAILC_POP3_EVENT_CAPABILITY, /* text: keyword; value: parameters, may be "" */
  MAILC_POP3_EVENT_ITEM,       /* number and size (LIST) or value (UIDL) */
  MAILC_POP3_EVENT_LANGUAGE,   /* text: its tag; value: its description */
  MAILC_POP3_EVENT_DATA,       /* value: the next octets of the message */
  MAILC_POP3_EVENT_CHALLENGE,  /* value: its octets; answer or cancel */
  MAILC_POP3_EVENT_END         /* command: all of its lines were handed out */
};

/* One event. Spans point into the receive buffer and are valid until the next
 * call of mailc_pop3_rx_buf(). Members that the kind does not name are zero. */
struct mailc_pop3_event {
  enum mailc_pop3_event_kind kind; /* what it is */
  enum mailc_pop3_command command; /* what it answers */
  enum mailc_status status; /* MAILC_OK or, of a refusal: E_REFUSED_NOW if its
                               response code says that it passes, E_AUTH for a
                               login unless its code says otherwise, E_REFUSED;
                               E_DROPPED if it was not sent */
  bool has_more;            /* lines follow, and END after them */
  struct mailc_move move;   /* of MOVE */
  uint32_t number;          /* a message's number; for STAT the messages */
  uint64_t size;            /* octets */
  struct mailc_span text;   /* the server's line without CRLF; a keyword */
  struct mailc_span value;  /* what it carries */
};

/* The response code that a reply may begin with, RFC 2449 section 8. */
enum mailc_pop3_code {
  MAILC_POP3_CODE_NONE,
  MAILC_POP3_CODE_OTHER,       /* one that is none of these */
  MAILC_POP3_CODE_IN_USE,      /* the maildrop is; RFC 2449 section 8.1.2 */
  MAILC_POP3_CODE_LOGIN_DELAY, /* too soon after the last; section 8.1.1 */
  MAILC_POP3_CODE_SYS,      /* the server's own trouble; RFC 3206 section 4 */
  MAILC_POP3_CODE_SYS_TEMP, /* it passes */
  MAILC_POP3_CODE_SYS_PERM, /* it does not pass by itself */
  MAILC_POP3_CODE_AUTH,     /* name or secret are wrong; RFC 3206 section 5 */
  MAILC_POP3_CODE_UTF8      /* the message needs UTF8; RFC 6856 section 5 */
};

/* The code in a line of the server's that begins with +OK or -ERR. Levels below
 * a known one are ignored, as is case. The text between the brackets goes to
 * *text, if that is not NULL; data NULL if there is none. */
enum mailc_pop3_code mailc_pop3_code(struct mailc_span line,
                                     struct mailc_span *text);

/* Whether what was refused with this code may succeed later, unchanged. */
bool mailc_pop3_code_is_temporary(enum mailc_pop3_code code);

#ifdef __cplusplus
}
#endif

#endif
