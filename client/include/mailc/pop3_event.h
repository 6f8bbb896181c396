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

/* What the last CAPA said of the extensions: bits. */
enum mailc_pop3_offer {
  MAILC_POP3_HAS_ANSWERED = 1, /* CAPA was answered, or refused */
  MAILC_POP3_OFFERS_STLS = 2,
  MAILC_POP3_OFFERS_SASL = 4,
  MAILC_POP3_OFFERS_PIPELINING = 8,
  MAILC_POP3_OFFERS_UTF8 = 16,
  MAILC_POP3_OFFERS_UTF8_USER = 32, /* RFC 6856 section 2.2 */
  MAILC_POP3_OFFERS_LANG = 64,
  MAILC_POP3_OFFERS_AUTH_CODE = 128 /* AUTH-RESP-CODE, RFC 3206 section 6 */
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

/* Returns the code in a line of the server's, RFC 2449 section 8. Levels below
 * a known one are ignored, as is case.
 *   line  in: begins with +OK or -ERR, as the text of an event does
 *   text  out: what stands between the brackets, of the line's; data NULL if
 *         there are none. May be NULL */
enum mailc_pop3_code mailc_pop3_code(struct mailc_span line,
                                     struct mailc_span *text);

/* Returns whether what was refused with this code may succeed later, unchanged:
 * IN_USE, LOGIN_DELAY and SYS_TEMP, RFC 2449 section 8.1 and RFC 3206 section
 * 4.
 *   code  in: of mailc_pop3_code() */
bool mailc_pop3_code_is_temporary(enum mailc_pop3_code code);

/* Returns the name of a state, as in the table; "?" for a number that is none.
 * Static.
 *   state  in: of struct mailc_move */
const char *mailc_pop3_state_name(uint8_t state);

/* Returns the name of an event, in the same way.
 *   event  in: of struct mailc_move */
const char *mailc_pop3_event_name(uint8_t event);

#ifdef __cplusplus
}
#endif

#endif
