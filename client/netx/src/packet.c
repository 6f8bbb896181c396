/* What may be done with a packet that an application holds. */
#include <nx_api.h>
#include <string.h>

UINT nx_packet_data_append(NX_PACKET *packet, VOID *data_start, ULONG data_size,
                           NX_PACKET_POOL *pool, ULONG wait_option) {
  (void)pool;
  (void)wait_option;
  if (packet == NULL || data_start == NULL) {
    return NX_PTR_ERROR;
  }
  if (data_size >
      (ULONG)(packet->nx_packet_data_end - packet->nx_packet_append_ptr)) {
    return NX_SIZE_ERROR;
  }
  memcpy(packet->nx_packet_append_ptr, data_start, data_size);
  packet->nx_packet_append_ptr += data_size;
  packet->nx_packet_length += data_size;
  return NX_SUCCESS;
}
