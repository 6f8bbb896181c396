#include "smtp/smtp_argument.h"

#include "common/text.h"

/* Domain: labels that begin and end with a letter or a digit, hyphens between;
 * with `is_utf8` also U-labels (RFC 6531 section 3.3). */
static bool is_name(const uint8_t *in, const uint8_t *end, bool is_utf8) {
  uint8_t before = '.';

  for (; in != end; in++) {
    if (!mailc_text_is_alnum(*in) && !(*in > 127 && is_utf8) &&
        (before == '.' || (*in != '-' && (*in != '.' || before == '-')))) {
      return false;
    }
    before = *in;
  }
  return before != '.' && before != '-';
}

/* The addresses of a literal, whose bracket stands at `end`. */

/* IPv4-address-literal: four numbers of one to three digits, at most 255. */
static bool is_ipv4(const uint8_t *in, const uint8_t *end) {
  for (unsigned left = 4; left-- != 0; in++) {
    const uint8_t *first = in;
    unsigned value = 0;

    for (; *in >= '0' && *in <= '9'; in++) {
      value = value * 10 + *in - '0';
    }
    if (in == first || in - first > 3 || value > 255) {
      return false;
    }
    if (*in != '.') {
      return left == 0 && in == end;
    }
  }
  return false;
}

static bool is_hex(uint8_t octet) {
  return mailc_text_is_alnum(octet) && (octet | 32u) <= 'f';
}

/* How many hexadecimal digits there are, up to five. */
static unsigned digits_at(const uint8_t *in) {
  unsigned count = 0;

  while (count < 5 && is_hex(in[count])) {
    count++;
  }
  return count;
}

/* IPv6-addr: eight groups of one to four digits, or up to six and one "::"; an
 * IPv4 address at the end counts as two. */
static bool is_ipv6(const uint8_t *in, const uint8_t *end) {
  unsigned count = 0;
  bool has_gap = false;

  do {
    if (!has_gap && in[0] == ':' && in[1] == ':') {
      has_gap = true;
      in += 2;
      if (in == end) {
        break;
      }
    } else if (count != 0 && *in++ != ':') {
      return false;
    }
    if (is_ipv4(in, end)) {
      count += 2;
      break;
    }
    unsigned digit_count = digits_at(in);
    if (digit_count == 0 || digit_count > 4) {
      return false;
    }
    in += digit_count;
    count++;
  } while (in != end);
  return has_gap ? count <= 6 : count == 8;
}

bool mailc_smtp_is_domain(struct mailc_span name, bool is_utf8) {
  const uint8_t *in = name.data;
  const uint8_t *end = in + name.len;

  if (name.len - 1 >= MAILC_SMTP_DOMAIN_MAX) { /* none, or too many octets */
    return false;
  }
  if (*in != '[') {
    return is_name(in, end, MAILC_HAS(PARAMS) && is_utf8);
  }
  in++;
  end--;
  if (*end != ']') {
    return false;
  }
  return end - in > 5 && mailc_octets_are(in, 5, "IPV6:") ? is_ipv6(in + 5, end)
                                                          : is_ipv4(in, end);
}

bool mailc_smtp_is_path(struct mailc_span path, bool is_utf8) {
  unsigned bad =
      MAILC_TEXT_CONTROL | (is_utf8 ? MAILC_TEXT_NOT_UTF8 : MAILC_TEXT_ABOVE);
  bool is_quoted = false;
  size_t domain_at = 0;

  if ((mailc_text_kinds(path) & bad) != 0) {
    return false;
  }
  for (size_t i = 0; i < path.len; i++) {
    uint8_t octet = path.data[i];

    if (octet == '"') {
      is_quoted = !is_quoted;
    } else if (is_quoted) {
      i += octet == '\\';
    } else if (octet == ' ' || octet == '<' || octet == '>' ||
               (octet == '@' && domain_at != 0 && path.data[0] != '@')) {
      return false;
    } else if (octet == '@') {
      domain_at = i + 1;
    }
  }
  path.data += domain_at;
  path.len -= domain_at;
  return !is_quoted && (domain_at == 0 || mailc_smtp_is_domain(path, is_utf8));
}

bool mailc_smtp_is_text(struct mailc_span text) {
  return (mailc_text_kinds(text) &
          ~(unsigned)(MAILC_TEXT_VISIBLE | MAILC_TEXT_BLANK)) == 0;
}
