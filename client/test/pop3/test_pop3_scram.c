/* SCRAM in a POP3 session: the bounds that its caller sets. */
#include "pop3_talk.h"

#include <mailc/hash.h>

#define CAPA(mechs) "+OK\r\nSASL " mechs "\r\n.\r\n"

/* The tokens of RFC 7677 section 3. */
#define SCRAM_FIRST "biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="
#define SCRAM_CHALLENGE                                                        \
  "cj1yT3ByTkdmd0ViZVJXZ2JORWtxTyVodllEcFdVYTJSYVRDQWZ1eEZJbGopaE5s"           \
  "RiRrMCxzPVcyMlphSjBTTlk3c29Fc1VFamI2Z1E9PSxpPTQwOTY="

static uint8_t scratch[512];

static struct mailc_login make(const char *mech, const char *user,
                               const char *secret) {
  return (struct mailc_login){.mech = talk_span(mech),
                              .user = talk_span(user),
                              .secret = talk_span(secret),
                              .scratch = {scratch, sizeof scratch}};
}

/* A session that was told what CAPA answers, NULL: not asked; the log empty. */
static void begin(struct talk *talk, const char *capa) {
  struct mailc_pop3_config config = talk_config(talk);

  config.hash = &mailc_hash_openssl;
  talk_greeted_with(talk, &config);
  if (capa != NULL) {
    CHECK(talk_exchange(talk, "CAPA", capa, 999) == MAILC_OK);
  }
  talk->log_len = 0;
}

/* What a login with scratch of this length comes to, the challenge being
 * `challenge`: of auth(), or else of the REPLY. */
static const char *status_of_scram(size_t scratch_cap, const char *challenge) {
  static struct talk talk;
  struct mailc_login login = make("SCRAM-SHA-256", "user", "pencil");
  enum mailc_status status = MAILC_OK;
  char *line = NULL;

  login.nonce = talk_span("rOprNGfwEbeRWgbNEkqO");
  login.scratch.cap = scratch_cap;
  begin(&talk, CAPA("SCRAM-SHA-256"));
  status = mailc_pop3_auth(&talk.session, &login);
  if (status != MAILC_OK) {
    return mailc_status_name(status);
  }
  talk_sent(&talk, "AUTH SCRAM-SHA-256 " SCRAM_FIRST);
  CHECK(talk_receive(&talk, challenge, strlen(challenge), 999) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  if (strstr(talk.log, " RESPONSE ") != NULL) {
    return "OK";
  }
  talk_sent(&talk, "*");
  CHECK(talk_receive(&talk, "-ERR\r\n", 6, 9) == MAILC_OK);
  talk.log[talk.log_len] = '\0';
  line = strstr(talk.log, "\nE_");
  return line == NULL ? "none" : strtok(line, "\n ");
}

/* The challenge with i=4095. The least scratch that serves is not far from
 * what <mailc/sasl.h> says. */
static void test_a_login_has_bounds_of_its_own(void) {
  static const char low[] =
      "+ cj1yT3ByTkdmd0ViZVJXZ2JORWtxT3gscz1XMjJaYUowU05ZN3NvRXNVRWpiNmdRPT0s"
      "aT00MDk1\r\n";
  static const char good[] = "+ " SCRAM_CHALLENGE "\r\n";
  size_t cap = 0;

  CHECK(strcmp(status_of_scram(sizeof scratch, low), "E_ITERATIONS") == 0);
  while (strcmp(status_of_scram(cap, good), "E_BUFFER") == 0) {
    CHECK(++cap < sizeof scratch);
  }
  CHECK(strcmp(status_of_scram(cap, good), "OK") == 0);
  CHECK(cap > 64 && cap < 256);
}

int main(void) {
  test_a_login_has_bounds_of_its_own();
  return check_status();
}
