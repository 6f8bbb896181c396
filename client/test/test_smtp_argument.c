/* What may stand in an SMTP command, and what may not. */
#include "check.h"
#include "smtp_argument.h"

#define IS_PATH(text) mailc_smtp_is_path(MAILC_SPAN(text), false)

static void test_domains_and_literals(void) {
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("bar.com")));
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("xn--bcher-kva.example")));
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("[127.0.0.1]")));
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("[IPv6:::1]")));
}

static void test_what_is_no_domain(void) {
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("my_host.lan")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("a b")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("x\r\nMAIL FROM:<>")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("a\0b")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("[]")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("[1] x")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("[1]]")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("[1\r]")));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("\344.example")));
}

static void test_paths(void) {
  CHECK(IS_PATH(""));
  CHECK(IS_PATH("Postmaster"));
  CHECK(IS_PATH("A+tag%x!y@example.org"));
  CHECK(IS_PATH("-oQ/x@y"));
  CHECK(IS_PATH("@hosta.int,@jkl.org:userc@d.bar.org"));
  CHECK(IS_PATH("\"joe smith\"@x"));
  CHECK(IS_PATH("\"a\\\"b>c\"@example.org"));
  CHECK(IS_PATH("\"a\\\\\"@x"));
}

static void test_what_is_no_path(void) {
  CHECK(!IS_PATH("a@b>\r\nRCPT TO:<evil@x"));
  CHECK(!IS_PATH("a@b\n"));
  CHECK(!IS_PATH("a\0b@c"));
  CHECK(!IS_PATH("a\t@b"));
  CHECK(!IS_PATH("\"a\r\nDATA\"@b"));
  CHECK(!IS_PATH("a@b> SIZE=1"));
  CHECK(!IS_PATH("<a@b>"));
  CHECK(!IS_PATH("a b@c"));
  CHECK(!IS_PATH("\"a@b"));
  CHECK(!IS_PATH("\"a\\\"@b"));
  CHECK(!IS_PATH("\"a\\\\\" >\"@x"));
  CHECK(!IS_PATH("a\177@b"));
}

static void test_octets_above_127_need_smtputf8(void) {
  struct mailc_span path = MAILC_SPAN("b\303\274cher@example.org");

  CHECK(!mailc_smtp_is_path(path, false));
  CHECK(mailc_smtp_is_path(path, true));
  CHECK(!mailc_smtp_is_path(MAILC_SPAN("\303\274\r@x"), true));
}

static void test_texts(void) {
  CHECK(mailc_smtp_is_text(MAILC_SPAN("Mark Crispin")));
  CHECK(mailc_smtp_is_text(MAILC_SPAN("")));
  CHECK(!mailc_smtp_is_text(MAILC_SPAN("a\nb")));
  CHECK(!mailc_smtp_is_text(MAILC_SPAN("a\177")));
  CHECK(!mailc_smtp_is_text(MAILC_SPAN("a\200")));
}

int main(void) {
  test_domains_and_literals();
  test_what_is_no_domain();
  test_paths();
  test_what_is_no_path();
  test_octets_above_127_need_smtputf8();
  test_texts();
  return check_status();
}
