/* Comparing and cutting the texts of the wire. */
#include "check.h"
#include "common/text.h"

static bool has(struct mailc_span text, unsigned kinds) {
  return (mailc_text_kinds(text) & kinds) != 0;
}

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
  CHECK(!has(MAILC_SPAN(""), MAILC_TEXT_LINE_END));
  CHECK(!has(MAILC_SPAN("a \t\377"), MAILC_TEXT_LINE_END));
  CHECK(has(MAILC_SPAN("\r"), MAILC_TEXT_LINE_END));
  CHECK(has(MAILC_SPAN("ab\n"), MAILC_TEXT_LINE_END));
  CHECK(has(MAILC_SPAN("a\0b"), MAILC_TEXT_LINE_END));
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

  CHECK(!has(MAILC_SPAN(""), MAILC_TEXT_NOT_UTF8));
  CHECK(!has(MAILC_SPAN("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z"),
             MAILC_TEXT_NOT_UTF8));
  CHECK(!has(MAILC_SPAN("\xed\x9f\xbf\xee\x80\x80\xf4\x8f\xbf\xbf"),
             MAILC_TEXT_NOT_UTF8));
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct mailc_span text = {(const uint8_t *)wrong[i], strlen(wrong[i])};
    CHECK(has(text, MAILC_TEXT_NOT_UTF8));
  }
  CHECK(!has(MAILC_SPAN("a\x7f"), MAILC_TEXT_ABOVE));
  CHECK(has(MAILC_SPAN("a\x80"), MAILC_TEXT_ABOVE));
}

static void test_every_octet_is_of_one_kind(void) {
  for (unsigned octet = 0; octet < 256; octet++) {
    const uint8_t text[] = {(uint8_t)octet};
    unsigned kinds = mailc_text_kinds((struct mailc_span){text, 1});

    CHECK(((kinds & MAILC_TEXT_LINE_END) != 0) ==
          (octet == '\r' || octet == '\n' || octet == 0));
    CHECK(((kinds & MAILC_TEXT_CONTROL) != 0) == (octet < ' ' || octet == 127));
    CHECK(((kinds & MAILC_TEXT_BLANK) != 0) == (octet == ' '));
    CHECK(((kinds & MAILC_TEXT_VISIBLE) != 0) == (octet > ' ' && octet < 127));
    CHECK(((kinds & MAILC_TEXT_ABOVE) != 0) == (octet > 127));
    CHECK(((kinds & MAILC_TEXT_NOT_UTF8) != 0) == (octet > 127));
  }
}

static void test_lists_of_names_are_searched_both_ways(void) {
  static const char names[] = "A\0BC\0";

  CHECK(strcmp(mailc_names_at(names, 1, "?"), "BC") == 0);
  CHECK(strcmp(mailc_names_at(names, 2, "?"), "?") == 0);
  CHECK(strcmp(mailc_names_at(names, 9, "?"), "?") == 0);
  CHECK(mailc_names_find(names, MAILC_SPAN("bc")) == 1);
  CHECK(mailc_names_find(names, MAILC_SPAN("B")) == 2);
  CHECK(mailc_names_find(names, MAILC_SPAN("")) == 2);
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
  test_every_octet_is_of_one_kind();
  test_lists_of_names_are_searched_both_ways();
  test_words_are_cut_at_blanks();
  return check_status();
}
