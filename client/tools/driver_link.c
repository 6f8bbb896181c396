#include "driver_link.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <mailc/link.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* How much the input buffer grows by. */
#define INPUT_STEP ((size_t)65536)

static uint64_t now_ms(void *context) {
  const struct driver_link *link = (const struct driver_link *)context;
  struct timespec now = {0, 0};

  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return mailc_later_ms((uint64_t)now.tv_sec * 1000 +
                            (uint64_t)now.tv_nsec / 1000000,
                        link->advanced_ms);
}

/* Reads what stdin has into the buffer; blocks if it has nothing. */
static void read_input(struct driver_link *link) {
  ssize_t len = 0;

  if (link->input_used != 0) {
    link->input_len -= link->input_used;
    memmove(link->input, link->input + link->input_used, link->input_len);
    link->input_used = 0;
  }
  if (link->input_cap - link->input_len < INPUT_STEP) {
    char *grown = realloc(link->input, link->input_cap + 2 * INPUT_STEP);

    if (grown == NULL) {
      link->is_input_over = true;
      return;
    }
    link->input = grown;
    link->input_cap += 2 * INPUT_STEP;
  }
  len = read(STDIN_FILENO, link->input + link->input_len,
             link->input_cap - link->input_len - 1);
  if (len > 0) {
    link->input_len += (size_t)len;
  } else if (len == 0 || errno != EINTR) {
    link->is_input_over = true;
  }
}

/* The line that is whole in the buffer, or NULL. It stays there. */
static char *whole_line(const struct driver_link *link, size_t *len) {
  char *at = link->input + link->input_used;
  char *end = link->input_len == link->input_used
                  ? NULL
                  : memchr(at, '\n', link->input_len - link->input_used);

  if (end == NULL) {
    return NULL;
  }
  *len = (size_t)(end - at);
  return at;
}

bool driver_link_advance(struct driver_link *link, const json_t *command) {
  const json_t *ms = json_object_get(command, "ms");

  if (!json_is_integer(ms) || json_integer_value(ms) < 0) {
    return false;
  }
  link->advanced_ms =
      mailc_later_ms(link->advanced_ms, (uint64_t)json_integer_value(ms));
  return true;
}

/* Obeys the whole lines of the input that change the clock. True if the first
 * that is left asks the driver to end. */
static bool check_clock(struct driver_link *link) {
  size_t len = 0;
  char *line = NULL;

  while ((line = whole_line(link, &len)) != NULL) {
    json_t *command = json_loadb(line, len, 0, NULL);
    const char *name = json_string_value(json_object_get(command, "cmd"));
    bool is_advance = name != NULL && strcmp(name, "advance") == 0 &&
                      driver_link_advance(link, command);
    bool is_bye = name != NULL && strcmp(name, "bye") == 0;

    json_decref(command);
    if (!is_advance) {
      return is_bye;
    }
    link->input_used += len + 1;
  }
  return false;
}

/* Waits for the socket while stdin may put the clock forward. */
static enum mailc_status wait_for_both(void *context, int fd, short events,
                                       uint32_t wait_ms) {
  struct driver_link *link = (struct driver_link *)context;
  struct pollfd watched[2] = {{.fd = fd, .events = events},
                              {.fd = STDIN_FILENO, .events = POLLIN}};
  size_t len = 0;

  /* Another line that is whole already waits for this op to end. */
  watched[1].fd = whole_line(link, &len) == NULL ? STDIN_FILENO : -1;
  if (poll(watched, 2, wait_ms < INT_MAX ? (int)wait_ms : INT_MAX) < 0) {
    return errno == EINTR ? MAILC_OK : MAILC_E_LINK;
  }
  if (watched[1].revents != 0) {
    read_input(link);
    if (check_clock(link) || link->is_input_over) {
      return MAILC_E_LINK;
    }
  }
  return MAILC_OK;
}

void driver_link_init(struct driver_link *link) {
  *link = (struct driver_link){.input = NULL};
  mailc_posix_tcp_init(&link->tcp);
  link->tcp.wait = wait_for_both;
  link->tcp.now_ms = now_ms;
  link->tcp.context = link;
  link->tcp_transport = mailc_posix_tcp_transport(&link->tcp);
#ifdef DRIVER_HAS_TLS
  driver_tls_init(&link->tls, &link->tcp_transport, &link->transport);
#else
  link->transport = link->tcp_transport;
#endif
}

void driver_link_free(struct driver_link *link) {
  link->transport.close(link->transport.context);
#ifdef DRIVER_HAS_TLS
  driver_tls_configure(&link->tls, &(struct mailc_tls_config){.host = NULL});
#endif
  free(link->input);
  link->input = NULL;
}

char *driver_link_next_line(struct driver_link *link, size_t *len) {
  char *line = NULL;

  while ((line = whole_line(link, len)) == NULL) {
    if (link->is_input_over ||
        link->input_len - link->input_used > DRIVER_LINE_MAX) {
      return NULL;
    }
    read_input(link);
  }
  link->input_used += *len + 1;
  return line;
}
