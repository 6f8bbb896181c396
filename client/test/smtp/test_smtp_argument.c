/* What may stand in an SMTP command, and what may not. */
#include "check.h"
#include "smtp/smtp_argument.h"

#include <stdio.h>
#include <string.h>

#define IS_PATH(text) mailc_smtp_is_path(MAILC_SPAN(text), false)

/* RFC 5321 sections 4.1.2 and 4.1.3. */
static const char *const domains[] = {
    "bar.com",
    "a",
    "localhost",
    "1.example",
    "a-b.c--d.example",
    "xn--bcher-kva.example",
    "127.0.0.1",
    "[127.0.0.1]",
    "[0.00.000.255]",
    "[IPv6:::]",
    "[IPv6:::1]",
    "[ipv6:1::]",
    "[IPV6:2001:DB8::1]",
    "[IPv6:1:2:3:4:5:6:7:8]",
    "[IPv6:0001:2:3:4:5:6:7:abcd]",
    "[IPv6:1::2:3:4:5:6]",
    "[IPv6:1:2:3:4:5:6::]",
    "[IPv6:1:2:3:4:5:6:1.2.3.4]",
    "[IPv6:::ffff:1.2.3.4]",
    "[IPv6:::1.2.3.4]",
    "[IPv6:1:2:3:4::255.255.255.255]",
};

static const char *const no_domains[] = {
    "",
    "my_host.lan",
    "a b",
    "a..b",
    "-a.example",
    "a-.example",
    "a.-b",
    "a.b-",
    "mac.local.",
    ".",
    ".a",
    "-",
    "\344.example",
    "\303\244.example",
    "x\r\nMAIL FROM:<>",
    "[",
    "]",
    "[]",
    "[hello]",
    "[1] x",
    "[1]]",
    "[1\r]",
    "[127.0.0.1",
    "127.0.0.1]",
    "[1.2.3]",
    "[1.2.3.4.5]",
    "[1.2.3.]",
    "[.1.2.3]",
    "[1..2.3]",
    "[999.1.1.1]",
    "[256.1.1.1]",
    "[0001.1.1.1]",
    "[1.1.1.4294967297]",
    "[1.1.1.-1]",
    "[2001:db8::1]",
    "[x-tag:hello]",
    "[IPv6:]",
    "[IPv6:zzz]",
    "[IPv6::]",
    "[IPv6:1]",
    "[IPv6:1.2.3.4]",
    "[IPv6::1]",
    "[IPv6:1:]",
    "[IPv6:::1:]",
    "[IPv6::::]",
    "[IPv6:1:::2]",
    "[IPv6:1::2::3]",
    "[IPv6:1:2:3:4:5:6:7]",
    "[IPv6:1:2:3:4:5:6:7:8:]",
    "[IPv6:1:2:3:4:5:6:7:8:9]",
    "[IPv6:1:2:3:4:5:6:7::]",
    "[IPv6:1::2:3:4:5:6:7]",
    "[IPv6:00001::]",
    "[IPv6:g::]",
    "[IPv6:::1.2.3]",
    "[IPv6:::1.2.3.256]",
    "[IPv6:1:2:3:4:5::1.2.3.4]",
    "[IPv6:1:2:3:4:5:1.2.3.4]",
    "[IPv6:1:2:3:4:5:6:7:1.2.3.4]",
    "[IPv6:1.2.3.4::]",
    "[IPv6:::1.2.3.4:5]",
};

static struct mailc_span span_of(const char *text) {
  return (struct mailc_span){(const uint8_t *)text, strlen(text)};
}

static void test_domains_and_literals(void) {
  for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
    check_that(mailc_smtp_is_domain(span_of(domains[i]), false), domains[i],
               __FILE__, __LINE__);
  }
}

static void test_what_is_no_domain(void) {
  char longest[256];

  for (size_t i = 0; i < sizeof no_domains / sizeof no_domains[0]; i++) {
    check_that(!mailc_smtp_is_domain(span_of(no_domains[i]), false),
               no_domains[i], __FILE__, __LINE__);
  }
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("a\0b"), false));
  CHECK(!mailc_smtp_is_domain((struct mailc_span){NULL, 0}, false));
  memset(longest, 'a', sizeof longest);
  CHECK(mailc_smtp_is_domain(
      (struct mailc_span){(const uint8_t *)longest, sizeof longest - 1},
      false));
  CHECK(!mailc_smtp_is_domain(
      (struct mailc_span){(const uint8_t *)longest, sizeof longest}, false));
}

/* RFC 6531 section 3.3. */
static void test_u_labels(void) {
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("b\303\274cher.example"), true));
  CHECK(mailc_smtp_is_domain(MAILC_SPAN("\303\274.\303\274"), true));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("-\303\274"), true));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("\303\274..a"), true));
  CHECK(!mailc_smtp_is_domain(MAILC_SPAN("[\303\274]"), true));
}

/* The domain of an address is the same grammar. */
static void test_domains_of_paths(void) {
  char path[80];

  for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
    (void)snprintf(path, sizeof path, "\"a@b\"@%s", domains[i]);
    check_that(mailc_smtp_is_path(span_of(path), false), path, __FILE__,
               __LINE__);
  }
  for (size_t i = 0; i < sizeof no_domains / sizeof no_domains[0]; i++) {
    (void)snprintf(path, sizeof path, "a@%s", no_domains[i]);
    check_that(!mailc_smtp_is_path(span_of(path), false), path, __FILE__,
               __LINE__);
  }
  CHECK(IS_PATH("a"));
  CHECK(!IS_PATH("a@b@c_d"));
  CHECK(mailc_smtp_is_path(MAILC_SPAN("a@\303\274.example"), true));
  CHECK(!mailc_smtp_is_path(MAILC_SPAN("a@-\303\274"), true));
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
  CHECK(!IS_PATH("a@b@c"));
  CHECK(!IS_PATH("a@b,c@d"));
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
  test_u_labels();
  test_domains_of_paths();
  test_paths();
  test_what_is_no_path();
  test_octets_above_127_need_smtputf8();
  test_texts();
  return check_status();
}
