#include "sasl/sasl_cram.h"

#include "common/secret.h"
#include "common/text.h"

enum mailc_status mailc_cram_md5(const struct mailc_sasl *sasl,
                                 struct mailc_span challenge,
                                 struct mailc_base64 *out) {
  const struct mailc_login *login = sasl->login;
  uint8_t mac[MAILC_HASH_CAP];

  if (challenge.len == 0) {
    return MAILC_E_CHALLENGE;
  }
  if (!sasl->hash->hmac(MAILC_HASH_MD5, login->secret.data, login->secret.len,
                        challenge.data, challenge.len, mac)) {
    return MAILC_E_NO_HASH;
  }
  mailc_base64_add(out, login->user.data, login->user.len);
  mailc_base64_add(out, " ", 1);
  for (size_t i = 0; i < mailc_hash_len(MAILC_HASH_MD5); i++) {
    char digits[] = {mailc_text_hex[mac[i] >> 4], mailc_text_hex[mac[i] & 15]};
    mailc_base64_add(out, digits, sizeof digits);
  }
  mailc_wipe(mac, sizeof mac);
  return MAILC_OK;
}
