#include "engine.h"

#include "hash.h"

#include <string.h>

/* Octets of a buffer beyond the least that it may have. */
static const size_t more_octets[] = {
    0, 1, 2, 7, 16, 64, 88, 257, 512, 600, 900, 1024, 2048, 3584, 5000, 7680};

/* The most events that come of one thing that happens to a session, besides one
 * for each octet received: with more it makes no progress. */
#define EVENTS_PER_TURN 8u

static void place_memory(struct fuzz_engine *engine, uint8_t caps,
                         uint8_t misc) {
  bool is_at_end = (misc & 1u) == 0;
  size_t rx_cap = MAILC_RX_CAP_MIN + more_octets[caps & 15u];
  size_t tx_cap = MAILC_TX_CAP_MIN + more_octets[caps >> 4];
  size_t scratch_cap = (misc & 16u) == 0 ? 1024 : caps;

  engine->rx = (struct mailc_buffer){
      fuzz_place(FUZZ_AREA_RX, rx_cap, is_at_end), rx_cap};
  engine->tx = (struct mailc_buffer){
      fuzz_place(FUZZ_AREA_TX, tx_cap, is_at_end), tx_cap};
  engine->scratch = (struct mailc_buffer){
      fuzz_place(FUZZ_AREA_SCRATCH, scratch_cap, is_at_end), scratch_cap};
  engine->session =
      fuzz_place(FUZZ_AREA_SESSION, engine->protocol->session_size, is_at_end);
  engine->rx_end = engine->rx.data;
}

void fuzz_engine_begin(struct fuzz_engine *engine,
                       const struct fuzz_protocol *protocol,
                       struct fuzz_input *input) {
  uint8_t caps = 0;
  uint8_t misc = 0;

  memset(engine, 0, offsetof(struct fuzz_engine, heard));
  engine->protocol = protocol;
  engine->cut = fuzz_octet(input);
  engine->send_max = fuzz_octet(input);
  caps = fuzz_octet(input);
  misc = fuzz_octet(input);
  engine->flags[0] = fuzz_octet(input);
  engine->flags[1] = fuzz_octet(input);
  engine->trace_moves = (misc & 2u) == 0;
  engine->hash = (misc & 4u) == 0 ? &fuzz_hash : NULL;
  engine->queue_cap = (uint8_t)(1 + (misc >> 5));
  engine->dice = engine->cut;
  engine->now_ms = 1000;
  engine->last_sent = '\n';
  fuzz_hash_begin((misc & 8u) == 0);
  place_memory(engine, caps, misc);
}

/* Notes a status that a session gave, which sticks once it has failed. */
static void check_status(struct fuzz_engine *engine, enum mailc_status status) {
  FUZZ_REQUIRE(strcmp(mailc_status_name(status), "?") != 0);
  if (engine->failure != MAILC_OK) {
    FUZZ_REQUIRE(status == engine->failure);
  }
}

/* Nothing is left to be sent or answered once a session is over. */
static void check_over(struct fuzz_engine *engine) {
  unsigned want = engine->protocol->want(engine->session);
  size_t len = 0;

  if (engine->failure != MAILC_OK) {
    FUZZ_REQUIRE(mailc_status_band(engine->failure) != MAILC_BAND_CALLER);
    FUZZ_REQUIRE(want == MAILC_WANT_CLOSED);
  }
  if ((want & MAILC_WANT_CLOSED) != 0) {
    (void)engine->protocol->tx_buf(engine->session, &len);
    FUZZ_REQUIRE((want & (MAILC_WANT_TX | MAILC_WANT_RX)) == 0 && len == 0);
    engine->is_over = true;
  }
  FUZZ_REQUIRE(!engine->is_over || want == MAILC_WANT_CLOSED);
  FUZZ_REQUIRE(want != 0);
}

/* Takes all events. */
static void take(struct fuzz_engine *engine) {
  bool is_none = false;
  enum mailc_status status = MAILC_OK;

  engine->turn_count++;
  for (;;) {
    status = engine->protocol->next(engine, &is_none);
    check_status(engine, status);
    if (is_none || status != MAILC_OK) {
      break;
    }
    FUZZ_REQUIRE(!engine->is_over);
    engine->event_count++;
    FUZZ_REQUIRE(engine->event_count <=
                 engine->heard_len + EVENTS_PER_TURN * engine->turn_count);
  }
  FUZZ_REQUIRE(is_none);
  if (status != MAILC_OK && engine->has_login) {
    fuzz_check_login(engine, status);
    engine->has_login = false;
  }
  engine->failure = status;
  check_over(engine);
}

