#include "recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS_MAX 256
#define TX_MAX 8192

static const struct {
  enum mailc_status status;
  const char *name;
} statuses[] = {
#define STATUS(name, number, sentence) {MAILC_##name, #name},
    MAILC_STATUS_LIST(STATUS)
#undef STATUS
};

#define STATUS_COUNT (sizeof statuses / sizeof statuses[0])

static bool is_called[FUNCTIONS_MAX];
static bool is_returned[FUNCTIONS_MAX][STATUS_COUNT];
static unsigned depth;

/* The session as it was before the outer call, and what it was to send. */
static struct {
  const struct mailc_pop3 *pop3;
  const struct mailc_smtp *smtp;
  struct mailc_pop3 pop3_copy;
  struct mailc_smtp smtp_copy;
  uint8_t tx[TX_MAX];
  size_t tx_len;
} before;

/* A line for each function that was called, and for each status it gave. */
static void write_down(void) {
  FILE *file = fopen(MAILC_TEST_RECORD, "w");

  if (file == NULL) {
    perror(MAILC_TEST_RECORD);
    abort();
  }
  for (unsigned i = 0; i < recorder_function_count; i++) {
    if (is_called[i]) {
      (void)fprintf(file, "%s\n", recorder_functions[i]);
    }
    for (size_t j = 0; j < STATUS_COUNT; j++) {
      if (is_returned[i][j]) {
        (void)fprintf(file, "%s %s\n", recorder_functions[i], statuses[j].name);
      }
    }
  }
  if (fclose(file) != 0) {
    perror(MAILC_TEST_RECORD);
    abort();
  }
}

/* What the session of the call has to send now. */
static const uint8_t *unsent(size_t *len) {
  *len = 0;
  if (before.pop3 != NULL) {
    return recorder_pop3_tx_buf(before.pop3, len);
  }
  return before.smtp == NULL ? NULL : recorder_smtp_tx_buf(before.smtp, len);
}

static void keep(const struct mailc_pop3 *pop3, const struct mailc_smtp *smtp) {
  const uint8_t *tx = NULL;

  before.pop3 = pop3;
  before.smtp = smtp;
  if (pop3 != NULL) {
    memcpy(&before.pop3_copy, pop3, sizeof *pop3);
  }
  if (smtp != NULL) {
    memcpy(&before.smtp_copy, smtp, sizeof *smtp);
  }
  tx = unsent(&before.tx_len);
  if (tx != NULL && before.tx_len <= TX_MAX) {
    memcpy(before.tx, tx, before.tx_len);
  }
}

/* Octet for octet, as nobody wrote to them. */
static bool is_same(const void *now, const void *then, size_t size) {
  return now == NULL || memcmp(now, then, size) == 0;
}

static bool is_unchanged(void) {
  size_t len = 0;
  const uint8_t *tx = NULL;

  if (!is_same(before.pop3, &before.pop3_copy, sizeof before.pop3_copy) ||
      !is_same(before.smtp, &before.smtp_copy, sizeof before.smtp_copy)) {
    return false;
  }
  tx = unsent(&len);
  return len == before.tx_len &&
         (tx == NULL || len > TX_MAX || memcmp(tx, before.tx, len) == 0);
}

/* The caller was wrong, or a policy of its own forbids it. */
static bool is_refusal(enum mailc_status status) {
  return status != MAILC_OK && (status / -100 == 1 || status / -100 == 6);
}

struct recorder_call recorder_enter(unsigned function,
                                    const struct mailc_pop3 *pop3,
                                    const struct mailc_smtp *smtp) {
  struct recorder_call call = {function, depth++ == 0};
  static bool is_kept = false;

  if (!is_kept) {
    is_kept = true;
    (void)atexit(write_down);
  }
  if (call.is_outer) {
    is_called[function] = true;
    keep(pop3, smtp);
  }
  return call;
}

void recorder_leave(struct recorder_call call) {
  (void)call;
  depth--;
}

void recorder_note(struct recorder_call call, enum mailc_status status) {
  for (size_t i = 0; i < STATUS_COUNT && call.is_outer; i++) {
    if (statuses[i].status == status) {
      is_returned[call.function][i] = true;
      return;
    }
  }
}

void recorder_status(struct recorder_call call, enum mailc_status status) {
  recorder_leave(call);
  recorder_note(call, status);
  if (call.is_outer && is_refusal(status) && recorder_keeps[call.function] &&
      !is_unchanged()) {
    (void)fprintf(stderr, "%s() refused by %d and changed the session\n",
                  recorder_functions[call.function], (int)status);
    abort();
  }
}

void recorder_pop3_event(struct recorder_call call,
                         const struct mailc_pop3_event *event) {
  if (event->kind == MAILC_POP3_EVENT_REPLY ||
      event->kind == MAILC_POP3_EVENT_GREETING) {
    recorder_note(call, event->status);
  }
}

void recorder_smtp_event(struct recorder_call call,
                         const struct mailc_smtp_event *event) {
  if (event->kind == MAILC_SMTP_EVENT_REPLY ||
      event->kind == MAILC_SMTP_EVENT_GREETING) {
    recorder_note(call, event->status);
  }
}

void recorder_mail(struct recorder_call call,
                   const struct mailc_smtp_mail *mail) {
  for (size_t i = 0; mail->recipients != NULL && i < mail->recipient_count;
       i++) {
    recorder_note(call, mail->recipients[i].status);
  }
}
