/* What of a greeting APOP can use as a timestamp. */
#include "pop3/pop3_line.h"
#include "pop3_talk.h"

static void test_only_a_msg_id_is_a_timestamp(void) {
  static const char *const good[] = {
      "<1.2@x>",          "a < b <1.2@x> c", "<nodomain> <1.2@x>", "<<1.2@x>",
      "+OK[X/Y]<1.2@x>d", "<a@b@c> <1.2@x>", "<.1@x><1.2@x>"};
  static const char *const bad[] = {
      "",          "<>",      "<nodomain>", "<a@b",     "<\x80\xff@x>",
      "<@x>",      "<a@>",    "<a b@x>",    "<a@x y>",  "<a.@x>",
      "<a..b@x>",  "<a@.x>",  "<a@[1.2>",   "<a@[1.2]", "<a@[1.2]x>",
      "<a\x7f@x>", "<a,b@x>", "<a@",        "<",        "a@x>"};

  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct mailc_span found = mailc_pop3_timestamp(talk_span(good[i]));
    CHECK_OCTETS(found.data, found.len, "<1.2@x>");
  }
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    CHECK(mailc_pop3_timestamp(talk_span(bad[i])).data == NULL);
  }
  CHECK(mailc_pop3_timestamp(talk_span("<1.a+/=@[1.2.3.4]>")).len == 18);
}

int main(void) {
  test_only_a_msg_id_is_a_timestamp();
  return check_status();
}
