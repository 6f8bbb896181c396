/* Messages that are fetched. */
#include "bench.h"

#include <mailc/memory.h>
#include <mailc/pop3_pump.h>
#include <string.h>

/* As large as that of libcurl. */
#define RX_CAP 16384u

static uint8_t rx[RX_CAP];
static uint8_t tx[MAILC_TX_CAP_MIN];
static struct mailc_pop3_slot queue[1];
static struct mailc_pop3 session;

static void begin(void) {
  struct mailc_pop3_config config = {.rx = {rx, sizeof rx},
                                     .tx = {tx, sizeof tx},
                                     .queue = queue,
                                     .queue_cap = 1,
                                     .policy = MAILC_POLICY_CLEAR};

  bench_require(mailc_pop3_init(&session, sizeof session, &config) == MAILC_OK,
                "no session");
}

/* Takes all events; returns how many calls that took. */
static size_t take(size_t *data_len, bool *is_answered) {
  struct mailc_pop3_event event;
  size_t call_count = 0;

  do {
    bench_require(mailc_pop3_next(&session, &event) == MAILC_OK,
                  "the session failed");
    call_count++;
    if (event.kind == MAILC_POP3_EVENT_DATA) {
      *data_len += event.value.len;
    }
    *is_answered = *is_answered || event.kind == MAILC_POP3_EVENT_END ||
                   event.kind == MAILC_POP3_EVENT_GREETING ||
                   (event.kind == MAILC_POP3_EVENT_REPLY && !event.has_more);
  } while (event.kind != MAILC_POP3_EVENT_NONE);
  return call_count;
}

static void send_all(void) {
  size_t len = 0;

  while (mailc_pop3_tx_buf(&session, &len) != NULL) {
    (void)mailc_pop3_tx_ack(&session, len);
  }
}

/* Gives the session octets of the server's; returns the calls of next(). */
static size_t hear(const uint8_t *octets, size_t len, size_t *data_len) {
  size_t call_count = 0;
  bool is_answered = false;

  while (len != 0) {
    size_t room = 0;
    uint8_t *at = mailc_pop3_rx_buf(&session, &room);
    size_t piece = len < room ? len : room;

    bench_require(piece != 0, "the session takes no octets");
    memcpy(at, octets, piece);
    (void)mailc_pop3_rx_ack(&session, piece);
    call_count += take(data_len, &is_answered);
    octets += piece;
    len -= piece;
  }
  bench_require(is_answered, "an answer has no end");
  return call_count;
}

static size_t exchange(enum mailc_status status, const char *answer) {
  size_t data_len = 0;

  bench_require(status == MAILC_OK, "a command was refused");
  send_all();
  return hear((const uint8_t *)answer, strlen(answer), &data_len);
}

static void log_in(void) {
  begin();
  (void)exchange(mailc_pop3_connected(&session), "+OK ready\r\n");
  (void)exchange(mailc_pop3_user(&session, MAILC_SPAN("mrose")), "+OK\r\n");
  (void)exchange(mailc_pop3_pass(&session, MAILC_SPAN("tanstaaf")), "+OK\r\n");
}

void bench_retr(enum bench_text text) {
  bool is_answered = false;
  size_t len = 0;
  size_t room = 0;

  log_in();
  bench_require(mailc_pop3_retr(&session, 1) == MAILC_OK, "RETR was refused");
  send_all();
  memcpy(mailc_pop3_rx_buf(&session, &room), "+OK\r\n", 5);
  (void)mailc_pop3_rx_ack(&session, 5);
  (void)take(&len, &is_answered);
  (void)hear(bench_wires[text].data, bench_wires[text].len, &len);
  bench_require(text == BENCH_LF || len == bench_texts[text].len,
                "a message has another length");
}

void bench_noop(struct bench_exchange *result, size_t count) {
  log_in();
  result->name = "POP3: NOOP";
  for (size_t i = 0; i < count; i++) {
    result->call_count += exchange(mailc_pop3_noop(&session), "+OK\r\n");
    result->reply_count++;
  }
}

/* The pair in memory, and a server at its second end. */
static struct {
  struct mailc_memory_pair pair;
  struct mailc_transport transport; /* of the server */
  struct mailc_span rest;           /* what it has still to send */
  enum bench_text text;
} server;

static void answer(void) {
  char line[256];
  size_t len = 0;

  (void)server.transport.recv(server.transport.context, line, sizeof line, 0,
                              &len);
  if (len >= 4 && memcmp(line, "RETR", 4) == 0) {
    server.rest = bench_wires[server.text];
    line[0] = '\0';
  }
  if (len != 0) {
    (void)server.transport.send(server.transport.context, "+OK\r\n", 5, 0,
                                &len);
  }
}

static void serve(void *context, unsigned end, uint64_t until_ms) {
  size_t sent = 0;

  (void)context;
  (void)end;
  (void)until_ms;
  if (server.rest.len == 0) {
    answer();
    return;
  }
  (void)server.transport.send(server.transport.context, server.rest.data,
                              server.rest.len, 0, &sent);
  server.rest.data += sent;
  server.rest.len -= sent;
}

static struct mailc_transport open_pair(enum bench_text text) {
  static uint8_t inbox[65536];
  static uint8_t server_inbox[1024];

  (void)mailc_memory_init(
      &server.pair, (struct mailc_buffer){inbox, sizeof inbox},
      (struct mailc_buffer){server_inbox, sizeof server_inbox});
  server.pair.wait = serve;
  server.text = text;
  server.rest = MAILC_SPAN("+OK ready\r\n");
  server.transport = mailc_memory_transport(&server.pair, 1);
  return mailc_memory_transport(&server.pair, 0);
}

void bench_pair(enum bench_text text) {
  struct mailc_transport transport = open_pair(text);
  size_t left = bench_wires[text].len;

  server.rest = bench_wires[text];
  while (left != 0) {
    size_t len = 0;

    bench_require(transport.recv(transport.context, rx, sizeof rx, 1, &len) ==
                          MAILC_OK &&
                      len != 0,
                  "the pair has no octets");
    left -= len;
  }
}

void bench_fetch(const struct mailc_transport *transport,
                 enum bench_text text) {
  struct mailc_pop3_pump pump = {.pump = {.transport = transport},
                                 .session = &session};
  struct mailc_pop3_event event = {.kind = MAILC_POP3_EVENT_NONE};
  size_t len = 0;

  begin();
  bench_require(mailc_pop3_pump_connect(&pump, NULL) == MAILC_OK &&
                    mailc_pop3_pump_user(&pump, MAILC_SPAN("mrose"),
                                         MAILC_SPAN("tanstaaf")) == MAILC_OK &&
                    mailc_pop3_pump_open_retr(&pump, 1) == MAILC_OK,
                "the pump was refused");
  while (event.kind != MAILC_POP3_EVENT_END) {
    bench_require(mailc_pop3_pump_read(&pump, &event) == MAILC_OK,
                  "the pump failed");
    len += event.value.len;
  }
  bench_require(text == BENCH_LF || len == bench_texts[text].len,
                "a message has another length");
  bench_require(mailc_pop3_pump_quit(&pump) == MAILC_OK, "QUIT was refused");
}

void bench_pump(enum bench_text text) {
  struct mailc_transport transport = open_pair(text);

  bench_fetch(&transport, text);
}
