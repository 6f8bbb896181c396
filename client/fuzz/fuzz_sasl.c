/* The target sasl: a login and what a hostile server says in it. The fuzzer
 * need not learn base64, nor the way to a login.
 *
 * The first two octets of an input are the fifth and the sixth of one of the
 * engine, the third chooses the protocol, the fourth is the argument of AUTH,
 * the fifth how the server's octets are cut, the sixth what is odd about the
 * memory and the hash. What follows are messages of the server's, with 0xFF
 * behind each: a challenge, or, where it begins with 0xFE, a line as it is. */
#include "pop3.h"
#include "smtp.h"

#include <string.h>

#define END_OF_MESSAGE 0xFFu
#define AS_IT_IS 0xFEu

/* Among them those that a literal octet takes. */
#define STREAM_CAP ((size_t)1 << 15)
#define MESSAGE_CAP 2048u

/* An input of the engine that is made here. */
static struct {
  uint8_t octets[STREAM_CAP];
  size_t len;
} stream;

static void put(unsigned octet) {
  if (stream.len < STREAM_CAP) {
    stream.octets[stream.len++] = (uint8_t)octet;
  }
}

static void say(const void *octets, size_t len) {
  const uint8_t *at = octets;

  for (size_t i = 0; i < len; i++) {
    if (at[i] >= FUZZ_HAPPENS) {
      put(FUZZ_LITERAL);
    }
    put(at[i]);
  }
}

static void say_text(const char *text) { say(text, strlen(text)); }

static void give(unsigned command, uint8_t argument) {
  put(FUZZ_HAPPENS + FUZZ_HAPPENING_COUNT + command);
  put(argument);
}

/* The way to a login, to a server that offers every mechanism. */
static void begin(bool is_pop3, uint8_t login) {
  static const char mechs[] =
      "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 OAUTHBEARER XOAUTH2 "
      "EXTERNAL ANONYMOUS X-OTHER\r\n";

  say_text(is_pop3 ? "+OK\r\n" : "220 x\r\n");
  give(is_pop3 ? (unsigned)FUZZ_POP3_CAPA : (unsigned)FUZZ_SMTP_EHLO, 0);
  say_text(is_pop3 ? "+OK\r\nSASL " : "250-x\r\n250 AUTH ");
  say_text(mechs);
  say_text(is_pop3 ? ".\r\n" : "");
  give(is_pop3 ? (unsigned)FUZZ_POP3_AUTH : (unsigned)FUZZ_SMTP_AUTH, login);
}

static void say_challenge(bool is_pop3, struct mailc_span message) {
  static uint8_t text[MESSAGE_CAP / 3 * 4 + 4];
  size_t len = fuzz_base64(message, text);

  say_text(is_pop3 ? "+ " : "334 ");
  say(text, len);
  say_text("\r\n");
}

/* The caller answers as well, where it is asked. */
static void say_messages(bool is_pop3, struct fuzz_input *input) {
  while (input->len != 0) {
    const uint8_t *end = memchr(input->at, END_OF_MESSAGE, input->len);
    size_t len = end == NULL ? input->len : (size_t)(end - input->at);
    struct mailc_span message = {input->at,
                                 len < MESSAGE_CAP ? len : MESSAGE_CAP};

    if (len != 0 && message.data[0] == AS_IT_IS) {
      say(message.data + 1, message.len - 1);
    } else {
      say_challenge(is_pop3, message);
    }
    give(is_pop3 ? (unsigned)FUZZ_POP3_ANSWER : (unsigned)FUZZ_SMTP_ANSWER, 0);
    input->len -= end == NULL ? len : len + 1;
    input->at += end == NULL ? len : len + 1;
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  uint8_t flags = fuzz_octet(&input);
  uint8_t policy = fuzz_octet(&input);
  bool is_pop3 = fuzz_octet(&input) % 2u == 0;
  uint8_t login = fuzz_octet(&input);
  uint8_t cut = fuzz_octet(&input);
  uint8_t misc = fuzz_octet(&input);
  struct fuzz_input made = {stream.octets, 0};

  stream.len = 0;
  put(cut);
  put(0);
  put(cut);
  put(misc);
  put(is_pop3 ? flags : flags & ~1u); /* no LMTP: it has the same login */
  put(policy);
  begin(is_pop3, login);
  say_messages(is_pop3, &input);
  made.len = stream.len;
  if (is_pop3) {
    fuzz_pop3(&made);
  } else {
    fuzz_smtp(&made);
  }
  return 0;
}