/* Commands are lines that end in CRLF, and hold none of these otherwise. */
static void check_line(struct fuzz_engine *engine, uint8_t octet) {
  FUZZ_REQUIRE(octet != '\0');
  FUZZ_REQUIRE((octet == '\n') == (engine->last_sent == '\r'));
  engine->last_sent = octet;
}

static void keep_sent(struct fuzz_engine *engine, const uint8_t *octets,
                      size_t len) {
  for (size_t i = 0; i < len && !engine->is_in_message; i++) {
    check_line(engine, octets[i]);
  }
  memcpy(engine->sent + engine->sent_len, octets, len);
  engine->sent_len += len;
}

static bool has_room(const struct fuzz_engine *engine) {
  return engine->sent_len + FUZZ_AREA_LEN <= FUZZ_KEPT_LEN &&
         engine->heard_len + FUZZ_AREA_LEN <= FUZZ_KEPT_LEN;
}

/* Sends what there is to send, in pieces. */
static void send(struct fuzz_engine *engine) {
  const struct fuzz_protocol *protocol = engine->protocol;
  void *session = engine->session;

  while (!engine->is_holding && has_room(engine) &&
         (protocol->want(session) & MAILC_WANT_TX) != 0) {
    size_t len = 0;
    const uint8_t *at = protocol->tx_buf(session, &len);

    FUZZ_REQUIRE(at != NULL && len != 0);
    FUZZ_REQUIRE(protocol->tx_ack(session, len + 1) == MAILC_E_ARGUMENT);
    if (engine->send_max != 0 && len > engine->send_max) {
      len = engine->send_max;
    }
    keep_sent(engine, at, len);
    check_status(engine, protocol->tx_ack(session, len));
    take(engine);
    if (protocol->sent != NULL) {
      protocol->sent(engine);
    }
  }
}

/* A session that neither the caller nor the server can move would stay for
 * ever: it has to have a deadline. */
static void check_wait(const struct fuzz_engine *engine) {
  unsigned want = engine->protocol->want(engine->session);

  if (!engine->is_holding && has_room(engine) &&
      (want & (MAILC_WANT_CALLER | MAILC_WANT_CLOSED)) == 0) {
    FUZZ_REQUIRE(engine->protocol->deadline_ms(engine->session) != MAILC_NEVER);
  }
}

static void settle(struct fuzz_engine *engine) {
  take(engine);
  send(engine);
  check_wait(engine);
}

/* How many octets the next piece of the server's has at most. */
static size_t next_piece(struct fuzz_engine *engine) {
  if (engine->cut == 0) {
    return SIZE_MAX;
  }
  if (engine->cut < 128) {
    return engine->cut;
  }
  engine->dice = engine->dice * 1103515245u + 12345u;
  return 1 + (engine->dice >> 16) % 16u;
}

/* Gives a session what it has room for; returns how much that was. */
static size_t deliver_piece(struct fuzz_engine *engine, const uint8_t *octets,
                            size_t len) {
  const struct fuzz_protocol *protocol = engine->protocol;
  size_t room = 0;
  size_t most = next_piece(engine);
  uint8_t *at = NULL;

  fuzz_open(engine->rx.data, engine->rx.cap);
  at = protocol->rx_buf(engine->session, &room);
  FUZZ_REQUIRE(at != NULL && room != 0 && at >= engine->rx.data &&
               at + room == engine->rx.data + engine->rx.cap);
  FUZZ_REQUIRE(protocol->rx_ack(engine->session, room + 1) == MAILC_E_ARGUMENT);
  len = len < room ? len : room;
  len = len < most ? len : most;
  memcpy(at, octets, len);
  memcpy(engine->heard + engine->heard_len, octets, len);
  engine->heard_len += len;
  engine->rx_end = at + len;
  fuzz_shut(at + len, room - len);
  check_status(engine, protocol->rx_ack(engine->session, len));
  settle(engine);
  return len;
}

static void deliver(struct fuzz_engine *engine, const uint8_t *octets,
                    size_t len) {
  settle(engine);
  while (len != 0 && has_room(engine) &&
         (engine->protocol->want(engine->session) & MAILC_WANT_RX) != 0) {
    size_t used = deliver_piece(engine, octets, len);

    octets += used;
    len -= used;
  }
}

/* Time passes; at its deadline a session is over. */
static void pass_time(struct fuzz_engine *engine, bool is_late) {
  uint64_t deadline_ms = engine->protocol->deadline_ms(engine->session);

  if (is_late && deadline_ms != MAILC_NEVER) {
    FUZZ_REQUIRE(deadline_ms > engine->now_ms);
    engine->now_ms = deadline_ms;
  } else {
    engine->now_ms++;
  }
  check_status(engine, engine->protocol->tick(engine->session, engine->now_ms));
  take(engine);
  if (is_late && deadline_ms != MAILC_NEVER) {
    FUZZ_REQUIRE(engine->is_over);
  }
}

