/* netx-driver: plays the goals that come as JSON lines on stdin with the NetX
 * services, and answers each by one line on stdout. Built with NX_MAIL_STRICT
 * it is netx-driver-strict. */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKET_COUNT 4
#define PAYLOAD_SIZE 128

#define POP3_ARGUMENTS "host port tls policy timeout_ms login user secret "

static const struct goal {
  const char *name;
  const char *arguments; /* names with a blank between; x also allows x_b64 */
  void (*run)(struct driver *driver, const json_t *request,
              struct driver_answer *answer);
} goals[] = {
    {"pop3.fetch", POP3_ARGUMENTS "n delete fail_after", driver_pop3_fetch},
    {"pop3.list", POP3_ARGUMENTS, driver_pop3_list},
    {"smtp.send",
     POP3_ARGUMENTS "name mech from to params message message_path",
     driver_smtp_send},
};

static const char *const features[] = {"goals",
                                       "ipv6",
                                       "pop3",
                                       "pop3.user",
                                       "pop3.apop",
                                       "pop3.list",
                                       "pop3.dele",
                                       "pop3.fail-after",
                                       "smtp",
                                       "smtp.8bitmime",
                                       "smtp.auth.plain",
                                       "smtp.auth.login",
                                       "smtp.auth.cram-md5"};

static void print_line(json_t *line) {
  (void)json_dumpf(line, stdout, JSON_COMPACT);
  (void)fputc('\n', stdout);
  (void)fflush(stdout);
  json_decref(line);
}

static const struct goal *find_goal(const json_t *request) {
  const char *name = json_string_value(json_object_get(request, "goal"));

  for (size_t i = 0; name != NULL && i < sizeof goals / sizeof goals[0]; i++) {
    if (strcmp(goals[i].name, name) == 0) {
      return &goals[i];
    }
  }
  return NULL;
}

/* A packet that did not come back is a fault that no verdict may hide. */
static void check_pool(struct driver *driver) {
  ULONG total = 0;
  ULONG left = 0;

  (void)nx_packet_pool_info_get(&driver->pool, &total, &left, NULL, NULL, NULL);
  if (left != total) {
    (void)fprintf(stderr, "netx-driver: %lu of %lu packets did not come back\n",
                  total - left, total);
    abort();
  }
}

static void answer_goal(struct driver *driver, json_t *request) {
  struct driver_answer answer = {"unsupported", json_object(), 0, NX_SUCCESS};
  const struct goal *goal = find_goal(request);
  json_t *line = NULL;

  if (goal != NULL && driver_has_only(request, goal->arguments)) {
    goal->run(driver, request, &answer);
    check_pool(driver);
    (void)fprintf(stderr, "%s: status 0x%02X\n", goal->name, answer.status);
  }
  line = json_pack("{s:O?, s:s, s:o}", "seq", json_object_get(request, "seq"),
                   "outcome", answer.outcome, "value", answer.value);
  if (answer.code != 0) {
    (void)json_object_set_new(line, "code", json_integer(answer.code));
    (void)json_object_set_new(
        line, "temporary",
        json_boolean(answer.code >= 400 && answer.code < 500));
  }
  print_line(line);
}

static void answer_hello(struct driver *driver, const json_t *command) {
  const char *dir = json_string_value(json_object_get(command, "dir"));
  json_t *list = json_array();

  free(driver->dir);
  driver->dir = dir == NULL ? NULL : strdup(dir);
  for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
    (void)json_array_append_new(list, json_string(features[i]));
  }
  print_line(json_pack("{s:s, s:s, s:o, s:{s:i}}", "name",
                       NX_MAIL_IS_STRICT ? "netx-strict" : "netx", "version",
                       NETX_DRIVER_VERSION, "features", list, "limits", "line",
                       998));
}

/* Obeys one line. False if it was bye; ends the program if it is no line of the
 * protocol. */
static bool obey(struct driver *driver, const char *line, size_t len) {
  json_error_t error;
  json_t *request = json_loadb(line, len, JSON_ALLOW_NUL, &error);
  const char *command = json_string_value(json_object_get(request, "cmd"));
  bool goes_on = true;

  if (!json_is_object(request)) {
    (void)fprintf(stderr, "netx-driver: a line is no JSON object: %s\n",
                  request == NULL ? error.text : "another value");
    exit(2);
  }
  if (command == NULL) {
    answer_goal(driver, request);
  } else if (strcmp(command, "hello") == 0) {
    answer_hello(driver, request);
  } else if (strcmp(command, "bye") == 0) {
    goes_on = false;
  } else {
    (void)fprintf(stderr, "netx-driver: no such command: %.40s\n", command);
    exit(2);
  }
  json_decref(request);
  return goes_on;
}

static void serve(ULONG input) {
  static ULONG
      memory[PACKET_COUNT * (sizeof(NX_PACKET) + PAYLOAD_SIZE) / sizeof(ULONG)];
  struct driver driver = {.dir = NULL};
  char *line = NULL;
  size_t cap = 0;
  ssize_t len = 0;

  (void)input;
  (void)nx_packet_pool_create(&driver.pool, "driver", PAYLOAD_SIZE, memory,
                              sizeof memory);
  (void)nx_ip_create(&driver.ip, "driver", IP_ADDRESS(127, 0, 0, 1),
                     0xFF000000ul, &driver.pool, _nx_ram_network_driver, memory,
                     sizeof memory, 1);
  (void)nx_tcp_enable(&driver.ip);
  (void)nxd_ipv6_enable(&driver.ip);
  do {
    len = getline(&line, &cap, stdin);
  } while (len > 0 && obey(&driver, line, (size_t)len));
  free(line);
  free(driver.dir);
}

VOID tx_application_define(VOID *first_unused_memory) {
  static TX_THREAD thread;

  nx_system_initialize();
  (void)tx_thread_create(&thread, "driver", serve, 0, first_unused_memory, 4096,
                         1, 1, TX_NO_TIME_SLICE, TX_AUTO_START);
}

int main(void) {
  tx_kernel_enter();
  return EXIT_SUCCESS;
}
