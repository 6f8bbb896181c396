#include "guarded.h"

#include "timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RUBBISH 0xA5

/* The largest buffer that an op asks for, octets. */
#define AREA_LEN ((size_t)65536)

static uint8_t *areas[REPLAY_BUFFER_COUNT];
static bool is_at_end = true;

void replay_guard(void) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);

  for (size_t i = 0; i < REPLAY_BUFFER_COUNT; i++) {
    uint8_t *memory = mmap(NULL, AREA_LEN + 2 * page, PROT_NONE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED ||
        mprotect(memory + page, AREA_LEN, PROT_READ | PROT_WRITE) != 0) {
      (void)fputs("mailc-replay: no memory between guard pages\n", stderr);
      exit(2);
    }
    areas[i] = memory + page;
  }
}

void replay_place(bool at_end) { is_at_end = at_end; }

/* A buffer of the plan's capacity, or of the op's own if the plan has none. */
static struct mailc_buffer place(enum replay_buffer which,
                                 struct mailc_buffer own) {
  size_t cap = replay_timeline.plan->caps[which];
  struct mailc_buffer buffer = own;

  if (own.data == NULL || own.cap > AREA_LEN) {
    return own;
  }
  if (cap != REPLAY_OWN) {
    buffer.cap = cap;
  }
  buffer.data = areas[which] + (is_at_end ? AREA_LEN - buffer.cap : 0);
  memset(buffer.data, RUBBISH, buffer.cap);
  return buffer;
}

enum mailc_status replay_pop3_init(struct mailc_pop3 *session,
                                   size_t session_size,
                                   const struct mailc_pop3_config *config) {
  struct mailc_pop3_config own = *config;

  memset(session, RUBBISH, sizeof *session);
  own.rx = place(REPLAY_RX, own.rx);
  own.tx = place(REPLAY_TX, own.tx);
  own.timestamp = place(REPLAY_TIMESTAMP, own.timestamp);
  return mailc_pop3_init(session, session_size, &own);
}

enum mailc_status replay_smtp_init(struct mailc_smtp *session,
                                   size_t session_size,
                                   const struct mailc_smtp_config *config) {
  struct mailc_smtp_config own = *config;

  memset(session, RUBBISH, sizeof *session);
  own.rx = place(REPLAY_RX, own.rx);
  own.tx = place(REPLAY_TX, own.tx);
  return mailc_smtp_init(session, session_size, &own);
}
