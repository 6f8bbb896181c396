#include "sasl/sasl_scram.h"

#include "common/number.h"
#include "common/secret.h"

#include <mailc/config.h>
#include <string.h>

/* Where the text to be signed begins in the scratch buffer. */
#define SIGNED_AT MAILC_HASH_CAP

/* A text that grows in the scratch buffer. */
struct writer {
  uint8_t *data;
  size_t cap;
  size_t len;
  bool is_full;
};

static struct writer write_scratch(const struct mailc_login *login) {
  struct mailc_buffer scratch = login->scratch;
  struct writer writer = {.is_full = scratch.cap < SIGNED_AT};

  if (!writer.is_full) {
    writer.data = scratch.data + SIGNED_AT;
    writer.cap = scratch.cap - SIGNED_AT;
  }
  return writer;
}

static void add(struct writer *writer, struct mailc_span octets) {
  if (writer->is_full || octets.len > writer->cap - writer->len) {
    writer->is_full = true;
  } else if (octets.len != 0) {
    memcpy(writer->data + writer->len, octets.data, octets.len);
    writer->len += octets.len;
  }
}

/* Cuts the next piece off a name: octets that go out as they are, or the escape
 * of one that does not. */
static struct mailc_span cut_piece(struct mailc_span *rest) {
  struct mailc_span piece = *rest;
  size_t used = 0;

  while (used < rest->len && rest->data[used] != ',' &&
         rest->data[used] != '=') {
    used++;
  }
  if (used == 0) {
    piece = rest->data[0] == ',' ? MAILC_SPAN("=2C") : MAILC_SPAN("=3D");
    used = 1;
  } else {
    piece.len = used;
  }
  rest->data += used;
  rest->len -= used;
  return piece;
}

void mailc_scram_add_name(struct mailc_base64 *out, struct mailc_span name) {
  while (name.len != 0) {
    struct mailc_span piece = cut_piece(&name);
    mailc_base64_add(out, piece.data, piece.len);
  }
}

void mailc_scram_add_header(struct mailc_base64 *out,
                            struct mailc_span authzid) {
  mailc_base64_add(out, "n,", 2);
  if (authzid.len != 0) {
    mailc_base64_add(out, "a=", 2);
    mailc_scram_add_name(out, authzid);
  }
  mailc_base64_add(out, ",", 1);
}

/* client-first-message-bare */
static void add_bare(struct writer *writer, const struct mailc_login *login) {
  struct mailc_span user = login->user;

  add(writer, MAILC_SPAN("n="));
  while (user.len != 0) {
    add(writer, cut_piece(&user));
  }
  add(writer, MAILC_SPAN(",r="));
  add(writer, login->nonce);
}

enum mailc_status mailc_scram_first(const struct mailc_sasl *sasl,
                                    struct mailc_base64 *out) {
  struct writer bare = write_scratch(sasl->login);

  add_bare(&bare, sasl->login);
  if (bare.is_full) {
    return MAILC_E_BUFFER;
  }
  mailc_scram_add_header(out, sasl->login->authzid);
  mailc_base64_add(out, bare.data, bare.len);
  return MAILC_OK;
}

/* The server's first message. */
struct server_first {
  struct mailc_span nonce;
  struct mailc_span salt; /* in base64 */
  uint32_t iterations;
};

/* Cuts the next attribute off *rest, which has to be of this name; false if it
 * is not. */
static bool cut_attribute(struct mailc_span *rest, char name,
                          struct mailc_span *value) {
  size_t end = 0;

  if (rest->len < 2 || rest->data[0] != (uint8_t)name || rest->data[1] != '=') {
    return false;
  }
  while (end < rest->len && rest->data[end] != ',') {
    end++;
  }
  *value = (struct mailc_span){rest->data + 2, end - 2};
  if (end < rest->len) {
    end++;
  }
  rest->data += end;
  rest->len -= end;
  return true;
}

/* Whether the server's nonce is the client's with something of its own behind,
 * all visible (erratum 2651). */
