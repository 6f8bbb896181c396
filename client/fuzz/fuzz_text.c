/* The target text: the functions of the public headers that read a text by
 * itself. The first octet of an input chooses one, the second is its argument,
 * the rest is the text; it ends where its memory does. */
#include "fuzz.h"

#include <mailc/pop3.h>
#include <mailc/smtp.h>
#include <string.h>

static bool lies_in(struct mailc_span part, struct mailc_span whole) {
  return part.data >= whole.data && part.data <= whole.data + whole.len &&
         part.len <= (size_t)(whole.data + whole.len - part.data);
}

static void read_code(struct mailc_span line) {
  struct mailc_span text;
  enum mailc_pop3_code code = mailc_pop3_code(line, &text);

  FUZZ_REQUIRE(code >= MAILC_POP3_CODE_NONE && code <= MAILC_POP3_CODE_UTF8);
  FUZZ_REQUIRE((code == MAILC_POP3_CODE_NONE) == (text.data == NULL));
  FUZZ_REQUIRE(text.data == NULL || lies_in(text, line));
  FUZZ_REQUIRE(mailc_pop3_code(line, NULL) == code);
  (void)mailc_pop3_code_is_temporary(code);
}

static void read_enhanced(struct mailc_span text, uint8_t choice) {
  uint16_t code = (uint16_t)(200 + choice % 4u * 100);
  struct mailc_enhanced enhanced = mailc_smtp_enhanced(code, text);

  FUZZ_REQUIRE(enhanced.class_no == 0 || enhanced.class_no == code / 100);
  FUZZ_REQUIRE(enhanced.subject <= 999 && enhanced.detail <= 999);
}

static void read_extension(struct mailc_span text) {
  struct mailc_span keyword;
  struct mailc_span params;

  if (mailc_smtp_extension(text, &keyword, &params)) {
    FUZZ_REQUIRE(keyword.len != 0 && lies_in(keyword, text));
    FUZZ_REQUIRE(params.data == NULL || lies_in(params, text));
    FUZZ_REQUIRE(params.data == NULL ||
                 params.data >= keyword.data + keyword.len);
  }
}

static unsigned hex_value(uint8_t digit) {
  FUZZ_REQUIRE((digit >= '0' && digit <= '9') ||
               (digit >= 'A' && digit <= 'F'));
  return (unsigned)(digit <= '9' ? digit - '0' : digit - 'A' + 10);
}

/* Reads xtext back (RFC 3461 section 4). */
static void check_xtext(struct mailc_span text, const uint8_t *xtext,
                        size_t len) {
  size_t at = 0;

  for (size_t i = 0; i < text.len; i++) {
    unsigned octet = xtext[at++];

    FUZZ_REQUIRE(octet >= '!' && octet <= '~' && octet != '=');
    if (octet == '+') {
      FUZZ_REQUIRE(len - at >= 2);
      octet = hex_value(xtext[at]) << 4 | hex_value(xtext[at + 1]);
      at += 2;
    }
    FUZZ_REQUIRE(octet == text.data[i]);
  }
  FUZZ_REQUIRE(at == len);
}

static void write_xtext(struct mailc_span text, uint8_t cap) {
  size_t need = 0;
  uint8_t *out = fuzz_place(FUZZ_AREA_OUT, cap, true);
  size_t len = mailc_smtp_xtext(text, (struct mailc_buffer){out, cap});

  for (size_t i = 0; i < text.len; i++) {
    uint8_t octet = text.data[i];

    need += octet < '!' || octet > '~' || octet == '+' || octet == '=' ? 3 : 1;
  }
  FUZZ_REQUIRE(len == (need <= cap ? need : 0));
  if (len != 0) {
    check_xtext(text, out, len);
  }
}

/* The set of the names, taken apart at blanks here too. */
static void read_mechs(struct mailc_span names) {
  uint32_t set = 0;
  size_t from = 0;

  for (size_t i = 0; i <= names.len; i++) {
    if (i == names.len || names.data[i] == ' ') {
      struct mailc_span name = {names.data + from, i - from};
      enum mailc_mech mech = mailc_mech_of(name);

      FUZZ_REQUIRE(mech < MAILC_MECH_COUNT);
      if (mech != MAILC_MECH_CALLER) {
        FUZZ_REQUIRE(strlen(mailc_mech_name(mech)) == name.len);
        set |= 1u << mech;
      }
      from = i + 1;
    }
  }
  FUZZ_REQUIRE(mailc_mechs_of(names) == set);
}

/* What config.lf_to_crlf and its like stand for in an input. */
enum allowed { ALLOW_LF = 1, ALLOW_NUL = 2, ALLOW_8BIT = 4, ALLOW_LONG = 8 };

/* Whether DATA may have these octets (RFC 5321 sections 2.3.8 and 4.5.3.1.6).
 */
static bool is_message(struct mailc_span text, unsigned allowed) {
  size_t line_len = 0;

  for (size_t i = 0; i < text.len; i++) {
    uint8_t octet = text.data[i];
    bool is_end = octet == '\r' && i + 1 < text.len && text.data[i + 1] == '\n';

    if (is_end || (octet == '\n' && (allowed & ALLOW_LF) != 0)) {
      i += is_end ? 1 : 0;
      line_len = 0;
      continue;
    }
    line_len++;
    if (octet == '\r' || octet == '\n' ||
        (octet == '\0' && (allowed & ALLOW_NUL) == 0) ||
        (octet > 127 && (allowed & ALLOW_8BIT) == 0) ||
        (line_len > 998 && (allowed & ALLOW_LONG) == 0)) {
      return false;
    }
  }
  return true;
}

static void check_message(struct mailc_span text, uint8_t allowed) {
  struct mailc_smtp_slot queue[1];
  struct mailc_smtp session;
  struct mailc_smtp_config config = {
      .rx = {fuzz_place(FUZZ_AREA_RX, MAILC_RX_CAP_MIN, true),
             MAILC_RX_CAP_MIN},
      .tx = {fuzz_place(FUZZ_AREA_TX, MAILC_TX_CAP_MIN, true),
             MAILC_TX_CAP_MIN},
      .queue = queue,
      .queue_cap = 1,
      .lf_to_crlf = (allowed & ALLOW_LF) != 0,
      .allow_nul = (allowed & ALLOW_NUL) != 0,
      .allow_8bit = (allowed & ALLOW_8BIT) != 0,
      .allow_long_lines = (allowed & ALLOW_LONG) != 0};
  enum mailc_status status = MAILC_OK;

  FUZZ_REQUIRE(mailc_smtp_init(&session, sizeof session, &config) == MAILC_OK);
  status = mailc_smtp_check_message(&session, text, false);
  FUZZ_REQUIRE(status ==
               (is_message(text, allowed) ? MAILC_OK : MAILC_E_MESSAGE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
  struct fuzz_input input = {data, len};
  unsigned which = fuzz_octet(&input);
  uint8_t argument = fuzz_octet(&input);
  struct mailc_span text = {
      input.at, input.len < FUZZ_AREA_LEN ? input.len : FUZZ_AREA_LEN};

  if (text.len == 0) {
    return 0;
  }
  text = fuzz_place_text(FUZZ_AREA_IN, text);
  switch (which % 6u) {
  case 0:
    read_code(text);
    break;
  case 1:
    read_enhanced(text, argument);
    break;
  case 2:
    read_extension(text);
    break;
  case 3:
    write_xtext(text, argument);
    break;
  case 4:
    read_mechs(text);
    break;
  default:
    check_message(text, argument);
    break;
  }
  return 0;
}
