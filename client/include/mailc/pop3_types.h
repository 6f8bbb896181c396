/* What a POP3 session is made of: commands, events, response codes, the
 * configuration, and the structure itself. <mailc/pop3.h> says what it does. */
#ifndef MAILC_POP3_TYPES_H
#define MAILC_POP3_TYPES_H

#include <mailc/hash.h>
#include <mailc/link.h>
#include <mailc/sasl.h>
#include <stdbool.h>
#include <stddef.h>
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
  MAILC_POP3_CAPA_ANSWERED = 1, /* CAPA was answered, or refused */
  MAILC_POP3_OFFER_STLS = 2,
  MAILC_POP3_OFFER_SASL = 4,
  MAILC_POP3_OFFER_PIPELINING = 8,
  MAILC_POP3_OFFER_UTF8 = 16,
  MAILC_POP3_OFFER_UTF8_USER = 32, /* RFC 6856 section 2.2 */
  MAILC_POP3_OFFER_LANG = 64,
  MAILC_POP3_OFFER_AUTH_RESP_CODE = 128 /* AUTH-RESP-CODE, RFC 3206 section 6 */
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
  MAILC_POP3_EVENT_CHALLENGE,  /* text: the challenge, not in base64 */
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
  MAILC_POP3_CODE_OTHER,       /* any other code */
  MAILC_POP3_CODE_IN_USE,      /* the maildrop is; RFC 2449 section 8.1.2 */
  MAILC_POP3_CODE_LOGIN_DELAY, /* too soon after the last; section 8.1.1 */
  MAILC_POP3_CODE_SYS,      /* the server's own trouble; RFC 3206 section 4 */
  MAILC_POP3_CODE_SYS_TEMP, /* it passes */
  MAILC_POP3_CODE_SYS_PERM, /* it does not pass by itself */
  MAILC_POP3_CODE_AUTH,     /* name or secret are wrong; RFC 3206 section 5 */
  MAILC_POP3_CODE_UTF8      /* the message needs UTF8; RFC 6856 section 5 */
};

/* A command in the queue. Of the library's; the caller provides the memory. */
struct mailc_pop3_slot {
  uint8_t command;         /* enum mailc_pop3_command */
  uint8_t line_len;        /* octets of its own line */
  enum mailc_status cause; /* why AUTH was cancelled */
  uint32_t number;         /* its message */
  uint32_t count;          /* lines of its list */
  uint32_t len;            /* octets of its reply, but of a message */
  struct mailc_sasl sasl;  /* of AUTH */
};

/* What a session is made with. The buffers are the caller's, serve this session
 * alone and stay until it is no longer used. */
struct mailc_pop3_config {
  struct mailc_buffer rx; /* at least MAILC_RX_CAP_MIN; the longest line of the
                             server's but in messages, which come in pieces */
  struct mailc_buffer tx; /* at least MAILC_TX_CAP_MIN */

  /* Keeps the timestamp of the greeting for APOP; 512 octets hold any that is
   * legal. Without it, or if the timestamp does not fit, there is no APOP. */
  struct mailc_buffer timestamp;

  struct mailc_pop3_slot *queue; /* memory for the commands under way */
  size_t queue_cap; /* how many it holds, from 1 to MAILC_QUEUE_MAX */

  const struct mailc_limits *limits; /* NULL: the defaults. Static */

  const struct mailc_hash *hash; /* for APOP and some mechanisms of AUTH, which
                                    need it; may be NULL. Static */
  uint64_t now_ms;               /* the time, ms; of the transport's clock where
                                    there is a pump */
  uint32_t timeout_ms;           /* how long the server may be silent while it
                                    owes an answer; 0: 5 minutes */
  enum mailc_policy policy;      /* USER, PASS and the mechanisms that show the
                                    secret need MAILC_POLICY_CLEAR; with
                                    MAILC_POLICY_TLS every login is refused */
  bool allow_pass_after_apop;    /* the password even after a refused APOP */
  bool is_prepared; /* names and secrets outside ASCII were prepared
                       as RFC 6856 section 2.2 says; without it APOP
                       refuses them */
  bool has_tls;     /* the transport has had TLS from its first
                       octet (RFC 8314 section 3): policy is met */
  bool trace_moves; /* moves come as events */
};

/* A session. Of the library's: the caller provides the memory and reads nothing
 * here. 256 octets at most, without the buffers. */
struct mailc_pop3 {
  uint8_t state;
  uint8_t reading; /* what is expected of the server */
  uint8_t queue_count;
  uint8_t queue_cap;
  uint8_t place; /* within a line of a message */
  uint8_t policy;
  bool has_refused_apop;
  bool has_said_utf8 : 1;
  bool allow_pass_after_apop : 1;
  bool is_prepared : 1;
  uint16_t offers; /* enum mailc_pop3_offer */
  uint16_t mechs;  /* offered: bits of enum mailc_mech */
  uint16_t timestamp_len;
  uint16_t timestamp_cap;
  struct mailc_pop3_event event; /* waits to be taken if kind is not NONE */
  struct mailc_pop3_slot *queue;
  const struct mailc_limits *limits;
  struct mailc_link link;
  const struct mailc_hash *hash;
  uint8_t *timestamp;
};

#ifdef __cplusplus
}
#endif

#endif
