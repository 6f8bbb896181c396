#include "tls_peer.h"

#include "check.h"

#include <openssl/bio.h>
#include <openssl/err.h>

void tls_peer_flush(struct tls_peer *peer) {
  struct mailc_transport end = mailc_memory_transport(&peer->pair, 1);
  BIO *out = SSL_get_wbio(peer->ssl);
  char *octets = NULL;
  long len = BIO_get_mem_data(out, &octets);
  size_t sent = 0;

  if (len > 0 &&
      end.send(end.context, octets, (size_t)len, 0, &sent) == MAILC_OK) {
    char scratch[512];

    while (sent > 0) {
      int taken = BIO_read(
          out, scratch, (int)(sent < sizeof scratch ? sent : sizeof scratch));

      sent -= (size_t)taken;
    }
  }
}

static void echo(struct tls_peer *peer) {
  char octets[256];
  int len = 0;

  while ((len = SSL_read(peer->ssl, octets, sizeof octets)) > 0) {
    peer->read_len += (size_t)len;
    CHECK(SSL_write(peer->ssl, octets, len) == len);
  }
  switch (SSL_get_error(peer->ssl, len)) {
  case SSL_ERROR_ZERO_RETURN:
    peer->has_close_notify = true;
    break;
  case SSL_ERROR_WANT_READ:
    break;
  default:
    peer->is_broken = true;
    break;
  }
}

static void serve(struct tls_peer *peer) {
  ERR_clear_error();
  if (!peer->has_shaken_hands && !peer->is_broken) {
    int result = SSL_accept(peer->ssl);

    peer->has_shaken_hands = result == 1;
    peer->is_broken = !peer->has_shaken_hands &&
                      SSL_get_error(peer->ssl, result) != SSL_ERROR_WANT_READ;
  }
  if (peer->has_shaken_hands && !peer->is_broken) {
    echo(peer);
  }
  tls_peer_flush(peer);
}

static void take(struct tls_peer *peer, const unsigned char *octets,
                 size_t len) {
  if (peer->manner == PEER_SERVES) {
    CHECK(BIO_write(SSL_get_rbio(peer->ssl), octets, (int)len) == (int)len);
  } else if (peer->manner == PEER_TALKS_CLEAR && peer->heard_len == 0) {
    tls_peer_say_in_clear(peer);
  } else if (peer->manner == PEER_CLOSES) {
    tls_peer_cut(peer);
  }
  peer->heard_len += len;
}

void tls_peer_run(struct tls_peer *peer) {
  struct mailc_transport end = mailc_memory_transport(&peer->pair, 1);
  unsigned char octets[512];
  size_t len = 0;

  while (end.recv(end.context, octets, sizeof octets, 0, &len) == MAILC_OK &&
         len != 0) {
    take(peer, octets, len);
  }
  if (peer->manner == PEER_SERVES) {
    serve(peer);
  }
}

static void run_while_client_waits(void *context, unsigned end,
                                   uint64_t until_ms) {
  (void)end;
  (void)until_ms;
  tls_peer_run((struct tls_peer *)context);
}

void tls_peer_begin(struct tls_peer *peer) {
  peer->settings = SSL_CTX_new(TLS_server_method());
  CHECK(SSL_CTX_use_certificate(peer->settings, peer->identity.certificate) ==
            1 &&
        SSL_CTX_use_PrivateKey(peer->settings, peer->identity.key) == 1);
  if (peer->version_max != 0) {
    SSL_CTX_set_security_level(peer->settings, 0);
    CHECK(SSL_CTX_set_min_proto_version(peer->settings, TLS1_VERSION) == 1 &&
          SSL_CTX_set_max_proto_version(peer->settings, peer->version_max) ==
              1);
  }
  if (peer->authority != NULL) {
    CHECK(X509_STORE_add_cert(SSL_CTX_get_cert_store(peer->settings),
                              peer->authority->certificate) == 1);
    SSL_CTX_set_verify(peer->settings,
                       SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  }
  peer->ssl = SSL_new(peer->settings);
  SSL_set_bio(peer->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  CHECK(mailc_memory_init(
            &peer->pair,
            (struct mailc_buffer){peer->inboxes[0], sizeof peer->inboxes[0]},
            (struct mailc_buffer){peer->inboxes[1], sizeof peer->inboxes[1]}) ==
        MAILC_OK);
  peer->pair.wait = run_while_client_waits;
  peer->pair.context = peer;
}

void tls_peer_say_goodbye(struct tls_peer *peer) {
  (void)SSL_shutdown(peer->ssl);
  tls_peer_flush(peer);
}

void tls_peer_say_in_clear(struct tls_peer *peer) {
  static const char line[] = "220 in clear\r\n";
  struct mailc_transport end = mailc_memory_transport(&peer->pair, 1);
  size_t sent = 0;

  CHECK(end.send(end.context, line, sizeof line - 1, 0, &sent) == MAILC_OK);
}

void tls_peer_cut(struct tls_peer *peer) {
  struct mailc_transport end = mailc_memory_transport(&peer->pair, 1);

  end.close(end.context);
}

void tls_peer_end(struct tls_peer *peer) {
  SSL_free(peer->ssl);
  SSL_CTX_free(peer->settings);
}
