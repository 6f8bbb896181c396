/* The board MPS2-AN386 of Arm, a Cortex-M4, as QEMU has it: start, faults,
 * clock, semihosting, and what newlib needs. */
#include "board.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* CMSDK dual timer, Arm DDI 0479, section 4.6: counts down; 25 MHz / 256. */
struct timer {
  volatile uint32_t load, value, ctrl;
};

#define TIMER_ENABLE 0x80u
#define TIMER_BY_256 0x08u
#define TIMER_32_BITS 0x02u
#define TIMER_MHZ 25u

/* Semihosting for AArch32 and AArch64, Arm's specification 2.0. */
#define SEMIHOST_OPEN 0x01u
#define SEMIHOST_WRITE0 0x04u
#define SEMIHOST_WRITE 0x05u
#define SEMIHOST_READ 0x06u
#define SEMIHOST_EXIT_EXTENDED 0x20u
#define SEMIHOST_MODE_RB 1u
#define SEMIHOST_MODE_WB 5u
#define SEMIHOST_STOPPED_BY_PROGRAM 0x20026u

#define FAULT_STATUS 70
#define HOST_GONE_STATUS 71
#define HEAP_SIZE ((size_t)16 * 1024 * 1024)

static struct timer *const timer = (struct timer *)0x40002000u;
static uint32_t last_ticks;
static uint64_t all_ticks;
static size_t heap_used;

extern uint8_t board_heap[];
extern uint8_t board_stack_end[];

int main(void);
void board_reset(void);
void board_fault(void);
void *_sbrk(ptrdiff_t grow);
int _lseek(int fd, int offset, int whence);
int _fstat(int fd, struct stat *status);
int _isatty(int fd);
int _kill(int pid, int number);
int _getpid(void);
void _fini(void);
void _exit(int status) __attribute__((noreturn));

static uint32_t semihost(uint32_t number, const void *argument) {
  register uint32_t r0 __asm__("r0") = number;
  register const void *r1 __asm__("r1") = argument;

  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

void board_say(const char *text) { (void)semihost(SEMIHOST_WRITE0, text); }

int board_open(const char *path, int is_write) {
  const uint32_t block[3] = {(uint32_t)path,
                             is_write ? SEMIHOST_MODE_WB : SEMIHOST_MODE_RB,
                             (uint32_t)strlen(path)};

  return (int)semihost(SEMIHOST_OPEN, block);
}

/* Both calls give the count of octets that are left. */
static void move_all(uint32_t number, int handle, uint32_t octets, size_t len) {
  while (len != 0) {
    const uint32_t block[3] = {(uint32_t)handle, octets, (uint32_t)len};
    uint32_t left = semihost(number, block);

    if (left >= len) {
      _exit(HOST_GONE_STATUS);
    }
    octets += (uint32_t)len - left;
    len = left;
  }
}

void board_read(int handle, void *octets, size_t len) {
  move_all(SEMIHOST_READ, handle, (uint32_t)octets, len);
}

void board_write(int handle, const void *octets, size_t len) {
  move_all(SEMIHOST_WRITE, handle, (uint32_t)octets, len);
}

uint64_t board_us(void) {
  uint32_t ticks = timer->value;

  all_ticks += last_ticks - ticks;
  last_ticks = ticks;
  return all_ticks * 256 / TIMER_MHZ;
}

void board_fault(void) {
  board_say("mailc-board: HardFault\n");
  _exit(FAULT_STATUS);
}

void board_reset(void) {
  timer->load = UINT32_MAX;
  timer->ctrl = TIMER_ENABLE | TIMER_BY_256 | TIMER_32_BITS;
  last_ticks = timer->value;
  exit(main());
}

typedef void board_vector(void);

/* Of all exceptions only faults can come: no interrupt is enabled. */
__attribute__((section(".vectors"),
               used)) static board_vector *const vectors[16] = {
    (board_vector *)board_stack_end,
    board_reset,
    board_fault,
    board_fault,
    board_fault,
    board_fault,
    board_fault};

/* -- newlib's system calls; posix.c has those that need the host -- */

void _exit(int status) {
  const uint32_t block[2] = {SEMIHOST_STOPPED_BY_PROGRAM, (uint32_t)status};

  for (;;) {
    (void)semihost(SEMIHOST_EXIT_EXTENDED, block);
  }
}

void *_sbrk(ptrdiff_t grow) {
  uint8_t *end = board_heap + heap_used;

  if (grow > 0 && (size_t)grow > HEAP_SIZE - heap_used) {
    errno = ENOMEM;
    return (void *)-1;
  }
  heap_used = (size_t)((ptrdiff_t)heap_used + grow);
  return end;
}

int _lseek(int fd, int offset, int whence) {
  (void)fd;
  (void)offset;
  (void)whence;
  return 0;
}

int _fstat(int fd, struct stat *status) {
  (void)fd;
  status->st_mode = S_IFCHR;
  return 0;
}

int _isatty(int fd) {
  (void)fd;
  return 0;
}

int _kill(int pid, int number) {
  (void)pid;
  (void)number;
  errno = EINVAL;
  return -1;
}

int _getpid(void) { return 1; }

/* exit() calls it. */
void _fini(void) {}
