/* A TLS back end before a server that sends without end and says nothing: in
 * memory, where the clock is the test's, and over TCP in real time. */
#include "check.h"
#include "tls_backend.h"
#include "tls_flood.h"
#include "tls_peer.h"

#include <mailc/pop3_pump.h>
#include <mailc/posix_tcp.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOST "mail.example.org"

/* No limit but the time. */
#define ANY_OVERHEAD UINT32_MAX

static struct identity authority;
static const char *ca_file;

/* Whether this library gives up by itself: OpenSSL at the sixth warning,
 * mbedTLS 2.28 at a message in pieces and at a HelloRequest out of place. */
static bool refuses(enum tls_flood flood) {
#ifdef TEST_MBEDTLS
  return flood == FLOOD_CLEAR_PIECES || flood == FLOOD_CLEAR_REQUESTS;
#else
  return flood == FLOOD_CLEAR_WARNINGS;
#endif
}

/* Whether this library speaks what the flood needs. */
static bool is_known(enum tls_flood flood) {
#ifdef TEST_MBEDTLS
  return flood <= FLOOD_REQUESTS;
#else
  return flood < FLOOD_COUNT;
#endif
}

/* A client, and a server that floods it: there is always more to receive. */
struct scene {
  struct tls_peer peer;
  backend tls;
  struct mailc_transport client;
  enum tls_flood flood;
  bool is_flooding;
  uint64_t step_ms; /* what each look at the connection takes */
};

static struct mailc_transport end_of(struct scene *scene) {
  return mailc_memory_transport(&scene->peer.pair, 0);
}

static enum mailc_status flooded_send(void *context, const void *octets,
                                      size_t len, uint64_t until_ms,
                                      size_t *sent) {
  struct mailc_transport end = end_of((struct scene *)context);

  return end.send(end.context, octets, len, until_ms, sent);
}

/* A server that floods hears nothing, but takes what it is sent. */
static void drop_all(struct scene *scene) {
  struct mailc_transport own = mailc_memory_transport(&scene->peer.pair, 1);
  char scratch[512];
  size_t len = 1;

  while (len != 0 &&
         own.recv(own.context, scratch, sizeof scratch, 0, &len) == MAILC_OK) {
  }
}

static void run_server(void *context, unsigned end, uint64_t until_ms) {
  struct scene *scene = (struct scene *)context;

  (void)end;
  (void)until_ms;
  if (scene->is_flooding) {
    drop_all(scene);
  } else {
    tls_peer_run(&scene->peer);
  }
}

static void top_up(struct scene *scene) {
  SSL *ssl = scene->peer.ssl;

  while (BIO_pending(SSL_get_wbio(ssl)) < 64 &&
         tls_flood_write(ssl, scene->flood)) {
  }
  tls_peer_flush(&scene->peer);
  drop_all(scene);
}

static enum mailc_status flooded_recv(void *context, void *octets, size_t cap,
                                      uint64_t until_ms, size_t *received) {
  struct scene *scene = (struct scene *)context;
  struct mailc_transport end = end_of(scene);

  if (scene->is_flooding) {
    top_up(scene);
    scene->peer.pair.now_ms += scene->step_ms;
  }
  return end.recv(end.context, octets, cap, until_ms, received);
}

static void flooded_close(void *context) {
  struct mailc_transport end = end_of((struct scene *)context);

  end.close(end.context);
}

static uint64_t flooded_now_ms(void *context) {
  return ((struct scene *)context)->peer.pair.now_ms;
}

static void begin(struct scene *scene, enum tls_flood flood, uint64_t step_ms,
                  uint32_t overhead_max) {
  const struct mailc_transport below = {.context = scene,
                                        .send = flooded_send,
                                        .recv = flooded_recv,
                                        .close = flooded_close,
                                        .now_ms = flooded_now_ms};
  const struct mailc_tls_config config = {
      .host = HOST, .ca_file = ca_file, .overhead_max = overhead_max};

  *scene = (struct scene){.flood = flood, .step_ms = step_ms};
  scene->peer.identity = identity_make(
      &(struct identity_wish){.names = "DNS:" HOST, .issuer = &authority});
  scene->peer.version_max = tls_flood_version(flood);
  tls_peer_begin(&scene->peer);
  scene->peer.pair.wait = run_server;
  scene->peer.pair.context = scene;
  CHECK(backend_init(&scene->tls, &below, &config) == MAILC_OK);
  scene->client = backend_transport(&scene->tls);
}

static void end(struct scene *scene) {
  backend_free(&scene->tls);
  tls_peer_end(&scene->peer);
  identity_free(&scene->peer.identity);
}

