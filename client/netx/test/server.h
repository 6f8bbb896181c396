/* A server inside the test program that plays a script over loopback.
 *
 * A script is a list of steps, ended by NULL:
 *   "S: text"   sends the text and CRLF
 *   "S| text"   sends the text alone
 *   "S* 16384"  sends that many lines of 62 digits, a mebibyte
 *   "C: text"   awaits just this line
 *   "C* 16384"  awaits that many of those lines
 *   "close"     closes
 *   "accept"    awaits the client's close, then its next connection
 * At the end of the script the client has to close. Nothing waits above 5 s. */
#ifndef NETX_TEST_SERVER_H
#define NETX_TEST_SERVER_H

#include <stdbool.h>

/* Begins to listen on 127.0.0.1, or on ::1, and to play; gives the port, 0 if
 * the host has no such address. The script stays. */
unsigned server_start(const char *const *script);
unsigned server_start_v6(const char *const *script);

/* The same for a script that no connection may come to. */
unsigned server_start_idle(void);

/* Ends it: true if the whole script was played, and nothing else came. Tells on
 * stderr where it was not. */
bool server_stop(void);

#endif
