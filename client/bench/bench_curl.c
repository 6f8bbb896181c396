/* The same message, fetched by libcurl. */
#include "bench.h"
#include "bench_tcp.h"

#include <curl/curl.h>
#include <stdio.h>

static size_t take(char *octets, size_t size, size_t count, void *len) {
  (void)octets;
  *(size_t *)len += size * count;
  return size * count;
}

void bench_curl(enum bench_text text) {
  CURL *curl = curl_easy_init();
  char url[64];
  size_t len = 0;

  bench_require(curl != NULL, "no session of libcurl's");
  (void)snprintf(url, sizeof url, "pop3://127.0.0.1:%u/1",
                 (unsigned)bench_port());
  (void)curl_easy_setopt(curl, CURLOPT_URL, url);
  (void)curl_easy_setopt(curl, CURLOPT_USERPWD, "mrose:tanstaaf");
  (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
  (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, &len);
  bench_require(curl_easy_perform(curl) == CURLE_OK, "libcurl failed");
  curl_easy_cleanup(curl);
  bench_require(len == bench_texts[text].len, "a message has another length");
}
