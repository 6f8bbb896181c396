/* What the protocols' checks and their callers share. */
#include "engine.h"
#include "hash.h"
#include "rows.h"

#include <mailc/pop3.h>
#include <mailc/smtp.h>
#include <string.h>

static bool lies_in(struct mailc_span span, const uint8_t *from,
                    const uint8_t *end) {
  return span.data >= from && span.data <= end &&
         span.len <= (size_t)(end - span.data);
}

void fuzz_check_span(const struct fuzz_engine *engine, struct mailc_span span) {
  if (span.data == NULL) {
    FUZZ_REQUIRE(span.len == 0);
    return;
  }
  FUZZ_REQUIRE(lies_in(span, engine->rx.data, engine->rx_end));
}

void fuzz_check_move(struct fuzz_engine *engine, const char *protocol,
                     struct mailc_move move) {
  bool is_pop3 = strcmp(protocol, "pop3") == 0;
  const char *from = is_pop3 ? mailc_pop3_state_name(move.from)
                             : mailc_smtp_state_name(move.from);
  const char *event = is_pop3 ? mailc_pop3_event_name(move.event)
                              : mailc_smtp_event_name(move.event);
  const char *to =
      is_pop3 ? mailc_pop3_state_name(move.to) : mailc_smtp_state_name(move.to);

  FUZZ_REQUIRE(engine->trace_moves);
  FUZZ_REQUIRE(fuzz_is_row(protocol, from, event, to, move.is_internal));
  FUZZ_REQUIRE(engine->has_moved ? move.from == engine->moved_to
                                 : strcmp(from, "START") == 0);
  engine->has_moved = true;
  engine->moved_to = move.to;
}

void fuzz_asked(struct fuzz_engine *engine, unsigned command) {
  FUZZ_REQUIRE(engine->asked_count < sizeof engine->asked);
  engine->asked[engine->asked_count++] = (uint8_t)command;
}

void fuzz_answered(struct fuzz_engine *engine, unsigned command, bool is_last) {
  FUZZ_REQUIRE(engine->asked_count != 0 && engine->asked[0] == command);
  if (is_last) {
    engine->asked_count--;
    memmove(engine->asked, engine->asked + 1, engine->asked_count);
  }
}

/* The longest of these is beyond every limit of a command line. */
#define LONG_LEN 600u

struct mailc_span fuzz_text(uint8_t number) {
  static const uint8_t xs[LONG_LEN] = {'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x'};
  static struct mailc_span texts[] = {
      FUZZ_TEXT("mrose"),
      FUZZ_TEXT("client.example.org"),
      FUZZ_TEXT("a@b.example"),
      FUZZ_TEXT(""),
      {NULL, 0},
      FUZZ_TEXT("mrose\r\nDELE 1"),
      FUZZ_TEXT("a b"),
      FUZZ_TEXT("nul\0nul"),
      FUZZ_TEXT("\xC3\xA9@b"),
      FUZZ_TEXT("\xFF"),
      FUZZ_TEXT("*"),
      FUZZ_TEXT("[192.0.2.1]"),
      FUZZ_TEXT("\"a\\\" b\"@c"),
      FUZZ_TEXT("i-default"),
      FUZZ_TEXT("a=2C,b"),
      {xs, 8},
      {xs, LONG_LEN},
      FUZZ_TEXT("<a@b>"),
      FUZZ_TEXT("\x01\x7F"),
      FUZZ_TEXT("."),
  };
  static bool is_placed;
  size_t count = sizeof texts / sizeof texts[0];

  for (size_t i = 0; i < count && !is_placed; i++) {
    texts[i] = fuzz_place_text(FUZZ_AREA_TEXTS + (unsigned)i, texts[i]);
  }
  is_placed = true;
  return texts[number % count];
}

struct mailc_login *fuzz_login(struct fuzz_engine *engine, uint8_t choice) {
  struct mailc_login *login = &engine->logins[1 - engine->login_at];
  unsigned mech = choice & 15u;
  const char *name = mech != 0 && mech < MAILC_MECH_COUNT
                         ? mailc_mech_name((enum mailc_mech)mech)
                         : "X-OTHER";

  *login = (struct mailc_login){
      .mech = {(const uint8_t *)name, strlen(name)},
      .user = MAILC_SPAN("mro=se,"),
      .secret = FUZZ_SECRET,
      .nonce = MAILC_SPAN("fyko+d2lbbFgONRv9qkxdawL"),
      .scratch = engine->scratch,
      .host = MAILC_SPAN("server.example"),
      .port = 995,
      .rounds_max = 4,
      .iterations_min = 16,
      .iterations_max = 5000,
      .initial = (enum mailc_initial)((choice >> 4 & 3u) % 3u),
      .is_raw = (choice & 64u) != 0,
  };
  if (mech == MAILC_MECH_EXTERNAL || mech == MAILC_MECH_ANONYMOUS) {
    login->secret = (struct mailc_span){NULL, 0};
  }
  if (mech == MAILC_MECH_EXTERNAL) {
    login->user = (struct mailc_span){NULL, 0};
  }
  if ((choice & 128u) != 0) {
    login->authzid = MAILC_SPAN("tom");
    login->first = MAILC_SPAN("first");
  }
  return login;
}

uint32_t fuzz_mech_set(const struct mailc_login *login) {
  return 1u << mailc_mech_of(login->mech);
}

void fuzz_check_best(const struct mailc_login *login, enum mailc_mech best,
                     enum mailc_status status) {
  if (best == MAILC_MECH_CALLER || login->is_raw) {
    return;
  }
  FUZZ_REQUIRE(best == mailc_mech_of(login->mech));
  FUZZ_REQUIRE(status != MAILC_E_NOT_OFFERED &&
               status != MAILC_E_CLEAR_SECRET && status != MAILC_E_NO_HASH &&
               status != MAILC_E_AFTER_APOP);
}

/* Whether the server has said the one signature that is right. */
static bool has_proof(const struct fuzz_engine *engine, size_t digest_len) {
  uint8_t digest[MAILC_HASH_CAP];
  uint8_t message[64] = "v=";
  uint8_t challenge[96];
  size_t len = 0;

  memset(digest, FUZZ_DIGEST, digest_len);
  len = 2 + fuzz_base64((struct mailc_span){digest, digest_len}, message + 2);
  len = fuzz_base64((struct mailc_span){message, len - len % 3}, challenge);
  return fuzz_holds(engine->heard, engine->heard_len,
                    (struct mailc_span){challenge, len});
}

void fuzz_check_login(const struct fuzz_engine *engine,
                      enum mailc_status status) {
  const struct mailc_login *login = &engine->logins[engine->login_at];
  enum mailc_mech mech = mailc_mech_of(login->mech);

  for (size_t i = 0; i < login->scratch.cap; i++) {
    FUZZ_REQUIRE(login->scratch.data[i] == 0);
  }
  if (status == MAILC_OK && !login->is_raw) {
    FUZZ_REQUIRE(mech != MAILC_MECH_SCRAM_SHA_1 || has_proof(engine, 20));
    FUZZ_REQUIRE(mech != MAILC_MECH_SCRAM_SHA_256 || has_proof(engine, 32));
  }
}
