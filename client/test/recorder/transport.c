#include "recorder.h"

#include <stdlib.h>

#define TRANSPORTS_MAX 32

/* A transport that was given out; found by its context. */
static struct {
  unsigned function;
  struct mailc_transport transport;
} given[TRANSPORTS_MAX];

static unsigned given_count;

static unsigned find(const void *context) {
  unsigned at = 0;

  while (at < given_count && given[at].transport.context != context) {
    at++;
  }
  return at;
}

static struct recorder_call enter(unsigned at) {
  return recorder_enter(given[at].function, NULL, NULL);
}

static enum mailc_status send(void *context, const void *octets, size_t len,
                              uint64_t until_ms, size_t *sent) {
  unsigned at = find(context);
  struct recorder_call call = enter(at);
  enum mailc_status status =
      given[at].transport.send(context, octets, len, until_ms, sent);

  recorder_status(call, status);
  return status;
}

static enum mailc_status recv(void *context, void *octets, size_t cap,
                              uint64_t until_ms, size_t *received) {
  unsigned at = find(context);
  struct recorder_call call = enter(at);
  enum mailc_status status =
      given[at].transport.recv(context, octets, cap, until_ms, received);

  recorder_status(call, status);
  return status;
}

static enum mailc_status start_tls(void *context, uint64_t until_ms) {
  unsigned at = find(context);
  struct recorder_call call = enter(at);
  enum mailc_status status = given[at].transport.start_tls(context, until_ms);

  recorder_status(call, status);
  return status;
}

struct mailc_transport recorder_transport(struct recorder_call call,
                                          struct mailc_transport transport) {
  unsigned at = find(transport.context);

  if (at == TRANSPORTS_MAX) {
    abort();
  }
  given_count += at == given_count;
  given[at].function = call.function;
  given[at].transport = transport;
  transport.send = send;
  transport.recv = recv;
  transport.start_tls = transport.start_tls == NULL ? NULL : start_tls;
  return transport;
}
