/* A TLS back end, OpenSSL's or mbedTLS's, against a server in memory: built
 * once for each. */
#include "check.h"
#include "tls_backend.h"
#include "tls_peer.h"

#define NAMES "DNS:mail.example.org,DNS:*.pop.example.org,IP:192.0.2.7,IP:::1"

/* A day, s. */
#define DAY_S 86400L

static struct identity authority;
static struct identity stranger; /* an authority that nobody trusts */
static const char *ca_file;

/* A server of the manner given in it, and a client that expects `host`. */
struct scene {
  struct tls_peer peer;
  backend tls;
  struct mailc_transport client;
};

static void begin(struct scene *scene, const struct mailc_tls_config *config) {
  struct mailc_transport below;

  tls_peer_begin(&scene->peer);
  below = mailc_memory_transport(&scene->peer.pair, 0);
  CHECK(backend_init(&scene->tls, &below, config) == MAILC_OK);
  scene->client = backend_transport(&scene->tls);
}

static void end(struct scene *scene) {
  backend_free(&scene->tls);
  backend_free(&scene->tls);
  tls_peer_end(&scene->peer);
  identity_free(&scene->peer.identity);
}

static struct identity server_identity(void) {
  return identity_make(
      &(struct identity_wish){.names = NAMES, .issuer = &authority});
}

static enum mailc_status handshake(struct scene *scene) {
  return scene->client.start_tls(scene->client.context, 1000);
}

static enum mailc_status send_text(struct scene *scene, const char *text,
                                   size_t *sent) {
  return scene->client.send(scene->client.context, text, strlen(text), 1000,
                            sent);
}

static enum mailc_status receive(struct scene *scene, char *octets, size_t cap,
                                 size_t *len) {
  return scene->client.recv(scene->client.context, octets, cap, 2000, len);
}

/* A handshake with a client that expects `host`. */
static void check_host(const char *host, enum mailc_status expected) {
  struct scene scene = {.peer = {.identity = server_identity()}};

  begin(&scene, &(struct mailc_tls_config){.host = host, .ca_file = ca_file});
  CHECK(handshake(&scene) == expected);
  end(&scene);
}

static void test_the_certificate_is_for_the_host(void) {
  check_host("mail.example.org", MAILC_OK);
  check_host("MAIL.Example.Org", MAILC_OK);
  check_host("a.pop.example.org", MAILC_OK);
  check_host("192.0.2.7", MAILC_OK);
  check_host("::1", MAILC_OK);
}

/* RFC 6066 section 3: the server is told the name it is wanted for, but no
 * address. */
static void check_server_name(const char *host, const char *expected) {
  struct scene scene = {.peer = {.identity = server_identity()}};
  const char *told = NULL;

  begin(&scene, &(struct mailc_tls_config){.host = host, .ca_file = ca_file});
  CHECK(handshake(&scene) == MAILC_OK);
  told = SSL_get_servername(scene.peer.ssl, TLSEXT_NAMETYPE_host_name);
  CHECK(expected == NULL ? told == NULL
                         : told != NULL && strcmp(told, expected) == 0);
  end(&scene);
}

static void test_the_server_is_told_the_name_alone(void) {
  check_server_name("mail.example.org", "mail.example.org");
  check_server_name("192.0.2.7", NULL);
  check_server_name("::1", NULL);
}

static void test_a_certificate_for_another_host_is_refused(void) {
  check_host("example.org", MAILC_E_CERTIFICATE);
  check_host("mail.example.org.evil.example", MAILC_E_CERTIFICATE);
  check_host("a.b.pop.example.org", MAILC_E_CERTIFICATE);
  check_host("pop.example.org", MAILC_E_CERTIFICATE);
  check_host("192.0.2.8", MAILC_E_CERTIFICATE);
  check_host("::2", MAILC_E_CERTIFICATE);
}

/* After a refusal not one octet of the caller's leaves. */
static void check_refused(struct scene *scene, enum mailc_status expected) {
  size_t len = 1;
  char octets[8];

  CHECK(handshake(scene) == expected);
  CHECK(send_text(scene, "secret", &len) == MAILC_E_LINK && len == 0);
  CHECK(receive(scene, octets, sizeof octets, &len) == MAILC_E_LINK);
  CHECK(handshake(scene) == MAILC_E_STATE);
  scene->client.close(scene->client.context);
  tls_peer_run(&scene->peer);
  CHECK(scene->peer.read_len == 0);
  end(scene);
}

static void check_identity(const struct identity_wish *wish) {
  struct scene scene = {.peer = {.identity = identity_make(wish)}};

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  check_refused(&scene, MAILC_E_CERTIFICATE);
}