static bool is_extended(struct mailc_span nonce, struct mailc_span own) {
  if (nonce.len <= own.len || memcmp(nonce.data, own.data, own.len) != 0) {
    return false;
  }
  for (size_t i = own.len; i < nonce.len; i++) {
    if (nonce.data[i] <= ' ' || nonce.data[i] > '~') {
      return false;
    }
  }
  return true;
}

static enum mailc_status read_iterations(const struct mailc_login *login,
                                         struct mailc_span text,
                                         uint32_t *iterations) {
  uint32_t min =
      login->iterations_min == 0 ? MAILC_ITERATIONS_MIN : login->iterations_min;
  uint32_t max =
      login->iterations_max == 0 ? MAILC_ITERATIONS_MAX : login->iterations_max;
  uint64_t count = 0;

  if (text.len == 0 ||
      mailc_number_scan(text.data, text.len, UINT64_MAX, &count) != text.len) {
    return MAILC_E_CHALLENGE;
  }
  *iterations = (uint32_t)count;
  return count < min || count > max ? MAILC_E_ITERATIONS : MAILC_OK;
}

/* What follows the count is an extension, which nobody has to know; one that
 * must be known (m=) would stand first. */
static enum mailc_status read_first(const struct mailc_login *login,
                                    struct mailc_span text,
                                    struct server_first *first) {
  struct mailc_span iterations;

  if (!cut_attribute(&text, 'r', &first->nonce) ||
      !cut_attribute(&text, 's', &first->salt) ||
      !cut_attribute(&text, 'i', &iterations) || first->salt.len == 0 ||
      !is_extended(first->nonce, login->nonce)) {
    return MAILC_E_CHALLENGE;
  }
  return read_iterations(login, iterations, &first->iterations);
}

/* client-final-message-without-proof, behind what is there. */
static void add_final(struct writer *writer, const struct mailc_login *login,
                      struct mailc_span nonce) {
  struct mailc_base64 header;

  add(writer, MAILC_SPAN("c="));
  if (!writer->is_full) {
    mailc_base64_begin(&header, writer->data + writer->len,
                       writer->cap - writer->len);
    mailc_scram_add_header(&header, login->authzid);
    writer->is_full = !mailc_base64_end(&header);
    writer->len += writer->is_full ? 0 : header.len;
  }
  add(writer, MAILC_SPAN(",r="));
  add(writer, nonce);
}

/* The text that both sign (RFC 5802 section 3); *final becomes the part of it
 * that is the client's final message. E_BUFFER if it does not fit. */
static enum mailc_status build_signed(const struct mailc_login *login,
                                      struct mailc_span challenge,
                                      struct mailc_span nonce,
                                      struct writer *text,
                                      struct mailc_span *final) {
  size_t final_at = 0;

  *text = write_scratch(login);
  add_bare(text, login);
  add(text, MAILC_SPAN(","));
  add(text, challenge);
  add(text, MAILC_SPAN(","));
  final_at = text->len;
  add_final(text, login, nonce);
  if (text->is_full) {
    return MAILC_E_BUFFER;
  }
  *final = (struct mailc_span){text->data + final_at, text->len - final_at};
  return MAILC_OK;
}

static enum mailc_hash_kind hash_kind(const struct mailc_sasl *sasl) {
  return sasl->mech == MAILC_MECH_SCRAM_SHA_1 ? MAILC_HASH_SHA1
                                              : MAILC_HASH_SHA256;
}

/* SaltedPassword. The salt is decoded behind the text. */
static enum mailc_status salt_secret(const struct mailc_sasl *sasl,
                                     const struct server_first *first,
                                     const struct writer *text,
                                     uint8_t *salted) {
  struct mailc_span salt = {text->data + text->len, 0};

  if (first->salt.len / 4 * 3 > text->cap - text->len) {
    return MAILC_E_BUFFER;
  }
  if (!mailc_base64_decode(text->data + text->len, &salt.len, first->salt.data,
                           first->salt.len) ||
      salt.len == 0) {
    return MAILC_E_CHALLENGE;
  }
  return sasl->hash->pbkdf2(hash_kind(sasl), sasl->login->secret, salt,
                            first->iterations, salted)
             ? MAILC_OK
             : MAILC_E_NO_HASH;
}