/* Begins, and makes the handshake before the flood. */
static void begin_after_handshake(struct scene *scene, enum tls_flood flood,
                                  uint64_t step_ms, uint32_t overhead_max) {
  begin(scene, flood, step_ms, overhead_max);
  CHECK(scene->client.start_tls(scene->client.context, 1000) == MAILC_OK);
  tls_peer_run(&scene->peer);
  CHECK(scene->peer.has_shaken_hands);
  scene->is_flooding = true;
}

static enum mailc_status receive(struct scene *scene, uint64_t until_ms,
                                 size_t *len) {
  static char octets[256];

  return scene->client.recv(scene->client.context, octets, sizeof octets,
                            until_ms, len);
}

/* The flood of a handshake: until the time, or until that is too much. */
static void check_handshake(enum tls_flood flood, bool has_time) {
  struct scene scene;
  enum mailc_status expected =
      has_time && !refuses(flood) ? MAILC_E_TIMEOUT : MAILC_E_TLS;

  begin(&scene, flood, has_time ? 1 : 0, has_time ? ANY_OVERHEAD : 0);
  scene.is_flooding = true;
  CHECK(scene.client.start_tls(scene.client.context, 200) == expected);
  CHECK(scene.peer.pair.now_ms <= 200);
  end(&scene);
}

static void test_a_handshake_ends_in_a_flood(void) {
  for (enum tls_flood flood = 0; tls_flood_is_clear(flood); flood++) {
    check_handshake(flood, true);
    check_handshake(flood, false);
  }
}

static void check_receiving(enum tls_flood flood) {
  struct scene scene;
  size_t len = 1;

  begin_after_handshake(&scene, flood, 1, ANY_OVERHEAD);
  CHECK(receive(&scene, 200, &len) == MAILC_OK && len == 0);
  CHECK(scene.peer.pair.now_ms == 200);
  end(&scene);

  /* The default for one; each KeyUpdate takes its time. */
  begin_after_handshake(&scene, flood, 0,
                        flood >= FLOOD_UPDATES ? MAILC_TLS_RECORD_MAX : 0);
  CHECK(receive(&scene, 200, &len) == MAILC_E_LINK && len == 0);
  CHECK(receive(&scene, 200, &len) == MAILC_E_LINK);
  CHECK(scene.client.send(scene.client.context, "a", 1, 200, &len) ==
        MAILC_E_LINK);
  end(&scene);
}

/* A look, which does not wait, takes in a record's worth. */
static void check_looking(enum tls_flood flood) {
  struct scene scene;
  size_t len = 1;

  begin_after_handshake(&scene, flood, 0, ANY_OVERHEAD);
  CHECK(receive(&scene, 0, &len) == MAILC_OK && len == 0);
  end(&scene);
}

/* Data behind octets without data is read, and resets the sum. */
static void check_data(enum tls_flood flood) {
  struct scene scene;
  size_t sum = 0;
  size_t len = 0;

  begin_after_handshake(&scene, flood, 0, MAILC_TLS_RECORD_MAX);
  scene.is_flooding = false;
  scene.peer.manner = PEER_IS_SILENT;
  while (sum < (size_t)2 * MAILC_TLS_RECORD_MAX) {
    for (size_t i = 0; i < 9; i++) {
      CHECK(tls_flood_write(scene.peer.ssl, flood));
    }
    CHECK(SSL_write(scene.peer.ssl, "abc", 3) == 3);
    sum += (size_t)BIO_pending(SSL_get_wbio(scene.peer.ssl));
    tls_peer_flush(&scene.peer);
    CHECK(receive(&scene, 0, &len) == MAILC_OK && len == 3);
    drop_all(&scene);
    if (len != 3) {
      break;
    }
  }
  end(&scene);
}

/* A client that only sends, and then closes. */
static void check_sending(enum tls_flood flood) {
  struct scene scene;
  size_t len = 0;

  begin_after_handshake(&scene, flood, 1, ANY_OVERHEAD);
  (void)receive(&scene, 20, &len);
  for (size_t i = 0; i < 50; i++) {
    CHECK(scene.client.send(scene.client.context, "abcdefgh", 8, 400, &len) ==
          MAILC_OK);
  }
  CHECK(scene.peer.pair.now_ms <= 400);
  scene.client.close(scene.client.context);
  CHECK(scene.peer.pair.ends[0].is_closed);
  end(&scene);
}

static void test_a_connection_ends_in_a_flood(void) {
  for (enum tls_flood flood = FLOOD_REQUESTS; is_known(flood); flood++) {
    check_receiving(flood);
    check_looking(flood);
    check_data(flood);
    check_sending(flood);
  }
}

/* Over TCP: a child serves one connection and floods it until it is cut. */
struct real {
  struct mailc_posix_tcp tcp;
  struct mailc_transport below;
  backend tls;
  struct mailc_transport client;
  pid_t child;
};

