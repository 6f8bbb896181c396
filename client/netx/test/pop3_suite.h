/* What the tests of the POP3 client share. */
#ifndef NETX_TEST_POP3_SUITE_H
#define NETX_TEST_POP3_SUITE_H

/* Short, as tests wait for them. */
#define NX_POP3_CLIENT_PACKET_TIMEOUT 2
#define NX_POP3_SERVER_REPLY_TIMEOUT 100

#define SUITE_SECRETS                                                          \
  "mvan99", "tanstaaf", "USER ", "PASS ", "APOP ", "c4c9334bac56"

#include "suite.h"

#include <nxd_pop3_client.h>

#define GREETING "S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>"
#define LOGIN GREETING, "C: USER mrose", "S: +OK", "C: PASS mvan99", "S: +OK"
#define STAT(numbers) "C: STAT", "S: +OK " numbers
#define QUIT "C: QUIT", "S: +OK"

static NX_POP3_CLIENT client;

/* Creates the client of the tests at a script's server. */
static inline UINT create(UINT apop, const char *const *script) {
  return nx_pop3_client_create(&client, apop, &ip, &pool,
                               IP_ADDRESS(127, 0, 0, 1), server_start(script),
                               "mrose", apop ? "tanstaaf" : "mvan99");
}

/* Deletes it, and the server has to have played its script. */
static inline void finish(void) {
  CHECK(nx_pop3_client_delete(&client) == NX_SUCCESS);
  CHECK(server_stop());
}

/* Reads the message that was asked for into `text`, of `cap` octets, whose
 * packets have `*count`; gives the status. */
static inline UINT read_message(char *text, size_t cap, size_t *len,
                                unsigned *count) {
  UINT is_final = NX_FALSE;
  UINT status = NX_SUCCESS;

  *len = 0;
  *count = 0;
  while (!is_final && status == NX_SUCCESS) {
    NX_PACKET *packet = NULL;
    ULONG octets = 0;

    status = nx_pop3_client_mail_item_message_get(&client, &packet, &octets,
                                                  &is_final);
    if (status == NX_SUCCESS) {
      CHECK(packet->nx_packet_length == octets);
      if (*len + octets <= cap) {
        memcpy(text + *len, packet->nx_packet_prepend_ptr, octets);
      }
      *len += octets;
      (*count)++;
      CHECK(nx_packet_release(packet) == NX_SUCCESS);
    } else {
      CHECK(packet == NULL && octets == 0 && !is_final);
    }
  }
  return status;
}

#endif
