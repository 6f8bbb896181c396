/* An application as one is written for ThreadX and NetX Duo: nothing but the
 * names of their published programs. It fetches the first message of a maildrop
 * and mails its octets to somebody else. Its build may give other
 * ports. */
#include "nx_api.h"
#include "nxd_pop3_client.h"
#include "nxd_smtp_client.h"
#include "tx_api.h"

#include <stdio.h>

#ifndef POP3_PORT
#define POP3_PORT 110
#define SMTP_PORT 25
#endif

#define STACK_SIZE 4096
#define PAYLOAD_SIZE 256
#define POOL_SIZE (8 * (PAYLOAD_SIZE + sizeof(NX_PACKET)))

TX_THREAD reader;
TX_THREAD writer;
NX_PACKET_POOL pool;
NX_IP ip;
NX_POP3_CLIENT pop3;
NX_SMTP_CLIENT smtp;
CHAR text[1024];
UINT text_length = 0;
UINT error_count = 0;

void check(const CHAR *what, UINT status);
void reader_entry(ULONG input);
void writer_entry(ULONG input);

void check(const CHAR *what, UINT status) {
  if (status != NX_SUCCESS) {
    printf("%s: 0x%02X\n", what, status);
    error_count++;
  }
}

int main(void) {
  tx_kernel_enter();
  return error_count != 0;
}

void tx_application_define(void *first_unused_memory) {
  CHAR *pointer = (CHAR *)first_unused_memory;

  nx_system_initialize();
  tx_thread_create(&reader, "reader", reader_entry, 1, pointer, STACK_SIZE, 4,
                   4, TX_NO_TIME_SLICE, TX_AUTO_START);
  pointer += STACK_SIZE;
  tx_thread_create(&writer, "writer", writer_entry, 2, pointer, STACK_SIZE, 4,
                   4, TX_NO_TIME_SLICE, TX_DONT_START);
  pointer += STACK_SIZE;
  check("pool",
        nx_packet_pool_create(&pool, "pool", PAYLOAD_SIZE, pointer, POOL_SIZE));
  pointer += POOL_SIZE;
  check("ip",
        nx_ip_create(&ip, "ip", IP_ADDRESS(10, 0, 0, 7), 0xFF000000UL, &pool,
                     _nx_ram_network_driver, pointer, STACK_SIZE, 1));
  pointer += STACK_SIZE;
  check("arp", nx_arp_enable(&ip, (void *)pointer, 1024));
  check("tcp", nx_tcp_enable(&ip));
  check("icmp", nx_icmp_enable(&ip));
  check("ipv6", nxd_ipv6_enable(&ip));
  check("icmpv6", nxd_icmp_enable(&ip));
}

void reader_entry(ULONG input) {
  NX_PACKET *packet;
  ULONG size, octets, i;
  UINT items, final = NX_FALSE;

  NX_PARAMETER_NOT_USED(input);
  tx_thread_sleep(NX_IP_PERIODIC_RATE / 50);
  check("create", nx_pop3_client_create(&pop3, NX_TRUE, &ip, &pool,
                                        IP_ADDRESS(127, 0, 0, 1), POP3_PORT,
                                        "mrose", "tanstaaf"));
  check("items", nx_pop3_client_mail_items_get(&pop3, &items, &size));
  printf("%u items, %lu octets\n", items, size);
  check("item", nx_pop3_client_mail_item_get(&pop3, 1, &size));
  while (!final && error_count == 0) {
    check("message", nx_pop3_client_mail_item_message_get(&pop3, &packet,
                                                          &octets, &final));
    for (i = 0; error_count == 0 && i < octets; i++) {
      text[text_length++] = (CHAR)packet->nx_packet_prepend_ptr[i];
    }
    check("release", nx_packet_release(packet));
  }
  check("delete item", nx_pop3_client_mail_item_delete(&pop3, 1));
  check("quit", nx_pop3_client_quit(&pop3));
  check("delete", nx_pop3_client_delete(&pop3));
  check("resume", tx_thread_resume(&writer));
}

void writer_entry(ULONG input) {
  NXD_ADDRESS server;

  NX_PARAMETER_NOT_USED(input);
  server.nxd_ip_version = NX_IP_VERSION_V4;
  server.nxd_ip_address.v4 = IP_ADDRESS(127, 0, 0, 1);
  check("create",
        nxd_smtp_client_create(&smtp, &ip, &pool, "mrose", "tanstaaf",
                               "mrose@example.com", "device.example",
                               NX_SMTP_CLIENT_AUTH_LOGIN, &server, SMTP_PORT));
  check("send", nx_smtp_mail_send(&smtp, "green@example.com",
                                  NX_SMTP_MAIL_PRIORITY_HIGH, "Forwarded", text,
                                  text_length));
  check("delete", nx_smtp_client_delete(&smtp));
  check("ip", nx_ip_delete(&ip));
  check("pool", nx_packet_pool_delete(&pool));
  printf("%u octets forwarded\n", text_length);
}
