/* The template for a port, on a board that is played here. */
#include "check.h"

/* A port of one's own is a file to copy, no library: so is this one. */
#include "../../transport/port_template.c" /* NOLINT(bugprone-suspicious-include) */

static struct {
  uint32_t tick_ms;
  uint32_t slept_ms;
  unsigned later_count; /* calls that have nothing to do yet */
  int result;           /* of the call after them */
  unsigned close_count;
} board;

static int next_result(void) {
  if (board.later_count != 0) {
    board.later_count--;
    return BOARD_LATER;
  }
  return board.result;
}

int board_send(int handle, const void *octets, size_t len) {
  CHECK(handle == 3 && octets != NULL && len == 2);
  return next_result();
}

int board_receive(int handle, void *octets, size_t cap) {
  int result = next_result();

  CHECK(handle == 3 && cap == 8);
  if (result > 0) {
    memset(octets, 'x', (size_t)result);
  }
  return result;
}

void board_close(int handle) {
  CHECK(handle == 3);
  board.close_count++;
}

uint32_t board_tick_ms(void) { return board.tick_ms; }

void board_sleep(int handle, uint32_t wait_ms) {
  CHECK(handle == 3);
  board.slept_ms += wait_ms;
  board.tick_ms += wait_ms < 10 ? wait_ms : 10;
}

static struct my_connection mine;
static struct mailc_transport transport;

/* A board whose tick is about to start again. */
static void begin(unsigned later_count, int result) {
  board.tick_ms = UINT32_MAX - 4;
  board.later_count = later_count;
  board.result = result;
  mine = (struct my_connection){.handle = 3, .last_tick_ms = UINT32_MAX - 4};
  transport = my_transport(&mine);
}

static void test_octets_move_after_a_wait(void) {
  char octets[8] = "";
  size_t len = 0;

  begin(3, 2);
  CHECK(transport.send(&mine, "ab", 2, 100, &len) == MAILC_OK);
  CHECK(len == 2 && transport.now_ms(&mine) == 30);
  begin(1, 5);
  CHECK(transport.recv(&mine, octets, 8, 100, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "xxxxx");
  CHECK(transport.now_ms(&mine) == 10);
}

static void test_a_wait_ends_in_time(void) {
  char octets[8] = "";
  size_t len = 1;

  begin(100, 2);
  CHECK(transport.send(&mine, "ab", 2, 25, &len) == MAILC_OK);
  CHECK(len == 0 && transport.now_ms(&mine) == 25);
  CHECK(transport.recv(&mine, octets, 8, 25, &len) == MAILC_OK);
  CHECK(len == 0 && transport.now_ms(&mine) == 25);
}

static void test_the_end_and_a_failure_are_told(void) {
  char octets[8] = "";
  size_t len = 1;

  begin(0, 0);
  CHECK(transport.recv(&mine, octets, 8, 25, &len) == MAILC_E_CLOSED);
  begin(0, -7);
  CHECK(transport.recv(&mine, octets, 8, 25, &len) == MAILC_E_LINK);
  CHECK(transport.send(&mine, "ab", 2, 25, &len) == MAILC_E_LINK);
  transport.close(&mine);
  transport.close(&mine);
  CHECK(board.close_count == 1);
  CHECK(transport.recv(&mine, octets, 8, 25, &len) == MAILC_E_LINK);
  CHECK(transport.send(&mine, "ab", 2, 25, &len) == MAILC_E_LINK);
  CHECK(transport.start_tls == NULL);
}

int main(void) {
  test_octets_move_after_a_wait();
  test_a_wait_ends_in_time();
  test_the_end_and_a_failure_are_told();
  return check_status();
}