/* The keys of RFC 5802 section 3. As the stack is short they lie where the
 * response is written to later, which has more room than that. */
struct keys {
  uint8_t salted[MAILC_HASH_CAP];
  uint8_t other[MAILC_HASH_CAP]; /* ClientSignature, then ServerKey */
};

_Static_assert(sizeof(struct keys) < MAILC_TX_CAP_MIN - 2, "there is room");

/* From keys->salted: the client's proof, and the server's signature at the
 * front of the scratch buffer, where StoredKey is for a moment. */
static bool sign(const struct mailc_sasl *sasl, const struct writer *text,
                 struct keys *keys, uint8_t *proof) {
  const struct mailc_hash *hash = sasl->hash;
  enum mailc_hash_kind kind = hash_kind(sasl);
  size_t len = mailc_hash_len(kind);
  uint8_t *signature = sasl->login->scratch.data;

  if (!hash->hmac(kind, keys->salted, len, "Client Key", 10, proof) ||
      !hash->digest(kind, proof, len, "", 0, signature) ||
      !hash->hmac(kind, signature, len, text->data, text->len, keys->other)) {
    return false;
  }
  for (size_t i = 0; i < len; i++) {
    proof[i] ^= keys->other[i];
  }
  return hash->hmac(kind, keys->salted, len, "Server Key", 10, keys->other) &&
         hash->hmac(kind, keys->other, len, text->data, text->len, signature);
}

enum mailc_status mailc_scram_final(const struct mailc_sasl *sasl,
                                    struct mailc_span challenge,
                                    struct mailc_base64 *out) {
  struct server_first first;
  struct writer text;
  struct mailc_span final;
  struct keys *keys = (struct keys *)(void *)out->out;
  uint8_t proof[MAILC_HASH_CAP];
  enum mailc_status status = read_first(sasl->login, challenge, &first);

  if (status == MAILC_OK) {
    status = build_signed(sasl->login, challenge, first.nonce, &text, &final);
  }
  if (status == MAILC_OK) {
    status = salt_secret(sasl, &first, &text, keys->salted);
  }
  if (status == MAILC_OK && !sign(sasl, &text, keys, proof)) {
    status = MAILC_E_NO_HASH;
  }
  mailc_wipe(keys, sizeof *keys);
  if (status == MAILC_OK) {
    mailc_base64_add(out, final.data, final.len);
    mailc_base64_add(out, ",p=", 3);
    mailc_base64_add_twice(out, proof, mailc_hash_len(hash_kind(sasl)));
  }
  mailc_wipe(proof, sizeof proof);
  return status;
}

enum mailc_status mailc_scram_verify(const struct mailc_sasl *sasl,
                                     struct mailc_span challenge) {
  const uint8_t *expected = sasl->login->scratch.data;
  uint8_t shown[MAILC_BASE64_LEN(MAILC_HASH_CAP) / 4 * 3];
  size_t len = 0;
  struct mailc_span value;
  unsigned difference = 0;

  if (cut_attribute(&challenge, 'e', &value)) {
    return MAILC_E_AUTH;
  }
  if (!cut_attribute(&challenge, 'v', &value) ||
      value.len > MAILC_BASE64_LEN(MAILC_HASH_CAP) ||
      !mailc_base64_decode(shown, &len, value.data, value.len) ||
      len != mailc_hash_len(hash_kind(sasl))) {
    return MAILC_E_PROOF;
  }
  for (size_t i = 0; i < len; i++) {
    difference |= (unsigned)(shown[i] ^ expected[i]);
  }
  return difference == 0 ? MAILC_OK : MAILC_E_PROOF;
}
