/* mailc-driver: performs the ops that come as JSON lines on stdin with mailc,
 * and answers each by one line on stdout. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const features[] = {"steps",
                                       "moves",
                                       "clock",
                                       "ipv6",
                                       "policy",
#ifdef DRIVER_HAS_TLS
                                       "tls.implicit",
                                       "tls.starttls",
                                       "client-cert",
#endif
                                       NULL};

static void print_line(json_t *line) {
  (void)json_dumpf(line, stdout, JSON_COMPACT);
  (void)fputc('\n', stdout);
  (void)fflush(stdout);
  json_decref(line);
}

static void add_features(json_t *list, const char *const *names) {
  for (; *names != NULL; names++) {
    (void)json_array_append_new(list, json_string(*names));
  }
}

static void answer_hello(struct driver *driver, const json_t *command) {
  const char *dir = json_string_value(json_object_get(command, "dir"));
  json_t *list = json_array();

  free(driver->dir);
  driver->dir = dir == NULL ? NULL : strdup(dir);
  add_features(list, features);
  add_features(list, driver_pop3.features);
  add_features(list, driver_smtp.features);
  print_line(json_pack("{s:s, s:s, s:o, s:{s:i}}", "name", "mailc", "version",
                       MAILC_DRIVER_VERSION, "features", list, "limits", "line",
                       998));
}

/* Obeys one line. False if it was bye; exits if it is no line of the protocol.
 */
static bool run_request(struct driver *driver, const char *line, size_t len) {
  json_error_t error;
  json_t *request = json_loadb(line, len, JSON_ALLOW_NUL, &error);
  const char *command = json_string_value(json_object_get(request, "cmd"));
  bool goes_on = true;

  if (!json_is_object(request)) {
    (void)fprintf(stderr, "mailc-driver: a line is no JSON object: %s\n",
                  request == NULL ? error.text : "another value");
    exit(2);
  }
  if (command == NULL) {
    print_line(driver_answer(driver, request));
  } else if (strcmp(command, "hello") == 0) {
    answer_hello(driver, request);
  } else if (strcmp(command, "bye") == 0) {
    goes_on = false;
  } else if (strcmp(command, "advance") != 0 ||
             !driver_link_advance(&driver->link, request)) {
    (void)fprintf(stderr, "mailc-driver: no such command: %.40s\n", command);
    exit(2);
  }
  json_decref(request);
  return goes_on;
}

int main(void) {
  struct driver driver = {.moves = json_array()};
  size_t len = 0;
  char *line = NULL;

  driver_link_init(&driver.link);
  do {
    line = driver_link_next_line(&driver.link, &len);
  } while (line != NULL && run_request(&driver, line, len));
  driver_close(&driver);
  driver_link_free(&driver.link);
  json_decref(driver.moves);
  free(driver.dir);
  return EXIT_SUCCESS;
}
