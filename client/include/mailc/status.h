/* What went wrong, in bands of a hundred. What to do next is another question:
 * enum mailc_want in <mailc/link.h>. */
#ifndef MAILC_STATUS_H
#define MAILC_STATUS_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Name, number, sentence. */
#define MAILC_STATUS_LIST(X)                                                   \
  X(OK, 0, "success")                                                          \
  /* The call was wrong; the session is unharmed and nothing was sent. */      \
  X(E_ARGUMENT, -101, "an argument is missing or out of range")                \
  X(E_STATE, -102, "the command is not allowed in this state")                 \
  X(E_SIZE, -103, "the structure has another size in the library")             \
  X(E_EVENTS, -104, "events or octets wait to be taken first")                 \
  X(E_TEXT, -105, "an argument holds an octet that no command may hold")       \
  X(E_TOO_LONG, -106, "the command line would be too long")                    \
  X(E_MESSAGE, -107, "the message holds octets or lines not allowed")          \
  X(E_TIMESTAMP, -108, "the greeting holds no timestamp that APOP can use")    \
  X(E_NO_HASH, -109, "no hash library is configured, or it refused")           \
  X(E_NO_TLS, -110, "the transport has no TLS")                                \
  X(E_CREDENTIALS, -111, "a certificate, key or trust store cannot be used")   \
  X(E_QUEUE_FULL, -112, "no other command fits before one is answered")        \
  X(E_DROPPED, -113, "not sent, as a command that it follows was refused")     \
  X(E_UNPREPARED, -114, "a name or secret outside ASCII is not prepared")      \
  /* Something of the caller's is too small. */                                \
  X(E_LINE_TOO_LONG, -201, "a line does not fit the receive buffer")           \
  X(E_BUFFER, -202, "a result does not fit the buffer given for it")           \
  X(E_REPLY_TOO_LONG, -203, "a reply has more octets than the caller allows")  \
  X(E_TOO_MANY_LINES, -204, "a list has more lines than the caller allows")    \
  X(E_TOO_MANY_ROUNDS, -205, "a login has more rounds than the caller allows") \
  X(E_TOO_MANY_CAPABILITIES, -206,                                             \
    "there are more capabilities than the caller allows")                      \
  X(E_ITERATIONS, -207,                                                        \
    "the server's hash iterations are outside the caller's bounds")            \
  /* The server broke the protocol. Sticky. */                                 \
  X(E_REPLY, -301, "the server's reply is malformed or impossible here")       \
  X(E_SURPLUS, -302, "the server sent octets that nothing asked for")          \
  X(E_LINE_END, -303, "a line of the server's does not end in CRLF alone")     \
  X(E_CHALLENGE, -304, "the server's challenge is not base64")                 \
  X(E_TLS, -305, "the TLS handshake failed")                                   \
  X(E_CERTIFICATE, -306,                                                       \
    "the server's certificate is not trusted or not for this host")            \
  X(E_PROOF, -307, "the server has not proved that it knows the secret")       \
  /* The server said no; the reply's text is kept. */                          \
  X(E_REFUSED, -401, "the server refused the command")                         \
  X(E_REFUSED_NOW, -402, "the server refused the command for now")             \
  X(E_AUTH, -403, "the server refused the login")                              \
  /* Transport and time. Sticky. */                                            \
  X(E_CLOSED, -501, "the connection was closed by the server")                 \
  X(E_TIMEOUT, -502, "the server was silent too long")                         \
  X(E_LINK, -503, "the connection failed")                                     \
  X(E_CONNECT, -504, "no connection could be made")                            \
  X(E_HOST, -505, "the host's name has no address")                            \
  X(E_DELIVERY_UNKNOWN, -506,                                                  \
    "the connection was lost after the end of the message: it may have been "  \
    "delivered")                                                               \
  /* The configuration demands what is not there. */                           \
  X(E_CLEAR_SECRET, -601, "a secret would go out in clear")                    \
  X(E_NOT_OFFERED, -602, "the server does not offer what was asked for")       \
  X(E_AFTER_APOP, -603, "a password in clear after a refused APOP")            \
  X(E_CLEAR_MAIL, -604, "mail would go out in clear")                          \
  X(E_TOO_LARGE, -605, "the message is larger than the server takes")

/* The result of a call or of an operation. */
enum mailc_status {
#define MAILC_STATUS_ENUM(name, number, sentence) MAILC_##name = (number),
  MAILC_STATUS_LIST(MAILC_STATUS_ENUM)
#undef MAILC_STATUS_ENUM
};

/* Who has to act, by the hundred that a status is in. */
enum mailc_band {
  MAILC_BAND_OK,
  MAILC_BAND_CALLER,  /* session unharmed */
  MAILC_BAND_LIMIT,   /* a buffer of the caller's is too small */
  MAILC_BAND_PEER,    /* the server broke the protocol; sticky */
  MAILC_BAND_REFUSED, /* the server said no; session unharmed */
  MAILC_BAND_LINK,    /* connection or time; sticky */
  MAILC_BAND_POLICY   /* the configuration demands what is not there */
};

/* Returns the band that a status is in.
 *   status  in: of any call */
enum mailc_band mailc_status_band(enum mailc_status status);

/* Returns the enumerator's name, "E_TIMEOUT"; "?" for an unknown number.
 * Static.
 *   status  in: of any call */
const char *mailc_status_name(enum mailc_status status);

/* Returns one sentence in English without a full stop; never NULL. Static.
 *   status  in: of any call */
const char *mailc_status_text(enum mailc_status status);

#ifdef __cplusplus
}
#endif

#endif
