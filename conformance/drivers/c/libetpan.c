/* Connects libetpan to mailspec: an operation is one call of its API. It adds
   nothing to libetpan and mends nothing, but for the check of certificates:
   libetpan on GnuTLS makes none and hands the chain to its caller. */
#include "libetpan.h"

#include "driver.h"

#include <gnutls/x509.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* APOP is not claimed: on machines with a long of 64 bits libetpan 1.9.4
 * computes a wrong digest, so that no login by it can succeed. */
#define FEATURES                                                               \
  "steps ipv6 tls.implicit tls.starttls pop3 pop3.user pop3.user-alone "       \
  "pop3.capa pop3.list pop3.uidl pop3.top pop3.dele pop3.rset pop3.noop "      \
  "pop3.auth.plain pop3.auth.login pop3.auth.cram-md5 pop3.auth.scram-sha-1 "  \
  "pop3.auth.scram-sha-256 smtp smtp.helo smtp.rset smtp.noop "                \
  "smtp.multi-rcpt smtp.multi-mail smtp.dsn smtp.lmtp smtp.auth.plain "        \
  "smtp.auth.login smtp.auth.cram-md5 smtp.auth.scram-sha-1 "                  \
  "smtp.auth.scram-sha-256 smtp.auth.xoauth2"

static char authority[4096], server[256];

bool take_connection(void) {
  long long timeout_ms = arg_number("timeout_ms", 60000);
  if (!within("host port tls policy ca timeout_ms deadline_ms name lmtp"))
    return false;
  snprintf(server, sizeof server, "%s", arg("host"));
  snprintf(authority, sizeof authority, "%s",
           arg("ca") != NULL ? arg("ca") : "");
  /* The time-out of a session is in seconds; this one, of all sessions, is what
   * counts where that is 0. */
  mailstream_network_delay.tv_sec = (time_t)(timeout_ms / 1000);
  mailstream_network_delay.tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000);
  return true;
}

const char *host(void) { return server; }

bool is_name_of_machine(const char *name) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789.-";
  return name == NULL || (*name != '\0' && strlen(name) <= 64 &&
                          name[strspn(name, letters)] == '\0');
}

/* libetpan says EHLO and HELO with the name of the machine alone, so the
 * machine has the name that the caller asks for. */
int gethostname(char *name, size_t length) {
  const char *told = arg("name");
  snprintf(name, length, "%s", told != NULL ? told : "client.example");
  return 0;
}

static bool is_chain_good(gnutls_x509_trust_list_t trust, carray *chain) {
  enum { MOST = 8 };
  gnutls_x509_crt_t certificates[MOST];
  unsigned count = 0, fault = 1;
  for (; count < carray_count(chain) && count < MOST; count++) {
    MMAPString *der = carray_get(chain, count);
    gnutls_datum_t octets = {(unsigned char *)der->str, (unsigned)der->len};
    gnutls_x509_crt_init(&certificates[count]);
    gnutls_x509_crt_import(certificates[count], &octets, GNUTLS_X509_FMT_DER);
  }
  gnutls_typed_vdata_st name = {.type = GNUTLS_DT_DNS_HOSTNAME,
                                .data = (unsigned char *)server};
  int status = gnutls_x509_trust_list_verify_crt2(trust, certificates, count,
                                                  &name, 1, 0, &fault, NULL);
  for (unsigned i = 0; i < count; i++)
    gnutls_x509_crt_deinit(certificates[i]);
  return status == 0 && fault == 0;
}

bool is_trusted(mailstream *stream) {
  carray *chain = mailstream_get_certificate_chain(stream);
  gnutls_x509_trust_list_t trust;
  if (chain == NULL || gnutls_x509_trust_list_init(&trust, 0) != 0)
    return false;
  gnutls_x509_trust_list_add_trust_file(trust, authority, NULL,
                                        GNUTLS_X509_FMT_PEM, 0, 0);
  bool is_good = is_chain_good(trust, chain);
  gnutls_x509_trust_list_deinit(trust, 1);
  mailstream_certificate_chain_free(chain);
  return is_good;
}

static const char *play(const char *operation) {
  if (strncmp(operation, "pop3.", 5) == 0)
    return pop3_operation(operation + 5);
  if (strncmp(operation, "smtp.", 5) == 0)
    return smtp_operation(operation + 5);
  return "unsupported";
}

int main(void) {
  char version[64];
  signal(SIGPIPE, SIG_IGN);
  snprintf(version, sizeof version, "%d.%d", libetpan_get_version_major(),
           libetpan_get_version_minor());
  return serve("libetpan", version, FEATURES, play);
}
