#include "certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define DAY_S 86400L
#define FILE_MAX 64

static char paths[FILE_MAX][sizeof "/tmp/mailc-test-XXXXXX"];
static size_t path_count;
static long serial = 1;

static void demand(bool holds, const char *what) {
  if (!holds) {
    (void)fprintf(stderr, "no certificate for the test: %s\n", what);
    exit(2);
  }
}

static void add_extension(X509 *certificate, int kind, const char *value) {
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, kind, value);

  demand(extension != NULL && X509_add_ext(certificate, extension, -1) == 1,
         value);
  X509_EXTENSION_free(extension);
}

struct identity identity_make(const struct identity_wish *wish) {
  struct identity made = {.certificate = X509_new(),
                          .key = EVP_EC_gen("P-256")};
  const struct identity *issuer = wish->issuer == NULL ? &made : wish->issuer;
  long until_s = wish->until_s == 0 ? DAY_S : wish->until_s;
  X509_NAME *name = X509_get_subject_name(made.certificate);
  char text[32];

  (void)snprintf(text, sizeof text, "mailc test %ld", serial);
  demand(made.key != NULL, "key");
  demand(X509_set_version(made.certificate, X509_VERSION_3) == 1 &&
             ASN1_INTEGER_set(X509_get_serialNumber(made.certificate),
                              serial++) == 1 &&
             X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC,
                                        (const unsigned char *)text, -1, -1,
                                        0) == 1,
         "subject");
  X509_gmtime_adj(X509_getm_notBefore(made.certificate), wish->from_s);
  X509_gmtime_adj(X509_getm_notAfter(made.certificate), until_s);
  demand(X509_set_pubkey(made.certificate, made.key) == 1 &&
             X509_set_issuer_name(made.certificate,
                                  X509_get_subject_name(issuer->certificate)) ==
                 1,
         "issuer");
  add_extension(made.certificate, NID_basic_constraints,
                wish->names == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (wish->names != NULL) {
    add_extension(made.certificate, NID_subject_alt_name, wish->names);
  }
  demand(X509_sign(made.certificate, issuer->key, EVP_sha256()) != 0,
         "signature");
  return made;
}

void identity_free(struct identity *identity) {
  X509_free(identity->certificate);
  EVP_PKEY_free(identity->key);
}

static FILE *new_file(void) {
  int fd = -1;

  demand(path_count < FILE_MAX, "too many files");
  (void)snprintf(paths[path_count], sizeof paths[0], "/tmp/mailc-test-XXXXXX");
  fd = mkstemp(paths[path_count]);
  demand(fd >= 0, "file");
  path_count++;
  return fdopen(fd, "w");
}

const char *identity_certificate_file(const struct identity *identity) {
  FILE *file = new_file();

  demand(file != NULL && PEM_write_X509(file, identity->certificate) == 1 &&
             fclose(file) == 0,
         "certificate file");
  return paths[path_count - 1];
}

const char *identity_key_file(const struct identity *identity) {
  FILE *file = new_file();

  demand(file != NULL &&
             PEM_write_PrivateKey(file, identity->key, NULL, NULL, 0, NULL,
                                  NULL) == 1 &&
             fclose(file) == 0,
         "key file");
  return paths[path_count - 1];
}

void identity_remove_files(void) {
  while (path_count > 0) {
    (void)unlink(paths[--path_count]);
  }
}
