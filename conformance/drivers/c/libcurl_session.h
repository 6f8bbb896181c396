/* One session of libcurl, made of the arguments of a goal. */
#ifndef MAILSPEC_LIBCURL_SESSION_H
#define MAILSPEC_LIBCURL_SESSION_H
#include "driver.h"

#include <curl/curl.h>

/* The octets of a message or a listing, on their way in or out. */
struct octets {
  char *at;
  size_t length, done,
      room; /* done: read so far; room: what the caller can take */
  json_t *pieces;
  size_t piece;
};

/* NULL where libcurl cannot be asked for this login. */
CURL *session(const char *protocol, const char *path);

/* The outcome of what was performed; the code of a refusal goes into the
 * answer. */
const char *outcome(CURL *curl, CURLcode status);

/* The items of the listing that has come, which libcurl hands over as text;
   NULL if a line has no number and value. libcurl gives an empty listing as an
   empty line. */
json_t *items(const struct octets *listing);
#endif
