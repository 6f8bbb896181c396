/* Certificates made by OpenSSL as a test needs them. */
#ifndef MAILC_TEST_CERTIFICATE_H
#define MAILC_TEST_CERTIFICATE_H

#include <openssl/x509.h>

/* A certificate and its key. */
struct identity {
  X509 *certificate;
  EVP_PKEY *key;
};

/* What a certificate says. */
struct identity_wish {
  const char *names;             /* a subjectAltName as OpenSSL writes it,
                                    "DNS:a.example,IP:::1"; NULL for an authority */
  long from_s;                   /* validity, seconds from now */
  long until_s;                  /* 0: a day */
  const struct identity *issuer; /* NULL: itself */
};

/* Makes one, or ends the program. */
struct identity identity_make(const struct identity_wish *wish);
void identity_free(struct identity *identity);

/* Writes the certificate, or the key, as PEM to a new file of the folder;
 * the path is the test's until its end. */
const char *identity_certificate_file(const struct identity *identity);
const char *identity_key_file(const struct identity *identity);

/* Removes all that was written. */
void identity_remove_files(void);

#endif
