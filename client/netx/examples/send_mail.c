/* Sends one mail to an SMTP server after AUTH PLAIN.
 *
 *   netx-send-mail [PORT]
 *
 * Written in the way of an application for NetX Duo; but for the port that may
 * be given it runs on a target as it is. */
#include <nxd_smtp_client.h>
#include <stdio.h>
#include <stdlib.h>

#define USER_NAME "test"
#define PASSWORD "1234"
#define FROM_ADDRESS "test@example.com"
#define RECIPIENT_ADDRESS "mrose@example.com"
#define LOCAL_DOMAIN "device.example.com"
#define SUBJECT "Temperature"
#define MAIL_BODY                                                              \
  "The temperature of tank 4 is 21.5 degrees.\r\n"                             \
  ".5 degrees more than yesterday.\r\n"

#define PAYLOAD_SIZE 512
#define PACKET_COUNT 8
#define POOL_SIZE ((PAYLOAD_SIZE + sizeof(NX_PACKET)) * PACKET_COUNT)
#define STACK_SIZE 2048
#define PRIORITY 4

static UINT server_port = 25;
static TX_THREAD mail_thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_SMTP_CLIENT client;
static UCHAR pool_memory[POOL_SIZE];

static VOID mail_thread_entry(ULONG input) {
  NXD_ADDRESS server;
  UINT status = NX_SUCCESS;

  NX_PARAMETER_NOT_USED(input);
  server.nxd_ip_version = NX_IP_VERSION_V4;
  server.nxd_ip_address.v4 = IP_ADDRESS(127, 0, 0, 1);
  status = nxd_smtp_client_create(
      &client, &ip, &pool, USER_NAME, PASSWORD, FROM_ADDRESS, LOCAL_DOMAIN,
      NX_SMTP_CLIENT_AUTH_PLAIN, &server, server_port);
  printf("create: status 0x%02X\n", status);
  if (status == NX_SUCCESS) {
    status = nx_smtp_mail_send(&client, RECIPIENT_ADDRESS,
                               NX_SMTP_MAIL_PRIORITY_NORMAL, SUBJECT, MAIL_BODY,
                               sizeof(MAIL_BODY) - 1);
    printf("send: status 0x%02X\n", status);
    nx_smtp_client_delete(&client);
  }
  nx_ip_delete(&ip);
  nx_packet_pool_delete(&pool);
}

VOID tx_application_define(VOID *first_unused_memory) {
  UCHAR *memory = (UCHAR *)first_unused_memory;

  nx_system_initialize();
  nx_packet_pool_create(&pool, "pool", PAYLOAD_SIZE, pool_memory, POOL_SIZE);
  nx_ip_create(&ip, "ip", IP_ADDRESS(127, 0, 0, 2), 0xFFFFFF00UL, &pool,
               _nx_ram_network_driver, memory, STACK_SIZE, 1);
  memory += STACK_SIZE;
  nx_arp_enable(&ip, memory, 1024);
  memory += 1024;
  nx_tcp_enable(&ip);
  tx_thread_create(&mail_thread, "mail", mail_thread_entry, 0, memory,
                   STACK_SIZE, PRIORITY, PRIORITY, TX_NO_TIME_SLICE,
                   TX_AUTO_START);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    server_port = (UINT)strtoul(argv[1], NULL, 10);
  }
  tx_kernel_enter();
  return 0;
}
