/* What is measured: sessions in one process, without sockets. */
#ifndef MAILC_BENCH_H
#define MAILC_BENCH_H

#include <mailc/pop3.h>
#include <mailc/smtp.h>
#include <mailc/transport.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ends the program with a sentence if something is not as it has to be: what is
 * measured has to work. */
void bench_require(bool holds, const char *what);

/* Memory for good; ends the program if there is none. */
uint8_t *bench_memory(size_t len);

/* The messages that are fetched and sent. */
enum bench_text {
  BENCH_PROSE, /* lines of 72 octets, of which one in twenty begins with a dot
                */
  BENCH_DOTS,  /* short lines that all do */
  BENCH_LF,    /* prose whose lines end in LF alone */
  BENCH_TEXT_COUNT
};
extern struct mailc_span bench_texts[BENCH_TEXT_COUNT];

/* The same on the wire, with the lone dot at the end. */
extern struct mailc_span bench_wires[BENCH_TEXT_COUNT];

/* Makes them. */
void bench_make_texts(void);

/* Whole transfers of a message; each begins a session anew. */
void bench_copy(enum bench_text text);  /* memcpy of the wire's octets */
void bench_stuff(enum bench_text text); /* dots by a loop over octets */
void bench_retr(enum bench_text text);  /* RETR, the POP3 engine alone */
void bench_pump(enum bench_text text);  /* RETR by the pump, over a pair in
                                           memory */
void bench_pair(enum bench_text text);  /* the same octets through that pair,
                                           without a client */
void bench_data(enum bench_text text);  /* DATA, the SMTP engine alone */

/* RETR by the pump over a transport to a server with this message. */
void bench_fetch(const struct mailc_transport *transport, enum bench_text text);

/* A server in a process of its own, on the loopback interface: its time is not
 * counted. The next two fetch its message, by the pump over TCP and by libcurl,
 * which is there only if BENCH_CURL is defined. */
void bench_serve(void);
void bench_stop_serving(void);
void bench_tcp(enum bench_text text);
void bench_curl(enum bench_text text);

/* One command and its answer, over and over. */
struct bench_exchange {
  const char *name;
  size_t call_count;  /* of next() for all of them */
  size_t reply_count; /* how many there were */
};
void bench_noop(struct bench_exchange *result, size_t count);
void bench_rcpt(struct bench_exchange *result, size_t count);
void bench_ehlo(struct bench_exchange *result, size_t count);

#endif
