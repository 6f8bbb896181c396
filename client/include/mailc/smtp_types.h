/* What an SMTP session is made of: commands, events, the configuration, and the
 * structure itself. <mailc/smtp.h> says what it does. */
#ifndef MAILC_SMTP_TYPES_H
#define MAILC_SMTP_TYPES_H

#include <mailc/link.h>
#include <mailc/sasl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The commands. MESSAGE is the end of a message, which has a reply too. */
enum mailc_smtp_command {
  MAILC_SMTP_NO_COMMAND, /* the greeting, which answers none */
  MAILC_SMTP_EHLO,
  MAILC_SMTP_HELO,
  MAILC_SMTP_LHLO,
  MAILC_SMTP_STARTTLS,
  MAILC_SMTP_AUTH,
  MAILC_SMTP_MAIL,
  MAILC_SMTP_RCPT,
  MAILC_SMTP_DATA,
  MAILC_SMTP_BDAT, /* but for the last */
  MAILC_SMTP_MESSAGE,
  MAILC_SMTP_RSET,
  MAILC_SMTP_NOOP,
  MAILC_SMTP_VRFY,
  MAILC_SMTP_EXPN,
  MAILC_SMTP_HELP,
  MAILC_SMTP_QUIT
};

/* What the server's EHLO reply offers: a set of bits. */
enum mailc_smtp_offer {
  MAILC_SMTP_OFFER_AUTH = 1,
  MAILC_SMTP_OFFER_8BITMIME = 2,
  MAILC_SMTP_OFFER_SIZE = 4,
  MAILC_SMTP_OFFER_SMTPUTF8 = 8,
  MAILC_SMTP_OFFER_DSN = 16,
  MAILC_SMTP_OFFER_STARTTLS = 32,
  MAILC_SMTP_OFFER_PIPELINING = 64,
  MAILC_SMTP_OFFER_CHUNKING = 128,
  MAILC_SMTP_OFFER_BINARYMIME = 256,
  MAILC_SMTP_OFFER_ENHANCEDSTATUSCODES = 512
};

/* What became of a message. */
enum mailc_delivery {
  MAILC_DELIVERY_NOT_SENT, /* the server has not taken it and will not */
  MAILC_DELIVERY_UNKNOWN, /* it ended, and the server's word on it is missing */
  MAILC_DELIVERY_SENT     /* the server has taken it */
};

/* What an event is, and which members it has. */
enum mailc_smtp_event_kind {
  MAILC_SMTP_EVENT_NONE,      /* nothing to take now */
  MAILC_SMTP_EVENT_MOVE,      /* move: only with trace_moves */
  MAILC_SMTP_EVENT_GREETING,  /* status, code, line_no, text */
  MAILC_SMTP_EVENT_LINE,      /* command, code, line_no, text */
  MAILC_SMTP_EVENT_CHALLENGE, /* text: the challenge, not in base64 */
  MAILC_SMTP_EVENT_REPLY      /* command, status, code, line_no, text */
};

/* One event. The span points into the receive buffer and is valid until the
 * next call of mailc_smtp_rx_buf(). Members that the kind does not name are
 * zero. */
struct mailc_smtp_event {
  enum mailc_smtp_event_kind kind; /* what it is */
  enum mailc_smtp_command command; /* what it answers */
  enum mailc_status status; /* MAILC_OK, E_REFUSED (5yz), E_REFUSED_NOW (4yz),
                               E_DROPPED; AUTH: E_AUTH, and for a login that the
                               library cancelled why: E_CHALLENGE, E_PROOF,
                               E_ITERATIONS, E_TOO_MANY_ROUNDS, E_BUFFER,
                               E_NO_HASH */
  uint16_t code;            /* of three digits */
  uint32_t line_no;         /* of this line in its reply, from 1 */
  struct mailc_move move;   /* of MOVE */
  struct mailc_span text;   /* of the line, without code and CRLF */
};

/* A command in the queue. Of the library's; the caller provides the memory. */
struct mailc_smtp_slot {
  uint16_t line_len; /* octets of its line */
  uint8_t command;   /* enum mailc_smtp_command */
};

/* What a session is made with. The buffers are the caller's, serve this session
 * alone and stay until it is no longer used. */
