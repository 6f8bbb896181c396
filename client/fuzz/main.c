/* Runs a target without libFuzzer: on each file of the folders given and on
 * mutants of it, the same in each run. */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX ((size_t)1 << 16)

/* The most changes that a mutant has. */
#define CHANGES_MAX 4u

static uint32_t dice = 1;
static unsigned long run_count;

static uint32_t roll(uint32_t sides) {
  dice ^= dice << 13;
  dice ^= dice >> 17;
  dice ^= dice << 5;
  return dice % sides;
}

/* Plays a copy whose ends are those of its memory. */
static void play(const uint8_t *octets, size_t len) {
  uint8_t *copy = malloc(len == 0 ? 1 : len);

  if (copy == NULL) {
    perror("malloc");
    exit(2);
  }
  memcpy(copy, octets, len);
  (void)LLVMFuzzerTestOneInput(copy, len);
  free(copy);
  run_count++;
}

/* Changes, removes, doubles or cuts; returns the new length. */
static size_t mutate(uint8_t *octets, size_t len) {
  size_t at = roll((uint32_t)len);

  switch (roll(5)) {
  case 0:
    octets[at] = (uint8_t)roll(256);
    return len;
  case 1:
    octets[at] ^= (uint8_t)(1u << roll(8));
    return len;
  case 2:
    memmove(octets + at, octets + at + 1, len - at - 1);
    return len - 1;
  case 3:
    memmove(octets + at + 1, octets + at, len - at);
    return len + 1;
  default:
    return at;
  }
}

static void play_mutants(const uint8_t *octets, size_t len, unsigned count) {
  static uint8_t mutant[INPUT_MAX + CHANGES_MAX];

  for (unsigned i = 0; i < count; i++) {
    size_t mutant_len = len;

    memcpy(mutant, octets, len);
    for (unsigned k = roll(CHANGES_MAX) + 1; k != 0 && mutant_len != 0; k--) {
      mutant_len = mutate(mutant, mutant_len);
    }
    play(mutant, mutant_len);
  }
}

static bool play_file(const char *path, unsigned mutant_count) {
  static uint8_t octets[INPUT_MAX];
  size_t len = 0;
  FILE *file = fopen(path, "rb");

  if (file == NULL) {
    perror(path);
    return false;
  }
  len = fread(octets, 1, sizeof octets, file);
  (void)fclose(file);
  play(octets, len);
  play_mutants(octets, len, mutant_count);
  return true;
}

/* Files in the order of their names, so that each run is the same. */
static bool play_folder(const char *path, unsigned mutant_count) {
  struct dirent **entries = NULL;
  int count = scandir(path, &entries, NULL, alphasort);
  bool is_good = count >= 0;

  if (count < 0) {
    perror(path);
  }
  for (int i = 0; i < count; i++) {
    char name[4096];
    int len = snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);

    if (entries[i]->d_name[0] != '.' && len > 0 && (size_t)len < sizeof name) {
      is_good = play_file(name, mutant_count) && is_good;
    }
    free(entries[i]);
  }
  free(entries);
  return is_good;
}

int main(int argc, char **argv) {
  bool is_good = true;
  unsigned long mutant_count = 0;

  if (argc < 3) {
    (void)fprintf(stderr, "usage: %s MUTANTS FOLDER...\n", argv[0]);
    return 2;
  }
  mutant_count = strtoul(argv[1], NULL, 10);
  for (int i = 2; i < argc; i++) {
    is_good = play_folder(argv[i], (unsigned)mutant_count) && is_good;
  }
  (void)printf("%lu inputs\n", run_count);
  return is_good && run_count != 0 ? 0 : 1;
}
