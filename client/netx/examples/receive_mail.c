/* Receives all mail of a POP3 server by APOP, prints it and deletes it there.
 *
 *   netx-receive-mail [PORT]
 *
 * Written in the way of an application for NetX Duo; but for the port that may
 * be given it runs on a target as it is. */
#include <nxd_pop3_client.h>
#include <stdio.h>
#include <stdlib.h>

#define SERVER_ADDRESS IP_ADDRESS(127, 0, 0, 1)
#define CLIENT_ADDRESS IP_ADDRESS(127, 0, 0, 2)
#define USER_NAME "mrose@example.com"
#define PASSWORD "tanstaaf"

#define PAYLOAD_SIZE 512
#define PACKET_COUNT 8
#define POOL_SIZE ((PAYLOAD_SIZE + sizeof(NX_PACKET)) * PACKET_COUNT)
#define STACK_SIZE 2048
#define PRIORITY 4

static ULONG server_port = 110;
static TX_THREAD mail_thread;
static NX_PACKET_POOL pool;
static NX_IP ip;
static NX_POP3_CLIENT client;
static UCHAR pool_memory[POOL_SIZE];

/* Prints one message, packet by packet. */
static UINT print_message(UINT number) {
  NX_PACKET *packet = NX_NULL;
  ULONG size = 0;
  ULONG octets = 0;
  UINT is_final = NX_FALSE;
  UINT status = nx_pop3_client_mail_item_get(&client, number, &size);

  if (status != NX_SUCCESS) {
    return status;
  }
  printf("--- message %u, %lu octets\n", number, size);
  while (!is_final) {
    status = nx_pop3_client_mail_item_message_get(&client, &packet, &octets,
                                                  &is_final);
    if (status != NX_SUCCESS) {
      return status;
    }
    printf("%.*s", (int)octets, (char *)packet->nx_packet_prepend_ptr);
    nx_packet_release(packet);
  }
  return NX_SUCCESS;
}

static UINT receive_all(VOID) {
  UINT count = 0;
  ULONG total = 0;
  UINT status = nx_pop3_client_mail_items_get(&client, &count, &total);

  if (status == NX_SUCCESS) {
    printf("%u messages, %lu octets\n", count, total);
  }
  for (UINT number = 1; number <= count && status == NX_SUCCESS; number++) {
    status = print_message(number);
    if (status == NX_SUCCESS) {
      status = nx_pop3_client_mail_item_delete(&client, number);
    }
  }
  return status == NX_SUCCESS ? nx_pop3_client_quit(&client) : status;
}

static VOID mail_thread_entry(ULONG input) {
  UINT status = NX_SUCCESS;

  NX_PARAMETER_NOT_USED(input);
  status = nx_pop3_client_create(&client, NX_TRUE, &ip, &pool, SERVER_ADDRESS,
                                 server_port, USER_NAME, PASSWORD);
  if (status == NX_SUCCESS) {
    status = receive_all();
  }
  if (status == NX_SUCCESS) {
    printf("--- all received\n");
  } else {
    printf("status 0x%02X\n", status);
  }
  nx_pop3_client_delete(&client);
  nx_ip_delete(&ip);
  nx_packet_pool_delete(&pool);
}

VOID tx_application_define(VOID *first_unused_memory) {
  UCHAR *memory = (UCHAR *)first_unused_memory;

  nx_system_initialize();
  nx_packet_pool_create(&pool, "pool", PAYLOAD_SIZE, pool_memory, POOL_SIZE);
  nx_ip_create(&ip, "ip", CLIENT_ADDRESS, 0xFFFFFF00UL, &pool,
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
    server_port = strtoul(argv[1], NULL, 10);
  }
  tx_kernel_enter();
  return 0;
}
