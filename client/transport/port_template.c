/* A template for a transport of your own: copy it, rename what begins with
 * `board_` and `my_`, fill in what your network stack calls it. This copy is
 * compiled with the tests, so that it stays right, and used by nobody.
 *
 * The pump calls these functions and no others. Three rules make a port right:
 *
 *   1. A call waits until until_ms and no longer, by the same clock that
 *      now_ms() tells; a time that is past means "look, do not wait".
 *   2. That the time came is no error: MAILC_OK with nothing moved.
 *   3. After an error no call moves an octet; close() may come at any time and
 *      twice.
 *
 * TLS needs no code here: <mailc/tls_openssl.h> and <mailc/tls_mbedtls.h> work
 * over any transport. Only a stack with TLS of its own fills in start_tls; it
 * returns MAILC_OK when the certificate is verified, for the right host, and
 * never before. */
#include <mailc/transport.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What this template takes for a network stack: each call does what it can
 * without waiting and gives the octets moved, BOARD_LATER or another number
 * below 0; receiving gives 0 at the end of the stream. */
#define BOARD_LATER (-1)
extern int board_send(int handle, const void *octets, size_t len);
extern int board_receive(int handle, void *octets, size_t cap);
extern void board_close(int handle);
extern uint32_t board_tick_ms(void);
/* Sleeps until the socket may have changed, wait_ms at most. */
extern void board_sleep(int handle, uint32_t wait_ms);

/* One connection, connected by your own code. */
struct my_connection {
  int handle; /* below 0: none */
  uint32_t last_tick_ms;
  uint64_t passed_ms;
};

struct mailc_transport my_transport(struct my_connection *connection);

/* A tick of 32 bits starts again after 49 days; the time of the pump must not
 * go back, so that it is counted here. */
static uint64_t my_now_ms(void *context) {
  struct my_connection *connection = (struct my_connection *)context;
  uint32_t tick_ms = board_tick_ms();

  connection->passed_ms += (uint32_t)(tick_ms - connection->last_tick_ms);
  connection->last_tick_ms = tick_ms;
  return connection->passed_ms;
}

/* Waits a little; false if the time has come. A stack that cannot wake the
 * caller sleeps for some milliseconds here. */
static bool my_wait(struct my_connection *connection, uint64_t until_ms) {
  uint64_t now_ms = my_now_ms(connection);
  uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;

  if (left_ms == 0) {
    return false;
  }
  board_sleep(connection->handle,
              left_ms < UINT32_MAX ? (uint32_t)left_ms : UINT32_MAX);
  return true;
}

static enum mailc_status my_send(void *context, const void *octets, size_t len,
                                 uint64_t until_ms, size_t *sent) {
  struct my_connection *connection = (struct my_connection *)context;
  int result = BOARD_LATER;

  *sent = 0;
  do {
    if (connection->handle < 0) {
      return MAILC_E_LINK;
    }
    result = board_send(connection->handle, octets, len);
  } while (result == BOARD_LATER && my_wait(connection, until_ms));
  if (result == BOARD_LATER) {
    return MAILC_OK; /* the time came */
  }
  if (result < 0) {
    return MAILC_E_LINK;
  }
  *sent = (size_t)result;
  return MAILC_OK;
}

static enum mailc_status my_recv(void *context, void *octets, size_t cap,
                                 uint64_t until_ms, size_t *received) {
  struct my_connection *connection = (struct my_connection *)context;
  int result = BOARD_LATER;

  *received = 0;
  do {
    if (connection->handle < 0) {
      return MAILC_E_LINK;
    }
    result = board_receive(connection->handle, octets, cap);
  } while (result == BOARD_LATER && my_wait(connection, until_ms));
  if (result == BOARD_LATER) {
    return MAILC_OK;
  }
  if (result <= 0) {
    return result == 0 ? MAILC_E_CLOSED : MAILC_E_LINK;
  }
  *received = (size_t)result;
  return MAILC_OK;
}

static void my_close(void *context) {
  struct my_connection *connection = (struct my_connection *)context;

  if (connection->handle >= 0) {
    board_close(connection->handle);
    connection->handle = -1;
  }
}

struct mailc_transport my_transport(struct my_connection *connection) {
  return (struct mailc_transport){.context = connection,
                                  .send = my_send,
                                  .recv = my_recv,
                                  .close = my_close,
                                  .now_ms = my_now_ms};
}