/* The outcome of a handshake, which only a session that wants one takes; one
 * that has failed says so. */
static void end_handshake(struct fuzz_engine *engine, bool is_up) {
  bool is_wanted =
      (engine->protocol->want(engine->session) & MAILC_WANT_TLS) != 0;
  enum mailc_status status =
      is_up ? engine->protocol->tls_up(engine->session)
            : engine->protocol->tls_failed(engine->session, MAILC_E_TLS);

  check_status(engine, status);
  FUZZ_REQUIRE((status == MAILC_OK) == is_wanted);
}

static void happen(struct fuzz_engine *engine, unsigned what) {
  switch ((enum fuzz_happening)what) {
  case FUZZ_DELIVER:
  case FUZZ_HAPPENING_COUNT:
    break;
  case FUZZ_END:
    check_status(engine, engine->protocol->rx_eof(engine->session));
    break;
  case FUZZ_LATE:
  case FUZZ_WAIT:
    pass_time(engine, what == FUZZ_LATE);
    break;
  case FUZZ_HOLD:
    engine->is_holding = !engine->is_holding;
    break;
  case FUZZ_TLS_UP:
  case FUZZ_TLS_FAILED:
    end_handshake(engine, what == FUZZ_TLS_UP);
    break;
  }
}

/* Gives a command. One that is refused changes nothing and sends nothing. */
static void give(struct fuzz_engine *engine, unsigned number,
                 uint8_t argument) {
  static uint8_t before[1024];
  const struct fuzz_protocol *protocol = engine->protocol;
  enum mailc_status status = MAILC_OK;
  bool may_change = false;

  FUZZ_REQUIRE(protocol->session_size <= sizeof before);
  memcpy(before, engine->session, protocol->session_size);
  status = protocol->give(engine, number, argument, &may_change);
  check_status(engine, status);
  if (status != MAILC_OK && !may_change) {
    FUZZ_REQUIRE(memcmp(before, engine->session, protocol->session_size) == 0);
  }
  FUZZ_REQUIRE(!engine->is_over || status != MAILC_OK);
}

/* Whether the server has said the secret itself, maybe in base64 behind some
 * other octets of a challenge. */
static bool is_heard(const struct fuzz_engine *engine,
                     struct mailc_span secret) {
  uint8_t octets[64] = {0};
  uint8_t text[96];

  for (size_t before = 0; before < 3; before++) {
    size_t from = (8 * before + 5) / 6;
    size_t end = 8 * (before + secret.len) / 6;

    memcpy(octets + before, secret.data, secret.len);
    (void)fuzz_base64((struct mailc_span){octets, before + secret.len}, text);
    if (fuzz_holds(engine->heard, engine->heard_len,
                   (struct mailc_span){text + from, end - from})) {
      return true;
    }
  }
  return fuzz_holds(engine->heard, engine->heard_len, secret);
}

/* Secrets are wiped from all memory that was lent. */
static void check_secrets(const struct fuzz_engine *engine) {
  struct mailc_span secret = FUZZ_SECRET;

  fuzz_open(engine->rx.data, engine->rx.cap);
  FUZZ_REQUIRE(
      !fuzz_holds(engine->session, engine->protocol->session_size, secret));
  FUZZ_REQUIRE(!fuzz_holds(engine->rx.data, engine->rx.cap, secret) ||
               is_heard(engine, secret));
  if (engine->is_over) {
    FUZZ_REQUIRE(!fuzz_holds(engine->tx.data, engine->tx.cap, secret));
    FUZZ_REQUIRE(
        !fuzz_holds(engine->scratch.data, engine->scratch.cap, secret));
  }
}

void fuzz_engine_run(struct fuzz_engine *engine, struct fuzz_input *input) {
  static uint8_t octets[FUZZ_AREA_LEN];
  size_t len = 0;

  settle(engine);
  while (input->len != 0 && has_room(engine)) {
    unsigned next = fuzz_octet(input);

    if (next >= FUZZ_HAPPENS && next != FUZZ_LITERAL) {
      unsigned what = (next - FUZZ_HAPPENS) %
                      (FUZZ_HAPPENING_COUNT + engine->protocol->command_count);

      deliver(engine, octets, len);
      len = 0;
      if (what < FUZZ_HAPPENING_COUNT) {
        happen(engine, what);
      } else {
        give(engine, what - FUZZ_HAPPENING_COUNT, fuzz_octet(input));
      }
      settle(engine);
      continue;
    }
    octets[len++] = next == FUZZ_LITERAL ? fuzz_octet(input) : (uint8_t)next;
    if (len == sizeof octets) {
      deliver(engine, octets, len);
      len = 0;
    }
  }
  deliver(engine, octets, len);
  check_secrets(engine);
}