static void serve(int listener, const struct identity *identity,
                  enum tls_flood flood) {
  SSL_CTX *settings = SSL_CTX_new(TLS_server_method());
  SSL *ssl = NULL;
  int fd = accept(listener, NULL, NULL);

  (void)alarm(60);
  (void)SSL_CTX_use_certificate(settings, identity->certificate);
  (void)SSL_CTX_use_PrivateKey(settings, identity->key);
  if (tls_flood_version(flood) != 0) {
    (void)SSL_CTX_set_max_proto_version(settings, tls_flood_version(flood));
  }
  ssl = SSL_new(settings);
  (void)SSL_set_fd(ssl, fd);
  if (tls_flood_is_clear(flood) || SSL_accept(ssl) == 1) {
    while (tls_flood_write(ssl, flood)) {
    }
  }
  _exit(0);
}

static void begin_real(struct real *real, enum tls_flood flood) {
  struct identity identity = identity_make(
      &(struct identity_wish){.names = "DNS:" HOST, .issuer = &authority});
  struct sockaddr_in name = {.sin_family = AF_INET,
                             .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof name;
  int listener = socket(AF_INET, SOCK_STREAM, 0);

  CHECK(bind(listener, (struct sockaddr *)&name, size) == 0 &&
        listen(listener, 1) == 0 &&
        getsockname(listener, (struct sockaddr *)&name, &size) == 0);
  real->child = fork();
  if (real->child == 0) {
    serve(listener, &identity, flood);
  }
  identity_free(&identity);
  mailc_posix_tcp_init(&real->tcp);
  real->below = mailc_posix_tcp_transport(&real->tcp);
  CHECK(mailc_posix_tcp_connect(&real->tcp, "127.0.0.1", ntohs(name.sin_port),
                                20000) == MAILC_OK);
  (void)close(listener);
  CHECK(backend_init(&real->tls, &real->below,
                     &(struct mailc_tls_config){.host = HOST,
                                                .ca_file = ca_file,
                                                .overhead_max =
                                                    ANY_OVERHEAD}) == MAILC_OK);
  real->client = backend_transport(&real->tls);
}

static void end_real(struct real *real) {
  real->client.close(real->client.context);
  backend_free(&real->tls);
  CHECK(kill(real->child, SIGKILL) == 0);
  CHECK(waitpid(real->child, NULL, 0) == real->child);
}

static uint64_t now_ms(const struct real *real) {
  return real->client.now_ms(real->client.context);
}

static void check_real_handshake(enum tls_flood flood) {
  struct real real;
  uint64_t until_ms = 0;

  begin_real(&real, flood);
  until_ms = now_ms(&real) + 200;
  CHECK(real.client.start_tls(real.client.context, until_ms) ==
        (refuses(flood) ? MAILC_E_TLS : MAILC_E_TIMEOUT));
  CHECK(refuses(flood) || now_ms(&real) >= until_ms);
  end_real(&real);
}

/* An operation of the pump has its limit there too. */
static void check_real_pump(enum tls_flood flood) {
  static uint8_t rx[MAILC_RX_CAP_MIN];
  static uint8_t tx[MAILC_TX_CAP_MIN];
  struct mailc_pop3_slot slot;
  struct mailc_pop3 session;
  struct real real;
  struct mailc_pop3_pump pump = {
      .pump = {.transport = &real.client, .limit_ms = 200},
      .session = &session};

  begin_real(&real, flood);
  CHECK(real.client.start_tls(real.client.context, now_ms(&real) + 20000) ==
        MAILC_OK);
  CHECK(mailc_pop3_init(&session, sizeof session,
                        &(struct mailc_pop3_config){.rx = {rx, sizeof rx},
                                                    .tx = {tx, sizeof tx},
                                                    .queue = &slot,
                                                    .queue_cap = 1,
                                                    .now_ms = now_ms(&real),
                                                    .has_tls = true}) ==
        MAILC_OK);
  CHECK(mailc_pop3_pump_connect(&pump, NULL) == MAILC_E_TIMEOUT);
  end_real(&real);
}

static void test_real_time_ends_a_flood(void) {
  for (enum tls_flood flood = 0; is_known(flood); flood++) {
    if (tls_flood_is_clear(flood)) {
      check_real_handshake(flood);
    } else {
      check_real_pump(flood);
    }
  }
}

int main(void) {
  authority = identity_make(&(struct identity_wish){.names = NULL});
  ca_file = identity_certificate_file(&authority);
  test_a_handshake_ends_in_a_flood();
  test_a_connection_ends_in_a_flood();
  test_real_time_ends_a_flood();
  identity_remove_files();
  identity_free(&authority);
  return check_status();
}
