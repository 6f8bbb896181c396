/* A POP3 session under an input. */
#ifndef MAILC_FUZZ_POP3_H
#define MAILC_FUZZ_POP3_H

#include "fuzz.h"

/* The commands of an input, as the engine counts them. */
enum fuzz_pop3_command {
#define COMMAND(name) FUZZ_POP3_##name,
#include "pop3_commands.def"
#undef COMMAND
  FUZZ_POP3_COMMAND_COUNT
};

void fuzz_pop3(struct fuzz_input *input);

#endif
