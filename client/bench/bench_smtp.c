/* Messages that are sent. */
#include "bench.h"

#include <string.h>

static uint8_t rx[1024];
static uint8_t tx[MAILC_TX_CAP_MIN];
static struct mailc_smtp session;
static struct mailc_smtp_slot queue[1];
static size_t sent_len;

/* Gives the session an answer of the server's; returns the calls of next(). */
static size_t hear(const char *octets) {
  struct mailc_smtp_event event;
  size_t call_count = 0;
  size_t room = 0;
  uint8_t *at = mailc_smtp_rx_buf(&session, &room);
  bool is_answered = false;

  bench_require(strlen(octets) <= room, "the session takes no octets");
  memcpy(at, octets, strlen(octets));
  (void)mailc_smtp_rx_ack(&session, strlen(octets));
  do {
    bench_require(mailc_smtp_next(&session, &event) == MAILC_OK,
                  "the session failed");
    call_count++;
    is_answered = is_answered || event.kind == MAILC_SMTP_EVENT_REPLY ||
                  event.kind == MAILC_SMTP_EVENT_GREETING;
  } while (event.kind != MAILC_SMTP_EVENT_NONE);
  bench_require(is_answered, "an answer has no end");
  return call_count;
}

static void send_all(void) {
  size_t len = 0;

  while (mailc_smtp_tx_buf(&session, &len) != NULL) {
    sent_len += len;
    (void)mailc_smtp_tx_ack(&session, len);
  }
}

static size_t exchange(enum mailc_status status, const char *answer) {
  bench_require(status == MAILC_OK, "a command was refused");
  send_all();
  return hear(answer);
}

static void greet(void) {
  struct mailc_smtp_config config = {.rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .queue = queue,
                                     .queue_cap = 1,
                                     .lf_to_crlf = true};

  bench_require(mailc_smtp_init(&session, sizeof session, &config) == MAILC_OK,
                "no session");
  (void)exchange(mailc_smtp_connected(&session), "220 ready\r\n");
}

static void begin_message(void) {
  greet();
  (void)exchange(mailc_smtp_ehlo(&session, MAILC_SPAN("a.example")),
                 "250 b.example\r\n");
  (void)exchange(mailc_smtp_mail(&session, MAILC_SPAN("a@a.example"), NULL, 0),
                 "250 ok\r\n");
  (void)exchange(mailc_smtp_rcpt(&session, MAILC_SPAN("b@b.example"), NULL, 0),
                 "250 ok\r\n");
}

void bench_data(enum bench_text text) {
  begin_message();
  (void)exchange(mailc_smtp_data(&session), "354 go on\r\n");
  sent_len = 0;
  bench_require(mailc_smtp_body(&session, bench_texts[text]) == MAILC_OK,
                "the message was refused");
  send_all();
  (void)exchange(mailc_smtp_end(&session), "250 taken\r\n");
  bench_require(sent_len == bench_wires[text].len,
                "a message has another length");
}

void bench_rcpt(struct bench_exchange *result, size_t count) {
  begin_message();
  result->name = "SMTP: RCPT";
  for (size_t i = 0; i < count; i++) {
    result->call_count +=
        exchange(mailc_smtp_rcpt(&session, MAILC_SPAN("b@b.example"), NULL, 0),
                 "250 2.1.5 ok\r\n");
    result->reply_count++;
  }
}

void bench_ehlo(struct bench_exchange *result, size_t count) {
  static const char answer[] =
      "250-b.example\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-DSN\r\n"
      "250-AUTH PLAIN LOGIN SCRAM-SHA-256\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
      "250-CHUNKING\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n";

  result->name = "SMTP: session, EHLO of 10 lines";
  for (size_t i = 0; i < count; i++) {
    greet();
    result->call_count +=
        exchange(mailc_smtp_ehlo(&session, MAILC_SPAN("a.example")), answer);
    result->reply_count++;
  }
}
