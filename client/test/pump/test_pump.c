/* What the pump does when a session's link wants TLS. */
#include "check.h"
#include "common/link.h"
#include "pump/pump.h"

/* A transport whose handshake ends as the test says. */
struct server {
  enum mailc_status status; /* of the handshake */
  uint64_t now_ms;
  uint64_t until_ms; /* that was asked for */
  unsigned handshake_count;
  unsigned recv_count;
};

static enum mailc_status fake_recv(void *context, void *octets, size_t cap,
                                   uint64_t until_ms, size_t *received) {
  (void)octets;
  (void)cap;
  (void)until_ms;
  *received = 0;
  ((struct server *)context)->recv_count++;
  return MAILC_OK;
}

static enum mailc_status fake_start_tls(void *context, uint64_t until_ms) {
  struct server *server = (struct server *)context;

  server->handshake_count++;
  server->until_ms = until_ms;
  return server->status;
}

static uint64_t fake_now_ms(void *context) {
  return ((struct server *)context)->now_ms;
}

static uint8_t rx[MAILC_RX_CAP_MIN];
static uint8_t tx[MAILC_TX_CAP_MIN];
static struct mailc_link link;
static struct server fake;
static struct mailc_transport transport;
static struct mailc_pump pump;

/* A link at time 100 that wants TLS by 500 and a transport that answers. */
static void begin(enum mailc_status status) {
  link = (struct mailc_link){.rx = rx,
                             .rx_cap = sizeof rx,
                             .tx = tx,
                             .tx_cap = sizeof tx,
                             .now_ms = 100,
                             .timeout_ms = 400};
  CHECK(mailc_link_init(&link) == MAILC_OK);
  CHECK(mailc_link_tls_up(&link) == MAILC_E_STATE);
  CHECK(mailc_link_tls_failed(&link, MAILC_E_TLS) == MAILC_E_STATE);
  mailc_link_want_tls(&link);
  fake = (struct server){.status = status, .now_ms = 150};
  transport = (struct mailc_transport){.context = &fake,
                                       .recv = fake_recv,
                                       .start_tls = fake_start_tls,
                                       .now_ms = fake_now_ms};
  pump = (struct mailc_pump){.transport = &transport};
}

static void test_a_handshake_that_succeeds_is_told_to_the_link(void) {
  begin(MAILC_OK);
  mailc_pump_turn(&pump, &link);
  CHECK(link.has_tls && !link.wants_tls && link.tls_status == MAILC_OK);
  CHECK(fake.until_ms == 500 && link.now_ms == 150);
  CHECK(fake.recv_count == 0);
  mailc_pump_turn(&pump, &link);
  CHECK(fake.handshake_count == 1 && fake.recv_count == 1);
}

static void test_a_handshake_that_fails_says_why(void) {
  begin(MAILC_E_CERTIFICATE);
  mailc_pump_turn(&pump, &link);
  CHECK(!link.has_tls && link.tls_status == MAILC_E_CERTIFICATE);
  begin(MAILC_E_STATE);
  mailc_pump_turn(&pump, &link);
  CHECK(!link.has_tls && link.tls_status == MAILC_E_TLS);
  CHECK(mailc_link_tls_failed(&link, MAILC_E_TLS) == MAILC_E_STATE);
}

static void test_a_connection_that_ends_in_the_handshake_is_its_end(void) {
  begin(MAILC_E_CLOSED);
  mailc_pump_turn(&pump, &link);
  CHECK(link.is_eof && !link.has_tls && link.tls_status == MAILC_OK);
}

static void test_a_handshake_out_of_time_makes_the_link_late(void) {
  begin(MAILC_E_TIMEOUT);
  mailc_pump_turn(&pump, &link);
  CHECK(mailc_link_is_late(&link) && !link.has_tls);
}

static void test_no_handshake_follows_octets_that_came_before_it(void) {
  begin(MAILC_OK);
  rx[0] = '+';
  CHECK(mailc_link_rx_ack(&link, 1) == MAILC_OK);
  mailc_pump_turn(&pump, &link);
  CHECK(fake.handshake_count == 0 && !link.has_tls);
  CHECK(link.tls_status == MAILC_E_TLS);
}

static void test_a_transport_without_tls_cannot_start_it(void) {
  begin(MAILC_OK);
  CHECK(mailc_pump_can_start_tls(&pump));
  transport.start_tls = NULL;
  CHECK(!mailc_pump_can_start_tls(&pump));
  mailc_pump_turn(&pump, &link);
  CHECK(!link.has_tls && link.tls_status == MAILC_E_TLS);
}

static void test_the_cause_of_a_failure_is_one_of_tls(void) {
  begin(MAILC_OK);
  CHECK(mailc_link_tls_failed(&link, MAILC_E_CLOSED) == MAILC_E_ARGUMENT);
  CHECK(link.wants_tls);
  CHECK(mailc_link_tls_failed(&link, MAILC_E_TLS) == MAILC_OK);
  CHECK(!link.wants_tls && link.tls_status == MAILC_E_TLS);
}

/* The clock may be near its end, and the limit of any length. */
static void test_a_limit_is_never_past(void) {
  begin(MAILC_OK);
  fake.now_ms = UINT64_MAX - 100;
  pump.limit_ms = 99;
  mailc_pump_begin(&pump, &link);
  CHECK(link.limit_ms == UINT64_MAX - 1);
  pump.limit_ms = UINT32_MAX;
  mailc_pump_begin(&pump, &link);
  CHECK(link.limit_ms == UINT64_MAX - 1);
  CHECK(!mailc_link_is_past_limit(&link));
  pump.limit_ms = 0;
  mailc_pump_begin(&pump, &link);
  CHECK(link.limit_ms == MAILC_NEVER);
}

/* A session that was told the time of another clock, such as that of day. */
static void test_the_clock_is_that_of_the_transport(void) {
  begin(MAILC_OK);
  link.now_ms = 1700000000000;
  pump.limit_ms = 50;
  mailc_pump_begin(&pump, &link);
  CHECK(link.now_ms == 150 && link.limit_ms == 200);
  mailc_link_start_timer(&link);
  CHECK(mailc_link_deadline_ms(&link) == 200);
}

int main(void) {
  test_a_handshake_that_succeeds_is_told_to_the_link();
  test_a_handshake_that_fails_says_why();
  test_a_connection_that_ends_in_the_handshake_is_its_end();
  test_a_handshake_out_of_time_makes_the_link_late();
  test_no_handshake_follows_octets_that_came_before_it();
  test_a_transport_without_tls_cannot_start_it();
  test_the_cause_of_a_failure_is_one_of_tls();
  test_a_limit_is_never_past();
  test_the_clock_is_that_of_the_transport();
  return check_status();
}
