/* The pair of transports in memory. */
#include "check.h"

#include <mailc/memory.h>

static uint8_t inboxes[2][4];
static struct mailc_memory_pair pair;

static void begin(void) {
  CHECK(mailc_memory_init(&pair, (struct mailc_buffer){inboxes[0], 4},
                          (struct mailc_buffer){inboxes[1], 4}) == MAILC_OK);
}

static void test_what_one_end_sends_the_other_receives(void) {
  struct mailc_transport first;
  struct mailc_transport second;
  char octets[8];
  size_t len = 0;

  begin();
  first = mailc_memory_transport(&pair, 0);
  second = mailc_memory_transport(&pair, 1);
  CHECK(first.start_tls == NULL);
  CHECK(first.send(first.context, "abcdef", 6, 0, &len) == MAILC_OK);
  CHECK(len == 4);
  CHECK(second.recv(second.context, octets, 3, 0, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "abc");
  CHECK_OCTETS(inboxes[1], 4, "\0\0\0d");
  CHECK(first.send(first.context, "ef", 2, 0, &len) == MAILC_OK && len == 2);
  CHECK(second.recv(second.context, octets, 8, 0, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "def");
  CHECK(second.send(second.context, "x", 1, 0, &len) == MAILC_OK && len == 1);
  CHECK(first.recv(first.context, octets, 8, 0, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "x");
}

static void test_waiting_with_nobody_there_ends_at_its_time(void) {
  struct mailc_transport first;
  char octets[8];
  size_t len = 1;

  begin();
  first = mailc_memory_transport(&pair, 0);
  CHECK(first.recv(first.context, octets, 8, 30, &len) == MAILC_OK);
  CHECK(len == 0 && first.now_ms(first.context) == 30);
  CHECK(first.send(first.context, "abcd", 4, 50, &len) == MAILC_OK);
  CHECK(len == 4 && first.now_ms(first.context) == 30);
  CHECK(first.send(first.context, "e", 1, 50, &len) == MAILC_OK);
  CHECK(len == 0 && first.now_ms(first.context) == 50);
  CHECK(first.recv(first.context, octets, 8, 40, &len) == MAILC_OK);
  CHECK(len == 0 && first.now_ms(first.context) == 50);
}

/* Sends one octet back for each wait. */
static void answer(void *context, unsigned end, uint64_t until_ms) {
  struct mailc_transport other = mailc_memory_transport(&pair, 1 - end);
  size_t len = 0;

  (void)until_ms;
  CHECK(other.send(other.context, context, 1, 0, &len) == MAILC_OK);
}

static void test_the_other_side_runs_while_one_waits(void) {
  struct mailc_transport first;
  char mark[] = "!";
  char octets[8];
  size_t len = 0;

  begin();
  pair.wait = answer;
  pair.context = mark;
  first = mailc_memory_transport(&pair, 0);
  CHECK(first.recv(first.context, octets, 8, 30, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "!");
  CHECK(first.now_ms(first.context) == 0);
}

static void test_a_closed_end_is_told_after_its_last_octet(void) {
  struct mailc_transport first;
  struct mailc_transport second;
  char octets[8];
  size_t len = 0;

  begin();
  first = mailc_memory_transport(&pair, 0);
  second = mailc_memory_transport(&pair, 1);
  CHECK(first.send(first.context, "ab", 2, 0, &len) == MAILC_OK);
  first.close(first.context);
  CHECK(second.recv(second.context, octets, 8, 9, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "ab");
  CHECK(second.recv(second.context, octets, 8, 9, &len) == MAILC_E_CLOSED);
  CHECK(second.send(second.context, "c", 1, 9, &len) == MAILC_E_LINK);
  CHECK(first.recv(first.context, octets, 8, 9, &len) == MAILC_E_LINK);
  CHECK(second.now_ms(second.context) == 0);
}

static void test_an_inbox_is_needed(void) {
  struct mailc_buffer none = {NULL, 4};
  struct mailc_buffer some = {inboxes[0], 4};

  CHECK(mailc_memory_init(NULL, some, some) == MAILC_E_ARGUMENT);
  CHECK(mailc_memory_init(&pair, none, some) == MAILC_E_ARGUMENT);
  CHECK(mailc_memory_init(&pair, some, none) == MAILC_E_ARGUMENT);
}

int main(void) {
  test_what_one_end_sends_the_other_receives();
  test_waiting_with_nobody_there_ends_at_its_time();
  test_the_other_side_runs_while_one_waits();
  test_a_closed_end_is_told_after_its_last_octet();
  test_an_inbox_is_needed();
  return check_status();
}
