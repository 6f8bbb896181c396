/* What a message is on the wire, made octet by octet: lines end in CRLF, a dot
 * at the start of a line is doubled, a lone dot ends it (RFC 5321 section
 * 4.5.2). */
#include "smtp.h"

#include <stdio.h>
#include <string.h>

static void add(struct fuzz_message *message, const void *octets, size_t len) {
  if (len != 0 && len <= sizeof message->octets - message->len) {
    memcpy(message->octets + message->len, octets, len);
    message->len += len;
  }
}

static void begin(struct fuzz_message *message, struct fuzz_engine *engine) {
  if (!engine->is_in_message) {
    engine->is_in_message = true;
    message->from = engine->sent_len;
    message->len = 0;
    message->is_ended = false;
    message->is_at_start = true;
    message->last = '\n';
  }
}

void fuzz_message_body(struct fuzz_message *message, struct fuzz_engine *engine,
                       struct mailc_span octets) {
  begin(message, engine);
  for (size_t i = 0; i < octets.len; i++) {
    const uint8_t *at = octets.data + i;

    if (message->is_at_start && *at == '.') {
      add(message, ".", 1);
    }
    if (*at == '\n' && message->last != '\r') {
      FUZZ_REQUIRE(message->lf_to_crlf);
      add(message, "\r", 1);
    }
    add(message, at, 1);
    message->is_at_start = *at == '\n';
    message->last = *at;
  }
}

void fuzz_message_end(struct fuzz_message *message,
                      struct fuzz_engine *engine) {
  begin(message, engine);
  if (!message->is_at_start) {
    add(message, "\r\n", 2);
  }
  add(message, ".\r\n", 3);
  message->is_ended = true;
  message->was_ended = true;
}

void fuzz_message_chunk(struct fuzz_message *message,
                        struct fuzz_engine *engine, struct mailc_span octets,
                        bool is_last) {
  char line[64];
  int len = snprintf(line, sizeof line, "BDAT %zu%s\r\n", octets.len,
                     is_last ? " LAST" : "");

  FUZZ_REQUIRE(len > 0 && (size_t)len < sizeof line && !engine->is_in_message);
  begin(message, engine);
  add(message, line, (size_t)len);
  add(message, octets.data, octets.len);
  message->is_ended = true;
  message->was_ended = message->was_ended || is_last;
}

void fuzz_message_check(const struct fuzz_message *message,
                        struct fuzz_engine *engine, bool is_whole) {
  size_t len = engine->sent_len - message->from;

  FUZZ_REQUIRE(engine->is_in_message);
  FUZZ_REQUIRE(len <= message->len && (!is_whole || len == message->len));
  FUZZ_REQUIRE(memcmp(engine->sent + message->from, message->octets, len) == 0);
  if (message->is_ended && len == message->len) {
    engine->is_in_message = false;
    engine->last_sent = '\n';
  }
}