static void test_a_certificate_that_proves_nothing_is_refused(void) {
  check_identity(&(struct identity_wish){.names = NAMES,
                                         .issuer = &authority,
                                         .from_s = -2 * DAY_S,
                                         .until_s = -DAY_S});
  check_identity(&(struct identity_wish){.names = NAMES,
                                         .issuer = &authority,
                                         .from_s = DAY_S,
                                         .until_s = 2 * DAY_S});
  check_identity(&(struct identity_wish){.names = NAMES});
  check_identity(&(struct identity_wish){.names = NAMES, .issuer = &stranger});
}

static void test_the_system_does_not_trust_a_stranger(void) {
  struct scene scene = {.peer = {.identity = server_identity()}};

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org"});
  check_refused(&scene, MAILC_E_CERTIFICATE);
}

static void test_tls_below_1_2_is_refused(void) {
  static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION};

  for (size_t i = 0; i < 2; i++) {
    struct scene scene = {
        .peer = {.identity = server_identity(), .version_max = versions[i]}};

    begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                             .ca_file = ca_file});
    check_refused(&scene, MAILC_E_TLS);
  }
}

static void test_a_server_without_tls_fails_the_handshake(void) {
  static const struct {
    enum tls_peer_manner manner;
    enum mailc_status status;
  } rows[] = {{PEER_IS_SILENT, MAILC_E_TIMEOUT},
              {PEER_TALKS_CLEAR, MAILC_E_TLS},
              {PEER_CLOSES, MAILC_E_CLOSED}};

  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    struct scene scene = {
        .peer = {.identity = server_identity(), .manner = rows[i].manner}};

    begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                             .ca_file = ca_file});
    check_refused(&scene, rows[i].status);
  }
}

static void test_octets_pass_through_until_tls_begins(void) {
  struct scene scene = {
      .peer = {.identity = server_identity(), .manner = PEER_TALKS_CLEAR}};
  char octets[32];
  size_t len = 0;

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  CHECK(scene.client.now_ms(scene.client.context) == 0);
  CHECK(send_text(&scene, "STLS\r\n", &len) == MAILC_OK && len == 6);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "220 in clear\r\n");
  scene.client.close(scene.client.context);
  CHECK(scene.peer.pair.ends[0].is_closed);
  end(&scene);
}

/* Sends octets and receives them back, more than the pair holds at a time. */
static void check_echo(struct scene *scene) {
  static unsigned char out[5000];
  static unsigned char in[5000];
  size_t sent = 0;
  size_t received = 0;
  size_t len = 0;

  for (size_t i = 0; i < sizeof out; i++) {
    out[i] = (unsigned char)(i * 7 + i / 256);
  }
  while (sent < sizeof out || received < sizeof in) {
    uint64_t until_ms = scene->client.now_ms(scene->client.context) + 10;

    if (sent < sizeof out) {
      CHECK(scene->client.send(scene->client.context, out + sent,
                               sizeof out - sent, until_ms, &len) == MAILC_OK);
      sent += len;
    }
    if (scene->client.recv(scene->client.context, in + received,
                           sizeof in - received, until_ms, &len) != MAILC_OK ||
        until_ms > 100000) {
      CHECK(!"the echo comes back");
      return;
    }
    received += len;
  }
  CHECK(memcmp(in, out, sizeof in) == 0);
}

static void test_octets_go_both_ways_and_the_end_is_told(void) {
  struct scene scene = {.peer = {.identity = server_identity()}};
  char octets[8];
  size_t len = 1;

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  CHECK(handshake(&scene) == MAILC_OK);
  CHECK(handshake(&scene) == MAILC_E_STATE);
  check_echo(&scene);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_OK && len == 0);
  tls_peer_say_goodbye(&scene.peer);
  tls_peer_cut(&scene.peer);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_E_CLOSED);
  end(&scene);
}

static void test_the_client_says_goodbye(void) {
  struct scene scene = {.peer = {.identity = server_identity()}};

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  CHECK(handshake(&scene) == MAILC_OK);
  scene.client.close(scene.client.context);
  tls_peer_run(&scene.peer);
  CHECK(scene.peer.has_close_notify);
  scene.client.close(scene.client.context);
  end(&scene);
}

/* Whoever cuts the connection must not pass for the server. */
static void test_a_stream_that_is_cut_is_a_failed_connection(void) {
  struct scene scene = {.peer = {.identity = server_identity()}};
  char octets[8];
  size_t len = 1;

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  CHECK(handshake(&scene) == MAILC_OK);
  tls_peer_cut(&scene.peer);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_E_LINK);
  CHECK(send_text(&scene, "QUIT\r\n", &len) == MAILC_E_LINK);
  end(&scene);
}

