/* The texts that mailc reads and writes for its caller. */
#include "smtp_talk.h"

static bool is_enhanced(uint16_t of, const char *line, unsigned class_no,
                        unsigned subject, unsigned detail) {
  struct mailc_enhanced found = mailc_smtp_enhanced(of, talk_span(line));

  return found.class_no == class_no && found.subject == subject &&
         found.detail == detail;
}

static void test_enhanced_status_codes(void) {
  static const char *const none[] = {
      "",        "OK",       "2.1",      "2.1.",     "2.1.5x",
      "2..5",    "2.1.1000", "2.1000.1", "2.0001.1", "4.1.5 x",
      "5.1.5 x", "3.1.5 x",  "2 1.5",    "2.1 5",    " 2.1.5"};

  CHECK(is_enhanced(250, "2.1.5 Recipient OK", 2, 1, 5));
  CHECK(is_enhanced(250, "2.1.5", 2, 1, 5));
  CHECK(is_enhanced(421, "4.3.2 closing", 4, 3, 2));
  CHECK(is_enhanced(554, "5.999.999 x", 5, 999, 999));
  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
    check_that(is_enhanced(250, none[i], 0, 0, 0), none[i], __FILE__, __LINE__);
  }
}

static void test_xtext(void) {
  uint8_t out[8];
  struct mailc_buffer room = {out, sizeof out};

  CHECK(mailc_smtp_xtext(MAILC_SPAN("a+b=c"), room) == 0);
  room.cap = sizeof out;
  CHECK(mailc_smtp_xtext(MAILC_SPAN("a+b="), room) == 8);
  CHECK_OCTETS(out, 8, "a+2Bb+3D");
  CHECK(mailc_smtp_xtext(MAILC_SPAN("\xe9 "), room) == 6);
  CHECK_OCTETS(out, 6, "+E9+20");
  room.cap = 2;
  CHECK(mailc_smtp_xtext(MAILC_SPAN("abc"), room) == 0);
}

int main(void) {
  test_enhanced_status_codes();
  test_xtext();
  return check_status();
}
