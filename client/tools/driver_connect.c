/* The arguments of connect, which both protocols share, and connecting. */
#include "driver.h"

#include <string.h>

/* The timeout of a connection that names none, ms. */
#define TIMEOUT_MS 60000u

void driver_close(struct driver *driver) {
  driver->link.transport.close(driver->link.transport.context);
  driver->protocol = NULL;
}

/* The policy argument; false if it is unknown. */
static bool get_policy(const json_t *request, enum mailc_policy *policy) {
  const json_t *value = json_object_get(request, "policy");
  const char *name = value == NULL ? "own" : json_string_value(value);

  if (name != NULL && strcmp(name, "own") == 0) {
    *policy = MAILC_POLICY_OWN;
  } else if (name != NULL && strcmp(name, "clear") == 0) {
    *policy = MAILC_POLICY_CLEAR;
  } else if (name != NULL && strcmp(name, "tls") == 0) {
    *policy = MAILC_POLICY_TLS;
  } else {
    return false;
  }
  return true;
}

/* A duration above 0; `standard` if it is missing. */
static bool get_ms(const json_t *request, const char *name, uint32_t standard,
                   uint32_t *ms) {
  uint64_t value = standard;

  if (json_object_get(request, name) != NULL &&
      (!driver_number(request, name, UINT32_MAX, &value) || value == 0)) {
    return false;
  }
  *ms = (uint32_t)value;
  return true;
}

/* Whether TLS comes first; false if it cannot. */
static bool get_tls(const json_t *request, bool *is_implicit) {
  const json_t *value = json_object_get(request, "tls");
  const char *name = value == NULL ? "none" : json_string_value(value);

  *is_implicit = name != NULL && strcmp(name, "implicit") == 0;
#ifdef DRIVER_HAS_TLS
  return *is_implicit || (name != NULL && strcmp(name, "none") == 0);
#else
  return name != NULL && strcmp(name, "none") == 0;
#endif
}

#ifdef DRIVER_HAS_TLS

/* A text without NUL that is not empty, valid during the op, or `standard` if
 * it is missing. */
static bool get_text(const json_t *request, const char *name,
                     const char *standard, const char **text) {
  struct mailc_span octets;
  char *copy = NULL;
  char name_b64[32];

  (void)snprintf(name_b64, sizeof name_b64, "%s_b64", name);
  *text = standard;
  if (json_object_get(request, name) == NULL &&
      json_object_get(request, name_b64) == NULL) {
    return true;
  }
  if (!driver_text(request, name, &octets) || octets.len == 0 ||
      memchr(octets.data, '\0', octets.len) != NULL) {
    return false;
  }
  copy = driver_alloc(octets.len + 1);
  memcpy(copy, octets.data, octets.len);
  copy[octets.len] = '\0';
  *text = copy;
  return true;
}

/* The TLS of this connection, now or after STLS or STARTTLS. */
static bool configure(struct driver *driver, const json_t *request,
                      const char *host) {
  struct mailc_tls_config config = {.host = host};

  if (!get_text(request, "name", host, &config.host) ||
      !get_text(request, "ca", NULL, &config.ca_file) ||
      !get_text(request, "client_cert", NULL, &config.cert_file) ||
      !get_text(request, "client_key", NULL, &config.key_file)) {
    return false;
  }
  driver_tls_configure(&driver->link.tls, &config);
  return true;
}

#else

static bool configure(struct driver *driver, const json_t *request,
                      const char *host) {
  (void)driver;
  (void)request;
  (void)host;
  return true;
}

#endif

/* How long something may still take that began at `from_ms`. */
static uint32_t left_ms(const struct driver *driver, uint64_t from_ms,
                        uint32_t limit_ms) {
  uint64_t gone_ms =
      driver->link.tcp.now_ms(driver->link.tcp.context) - from_ms;

  return gone_ms < limit_ms ? limit_ms - (uint32_t)gone_ms : 1;
}

/* Connects, TLS included where it comes first; the times are those of
 * *connection. */
static enum mailc_status open_connection(struct driver *driver,
                                         const char *host, uint16_t port,
                                         struct driver_connection *connection) {
  const struct mailc_transport *transport = &driver->link.transport;
  uint64_t from_ms = transport->now_ms(transport->context);
  uint32_t limit_ms =
      connection->limit_ms == 0 ? UINT32_MAX : connection->limit_ms;
  uint32_t wait_ms =
      connection->timeout_ms < limit_ms ? connection->timeout_ms : limit_ms;
  enum mailc_status status =
      mailc_posix_tcp_connect(&driver->link.tcp, host, port, wait_ms);

  if (status == MAILC_OK && connection->has_tls) {
    wait_ms = left_ms(driver, from_ms, limit_ms);
    if (connection->timeout_ms < wait_ms) {
      wait_ms = connection->timeout_ms;
    }
    status = transport->start_tls(
        transport->context,
        mailc_later_ms(transport->now_ms(transport->context), wait_ms));
  }
  if (connection->limit_ms != 0) {
    connection->greeting_limit_ms = left_ms(driver, from_ms, limit_ms);
  }
  return status;
}

bool driver_connect(struct driver *driver, const json_t *request,
                    const struct driver_protocol *protocol,
                    struct driver_connection *connection,
                    struct driver_answer *answer) {
  const char *host = json_string_value(json_object_get(request, "host"));
  uint64_t port = 0;

  driver_close(driver);
  *connection = (struct driver_connection){.limit_ms = 0};
  if (host == NULL || !driver_number(request, "port", UINT16_MAX, &port) ||
      !get_tls(request, &connection->has_tls) ||
      !configure(driver, request, host) ||
      !get_policy(request, &connection->policy) ||
      !get_ms(request, "timeout_ms", TIMEOUT_MS, &connection->timeout_ms) ||
      !get_ms(request, "deadline_ms", 0, &connection->limit_ms)) {
    driver_unsupported(answer);
    return false;
  }
  answer->status = open_connection(driver, host, (uint16_t)port, connection);
  if (answer->status != MAILC_OK) {
    driver_close(driver);
    return false;
  }
  driver->protocol = protocol;
  return true;
}
