#include "timeline.h"

#include "driver.h"

#include <string.h>

struct replay_timeline replay_timeline;

/* Takes the octets of an expectation from what was sent. False if the client
 * has not sent them. */
static bool take_sent(struct replay_timeline *timeline,
                      struct mailc_span expected) {
  size_t len = timeline->sent_len - timeline->matched;

  if (len > expected.len) {
    len = expected.len;
  }
  if (memcmp(timeline->sent + timeline->matched, expected.data, len) != 0) {
    timeline->has_mismatch = true;
  }
  if (len < expected.len) {
    return false;
  }
  timeline->matched += len;
  return true;
}

static bool take_connection(struct replay_timeline *timeline) {
  if (timeline->connection_count < timeline->accepted_count + 2) {
    return false;
  }
  timeline->accepted_count++;
  timeline->end = MAILC_OK;
  return true;
}

/* What the server writes waits for the client, which need not read it. */
static bool write_out(struct replay_timeline *timeline,
                      struct mailc_span octets) {
  if (octets.len > REPLAY_LEN_MAX - timeline->written) {
    return false;
  }
  memcpy(timeline->inbox + timeline->written, octets.data, octets.len);
  timeline->written += octets.len;
  return true;
}

/* Plays one step; false if the server has to wait there. */
static bool play(struct replay_timeline *timeline,
                 const struct replay_step *step) {
  switch (step->kind) {
  case REPLAY_CALL:
  case REPLAY_RESULT:
    return true;
  case REPLAY_EXPECT:
    return take_sent(timeline, step->octets);
  case REPLAY_SEND:
    return write_out(timeline, step->octets);
  case REPLAY_END:
    timeline->end =
        strcmp(step->name, "reset") == 0 ? MAILC_E_LINK : MAILC_E_CLOSED;
    return true;
  case REPLAY_PAUSE:
    return timeline->written == timeline->received;
  case REPLAY_STARTTLS:
    return false;
  case REPLAY_ACCEPT:
    return take_connection(timeline);
  }
  return false;
}

void replay_advance(size_t limit) {
  struct replay_timeline *timeline = &replay_timeline;

  timeline->limit = limit;
  while (timeline->at < limit &&
         play(timeline, &timeline->path->steps[timeline->at])) {
    timeline->at++;
  }
}

static enum mailc_status send(void *context, const void *octets, size_t len,
                              uint64_t until_ms, size_t *sent) {
  struct replay_timeline *timeline = (struct replay_timeline *)context;
  size_t chunk = timeline->plan->chunk == 0 ? len : timeline->plan->chunk;

  (void)until_ms;
  *sent = len < chunk ? len : chunk;
  if (*sent > REPLAY_LEN_MAX - timeline->sent_len) {
    return MAILC_E_LINK;
  }
  memcpy(timeline->sent + timeline->sent_len, octets, *sent);
  timeline->sent_len += *sent;
  return MAILC_OK;
}

static enum mailc_status recv(void *context, void *octets, size_t cap,
                              uint64_t until_ms, size_t *received) {
  struct replay_timeline *timeline = (struct replay_timeline *)context;
  const struct replay_plan *plan = timeline->plan;
  size_t len = 0;

  replay_advance(timeline->limit);
  len = timeline->written - timeline->received;
  len = len < cap ? len : cap;
  if (plan->chunk != 0 && plan->chunk < len) {
    len = plan->chunk;
  }
  if (timeline->received < plan->cut && plan->cut - timeline->received < len) {
    len = plan->cut - timeline->received;
  }
  memcpy(octets, timeline->inbox + timeline->received, len);
  timeline->received += len;
  *received = len;
  if (len == 0 && timeline->end != MAILC_OK) {
    return timeline->end;
  }
  if (len == 0 && until_ms > timeline->now_ms) {
    timeline->now_ms = until_ms;
  }
  return MAILC_OK;
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  struct replay_timeline *timeline = (struct replay_timeline *)context;
  const struct replay_step *step = NULL;

  replay_advance(timeline->limit);
  step = &timeline->path->steps[timeline->at];
  if (timeline->written != timeline->received) {
    return MAILC_E_TLS; /* what comes in clear is no handshake */
  }
  if (timeline->at == timeline->limit || step->kind != REPLAY_STARTTLS) {
    timeline->now_ms = until_ms;
    return timeline->end == MAILC_OK ? MAILC_E_TIMEOUT : timeline->end;
  }
  timeline->at++;
  if (step->name[0] == '\0') {
    return MAILC_OK;
  }
  if (strcmp(step->name, "silent") == 0) {
    timeline->now_ms = until_ms;
    return MAILC_E_TIMEOUT;
  }
  return strcmp(step->name, "tls1.1") == 0 ? MAILC_E_TLS : MAILC_E_CERTIFICATE;
}

static void close_connection(void *context) { (void)context; }

static uint64_t now_ms(void *context) {
  (void)context;
  return replay_timeline.now_ms;
}

void replay_begin(const struct replay_path *path,
                  const struct replay_plan *plan) {
  struct replay_timeline *timeline = &replay_timeline;

  memset(timeline, 0, offsetof(struct replay_timeline, inbox));
  timeline->path = path;
  timeline->plan = plan;
}

struct mailc_transport replay_transport(void) {
  return (struct mailc_transport){.context = &replay_timeline,
                                  .send = send,
                                  .recv = recv,
                                  .start_tls = start_tls,
                                  .close = close_connection,
                                  .now_ms = now_ms};
}

/* What the ops of the driver call in place of TCP. */
enum mailc_status replay_tcp_connect(struct mailc_posix_tcp *tcp,
                                     const char *host, uint16_t port,
                                     uint32_t timeout_ms);

enum mailc_status replay_tcp_connect(struct mailc_posix_tcp *tcp,
                                     const char *host, uint16_t port,
                                     uint32_t timeout_ms) {
  (void)tcp;
  (void)host;
  (void)port;
  (void)timeout_ms;
  replay_timeline.connection_count++;
  return MAILC_OK;
}