struct mailc_smtp_config {
  struct mailc_buffer rx; /* at least MAILC_RX_CAP_MIN; the longest line of a
                             reply. Challenges may have 12288 octets (RFC 4954
                             section 4) */
  struct mailc_buffer tx; /* at least MAILC_TX_CAP_MIN; the longest line that is
                             sent, responses to challenges in base64 too */

  struct mailc_smtp_slot *queue; /* memory for the commands under way */
  size_t queue_cap; /* how many it holds, from 1 to MAILC_QUEUE_MAX */

  const struct mailc_limits *limits; /* NULL: the defaults. Static */

  const struct mailc_hash *hash; /* for the mechanisms that need one; may be
                                    NULL. Static */
  uint64_t now_ms;               /* the time, ms; of the transport's clock where
                                    there is a pump */

  /* How long the server may be silent while it owes an answer, and take no
   * octet of a message. 0: as RFC 5321 section 4.5.3.2 has it, in that order 5,
   * 2, 3 and 10 minutes; for the last three timeout_ms where that is not 0. */
  uint32_t timeout_ms;
  uint32_t data_timeout_ms;     /* for the answer to DATA */
  uint32_t block_timeout_ms;    /* for it to take octets of a message */
  uint32_t delivery_timeout_ms; /* for its answer to a message */

  enum mailc_policy policy; /* without TLS, mechanisms that show the
                               secret need MAILC_POLICY_CLEAR, and
                               MAILC_POLICY_TLS forbids any login and any
                               mail */
  bool lf_to_crlf;       /* in messages a lone LF ends a line, sent as CRLF */
  bool allow_nul;        /* in messages */
  bool allow_8bit;       /* in messages, without BODY=8BITMIME (RFC 6152) */
  bool allow_long_lines; /* of messages, above 998 octets */
  bool is_lmtp;          /* the server speaks LMTP: LHLO, and no EHLO */
  bool has_tls; /* the transport has had TLS from its first octet (RFC 8314
                   section 3): policy is met */
  bool allow_unlisted_auth; /* AUTH where the server offers none, or not this
                               mechanism; nothing in RFC 4954 asks for it */
  bool trace_moves;         /* moves come as events */
};

/* Where a message stands. Of the library's. */
struct mailc_dot {
  uint16_t line_len;
  uint8_t place;
  uint8_t flags;
};

/* A session. Of the library's: the caller provides the memory and reads nothing
 * here. On a machine with 32 bits 256 octets at most, without the buffers. */
struct mailc_smtp {
  uint8_t state;
  uint8_t next_step; /* what the session does by itself */
  uint8_t queue_count;
  uint8_t queue_cap;
  uint8_t policy;
  uint8_t dot_flags;
  uint8_t delivery;
  bool has_begun;   /* the head of the queue has made its move */
  bool is_awaiting; /* the server owes an answer */
  bool is_logged_in;
  bool is_lmtp;
  bool is_utf8 : 1;   /* this message's MAIL had SMTPUTF8 */
  bool is_binary : 1; /* and BODY=BINARYMIME */
  bool is_taken : 1;  /* by one of LMTP's recipients */
  bool allow_unlisted_auth : 1;
  struct mailc_smtp_event event; /* waits to be taken if kind is not NONE */
  uint16_t offers;
  uint16_t mechs;        /* of the offers */
  uint16_t code;         /* of the reply that is being read */
  int16_t cancel_status; /* why the login was cancelled */
  struct mailc_dot dot;
  uint16_t rcpt_count; /* accepted; in LMTP, answers to the message to come */
  uint32_t line_count; /* lines of the reply read so far */
  struct mailc_smtp_slot *queue;
  const struct mailc_limits *limits;
  struct mailc_span span; /* EHLO: the name; in a message: what is to be sent */
  uint32_t size_max;      /* of the offers; 0: none */
  uint32_t reply_len;     /* octets of the reply read so far */
  uint32_t timeout_ms;
  uint32_t data_timeout_ms;
  uint32_t block_timeout_ms;
  uint32_t delivery_timeout_ms;
  struct mailc_link link;
  struct mailc_sasl sasl;
};

/* An enhanced status code, RFC 3463 section 2. */
struct mailc_enhanced {
  uint8_t class_no; /* 2, 4 or 5; 0: no enhanced code */
  uint16_t subject; /* at most 999, as is the detail */
  uint16_t detail;  /* what it is about the subject */
};

#ifdef __cplusplus
}
#endif

#endif
