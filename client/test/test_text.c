/* Comparing and cutting the texts of the wire. */
#include "check.h"
#include "text.h"

static void test_names_compare_without_case(void) {
  CHECK(mailc_text_is(MAILC_SPAN("cram-Md5"), "CRAM-MD5"));
  CHECK(!mailc_text_is(MAILC_SPAN("CRAM-MD"), "CRAM-MD5"));
  CHECK(!mailc_text_is(MAILC_SPAN("CRAM-MD55"), "CRAM-MD5"));
  CHECK(!mailc_text_is(MAILC_SPAN("CRAM\rMD5"), "CRAM-MD5"));
  CHECK(!mailc_text_is(MAILC_SPAN("SIZE\0"), "SIZE"));
  CHECK(mailc_text_is(MAILC_SPAN(""), ""));
  CHECK(mailc_text_upper('{') == '{' && mailc_text_upper('`') == '`');
  CHECK(mailc_text_upper(0xE4) == 0xE4);
}

static void test_line_ends_and_nul_are_not_clean(void) {
  CHECK(mailc_text_is_clean(MAILC_SPAN("")));
  CHECK(mailc_text_is_clean(MAILC_SPAN("a \t\377")));
  CHECK(!mailc_text_is_clean(MAILC_SPAN("\r")));
  CHECK(!mailc_text_is_clean(MAILC_SPAN("ab\n")));
  CHECK(!mailc_text_is_clean(MAILC_SPAN("a\0b")));
}

static void test_utf8_is_checked_as_rfc_3629_has_it(void) {
  static const char *const wrong[] = {"\x80",
                                      "\xc3",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x9f\xbf",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "a\xffz",
                                      "\xe2\x28\xa1"};

  CHECK(mailc_text_is_utf8(MAILC_SPAN("")));
  CHECK(
      mailc_text_is_utf8(MAILC_SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z")));
  CHECK(mailc_text_is_utf8(
      MAILC_SPAN("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf")));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct mailc_span text = {(const uint8_t *)wrong[i], strlen(wrong[i])};
    CHECK(!mailc_text_is_utf8(text));
  }
  CHECK(mailc_text_is_ascii(MAILC_SPAN("a\x7f")));
  CHECK(!mailc_text_is_ascii(MAILC_SPAN("a\x80")));
}

static void test_words_are_cut_at_blanks(void) {
  struct mailc_span rest = MAILC_SPAN("AUTH  PLAIN   LOGIN ");
  struct mailc_span word = mailc_text_word(&rest);

  CHECK_OCTETS(word.data, word.len, "AUTH");
  word = mailc_text_word(&rest);
  CHECK_OCTETS(word.data, word.len, "PLAIN");
  word = mailc_text_word(&rest);
  CHECK_OCTETS(word.data, word.len, "LOGIN");
  word = mailc_text_word(&rest);
  CHECK(word.len == 0 && rest.len == 0);
}

int main(void) {
  test_names_compare_without_case();
  test_line_ends_and_nul_are_not_clean();
  test_utf8_is_checked_as_rfc_3629_has_it();
  test_words_are_cut_at_blanks();
  return check_status();
}