static void test_a_record_that_is_none_is_a_failed_connection(void) {
  struct scene scene = {.peer = {.identity = server_identity()}};
  char octets[8];
  size_t len = 1;

  begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                           .ca_file = ca_file});
  CHECK(handshake(&scene) == MAILC_OK);
  tls_peer_say_in_clear(&scene.peer);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_E_LINK);
  CHECK(len == 0);
  end(&scene);
}

static void test_a_client_certificate_is_given_where_demanded(void) {
  struct identity own = identity_make(
      &(struct identity_wish){.names = "DNS:me", .issuer = &authority});
  struct scene scene = {
      .peer = {.identity = server_identity(), .authority = &authority}};
  char octets[8];
  size_t len = 0;

  begin(&scene,
        &(struct mailc_tls_config){.host = "mail.example.org",
                                   .ca_file = ca_file,
                                   .cert_file = identity_certificate_file(&own),
                                   .key_file = identity_key_file(&own)});
  CHECK(handshake(&scene) == MAILC_OK);
  CHECK(send_text(&scene, "ab", &len) == MAILC_OK && len == 2);
  CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_OK);
  CHECK_OCTETS(octets, len, "ab");
  end(&scene);
  identity_free(&own);
}

/* With TLS 1.3 the server's no comes after the handshake. */
static void test_without_a_client_certificate_a_server_may_refuse(void) {
  static const int versions[] = {TLS1_2_VERSION, 0};

  for (size_t i = 0; i < 2; i++) {
    struct scene scene = {.peer = {.identity = server_identity(),
                                   .authority = &authority,
                                   .version_max = versions[i]}};
    enum mailc_status status = MAILC_OK;
    char octets[8];
    size_t len = 0;

    begin(&scene, &(struct mailc_tls_config){.host = "mail.example.org",
                                             .ca_file = ca_file});
    status = handshake(&scene);
    CHECK(status == MAILC_E_TLS || (versions[i] == 0 && status == MAILC_OK));
    CHECK(receive(&scene, octets, sizeof octets, &len) == MAILC_E_LINK);
    end(&scene);
  }
}

static void check_config(const struct mailc_tls_config *config,
                         enum mailc_status expected) {
  struct mailc_transport below = {.context = NULL};
  backend tls;

  CHECK(backend_init(&tls, &below, config) == expected);
  if (expected != MAILC_E_ARGUMENT) {
    backend_free(&tls);
  }
}

static void test_credentials_that_cannot_be_used_are_told(void) {
  struct identity own = identity_make(
      &(struct identity_wish){.names = "DNS:me", .issuer = &authority});
  const char *own_file = identity_certificate_file(&own);
  const char *own_key = identity_key_file(&own);
  const char *other_key = identity_key_file(&authority);
  struct mailc_tls_config config = {.host = "a.example", .ca_file = ca_file};

  check_config(&config, MAILC_OK);
  config.cert_file = own_file;
  config.key_file = own_key;
  check_config(&config, MAILC_OK);
  config.key_file = other_key;
  check_config(&config, MAILC_E_CREDENTIALS);
  config.key_file = NULL;
  check_config(&config, MAILC_E_CREDENTIALS);
  config.cert_file = "/no/such/file";
  check_config(&config, MAILC_E_CREDENTIALS);
  config.cert_file = NULL;
  config.ca_file = own_key;
  check_config(&config, MAILC_E_CREDENTIALS);
  config.ca_file = "/no/such/file";
  check_config(&config, MAILC_E_CREDENTIALS);
  config.host = "";
  check_config(&config, MAILC_E_ARGUMENT);
  config.host = NULL;
  check_config(&config, MAILC_E_ARGUMENT);
  check_config(NULL, MAILC_E_ARGUMENT);
  identity_free(&own);
}

int main(void) {
  authority = identity_make(&(struct identity_wish){.names = NULL});
  stranger = identity_make(&(struct identity_wish){.names = NULL});
  ca_file = identity_certificate_file(&authority);
  test_the_certificate_is_for_the_host();
  test_the_server_is_told_the_name_alone();
  test_a_certificate_for_another_host_is_refused();
  test_a_certificate_that_proves_nothing_is_refused();
  test_the_system_does_not_trust_a_stranger();
  test_tls_below_1_2_is_refused();
  test_a_server_without_tls_fails_the_handshake();
  test_octets_pass_through_until_tls_begins();
  test_octets_go_both_ways_and_the_end_is_told();
  test_the_client_says_goodbye();
  test_a_stream_that_is_cut_is_a_failed_connection();
  test_a_record_that_is_none_is_a_failed_connection();
  test_a_client_certificate_is_given_where_demanded();
  test_without_a_client_certificate_a_server_may_refuse();
  test_credentials_that_cannot_be_used_are_told();
  identity_remove_files();
  identity_free(&authority);
  identity_free(&stranger);
  return check_status();
}
