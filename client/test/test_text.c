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
  test_words_are_cut_at_blanks();
  return check_status();
}
