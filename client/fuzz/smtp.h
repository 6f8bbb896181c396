/* An SMTP or LMTP session under an input. */
#ifndef MAILC_FUZZ_SMTP_H
#define MAILC_FUZZ_SMTP_H

#include "engine.h"

#include <mailc/smtp.h>

/* The commands of an input, as the engine counts them. */
enum fuzz_smtp_command {
#define COMMAND(name) FUZZ_SMTP_##name,
#include "smtp_commands.def"
#undef COMMAND
  FUZZ_SMTP_COMMAND_COUNT
};

void fuzz_smtp(struct fuzz_input *input);

/* What a message has to be on the wire, and what became of it. */
struct fuzz_message {
  bool lf_to_crlf;
  bool is_ended;     /* all of it was given */
  bool is_at_start;  /* of a line */
  bool was_ended;    /* a message was given whole at some time, */
  bool was_accepted; /* and the server took one */
  uint8_t last;      /* octet given */
  size_t from;       /* where it begins in all that was sent */
  size_t len;
  uint8_t octets[FUZZ_KEPT_LEN];
};

/* Octets were taken by body(), and the end by end(); a chunk was by bdat(). */
void fuzz_message_body(struct fuzz_message *message, struct fuzz_engine *engine,
                       struct mailc_span octets);
void fuzz_message_end(struct fuzz_message *message, struct fuzz_engine *engine);
void fuzz_message_chunk(struct fuzz_message *message,
                        struct fuzz_engine *engine, struct mailc_span octets,
                        bool is_last);

/* What was sent since it began is the first part of it, or all. */
void fuzz_message_check(const struct fuzz_message *message,
                        struct fuzz_engine *engine, bool is_whole);

#endif
