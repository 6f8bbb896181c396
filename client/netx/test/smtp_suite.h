/* What the tests of the SMTP client share. */
#ifndef NETX_TEST_SMTP_SUITE_H
#define NETX_TEST_SMTP_SUITE_H

/* Short, as tests wait for them. */
#define NX_SMTP_CLIENT_PACKET_TIMEOUT 2
#define NX_SMTP_GREETING_TIMEOUT 100
#define NX_SMTP_ENVELOPE_TIMEOUT 100
#define NX_SMTP_MESSAGE_TIMEOUT 100

/* The password is 1234; its base64 is one by itself, and another as the end of
 * PLAIN's message. */
#define SUITE_SECRETS                                                          \
  "1234", "MTIz", "NA==", "DEyMz", "MzQ=", "AUTH ", "MAIL FROM"

#include "suite.h"

#include <nxd_smtp_client.h>

#define GREETING "S: 220 smtp.example.com"
#define EHLO GREETING, "C: EHLO host.example.com"
#define HELLO EHLO, "S: 250 smtp.example.com"
#define MAIL "C: MAIL FROM:<me@example.com>"
#define RCPT "C: RCPT TO:<you@example.com>"
#define ENVELOPE MAIL, "S: 250 ok", RCPT, "S: 250 ok", "C: DATA"
#define HEADER                                                                 \
  "C: To: you@example.com", "C: From: me@example.com", "C: Subject: hello",    \
      "C: MIME-Version: 1.0",                                                  \
      "C: Content-Type: text/plain; charset=\"utf-8\"",                        \
      "C: Content-Transfer-Encoding: 8bit", "C: "
#define MESSAGE ENVELOPE, "S: 354 go", HEADER, "C: body", "C: ."
#define TAKEN MESSAGE, "S: 250 taken"
#define QUIT "C: QUIT", "S: 221 bye"

static NX_SMTP_CLIENT client;

/* Creates the client of the tests for a server at this port. */
static inline UINT create_at(UINT type, unsigned port) {
  NXD_ADDRESS address = {NX_IP_VERSION_V4, {.v4 = IP_ADDRESS(127, 0, 0, 1)}};

  return nxd_smtp_client_create(&client, &ip, &pool, "test", "1234",
                                "me@example.com", "host.example.com", type,
                                &address, port);
}

static inline UINT create(UINT type, const char *const *script) {
  return create_at(type, server_start(script));
}

/* Sends the message of the tests. */
static inline UINT send_mail(void) {
  return nx_smtp_mail_send(&client, "you@example.com",
                           NX_SMTP_MAIL_PRIORITY_NORMAL, "hello", "body\r\n",
                           6);
}

/* Deletes the client, and the server has to have played its script. */
static inline void finish(void) {
  CHECK(nx_smtp_client_delete(&client) == NX_SUCCESS);
  CHECK(server_stop());
}

/* A client of this type sends at this server, with this status. */
static inline void expect(UINT status, UINT type, const char *const *script) {
  CHECK(create(type, script) == NX_SUCCESS);
  CHECK(send_mail() == status);
  finish();
}

#endif
