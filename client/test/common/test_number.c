/* Decimal numbers: bounds, foreign octets, the round trip. */
#include "check.h"
#include "common/number.h"

static void test_digits_are_read_up_to_the_first_other_octet(void) {
  uint64_t value = 7;

  CHECK(mailc_number_scan("2 320", 5, 100, &value) == 1 && value == 2);
  CHECK(mailc_number_scan("320", 3, 320, &value) == 3 && value == 320);
  CHECK(mailc_number_scan("0007x", 5, 9, &value) == 4 && value == 7);
  CHECK(mailc_number_scan("0", 1, 9, &value) == 1 && value == 0);
  CHECK(mailc_number_scan("12345", 2, 99, &value) == 2 && value == 12);
}

static void test_what_is_no_number_leaves_the_value(void) {
  static const char *const none[] = {"", " 1", "-1", "+1", "x", "/", ":"};

  for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
    uint64_t value = 7;
    CHECK(mailc_number_scan(none[i], strlen(none[i]), 99, &value) == 0);
    CHECK(value == 7);
  }
}

static void test_numbers_above_the_bound_are_refused(void) {
  uint64_t value = 7;

  CHECK(mailc_number_scan("321", 3, 320, &value) == 0);
  CHECK(mailc_number_scan("10", 2, 9, &value) == 0);
  CHECK(mailc_number_scan("18446744073709551615", 20, UINT64_MAX, &value) ==
        20);
  CHECK(value == UINT64_MAX);
  CHECK(mailc_number_scan("18446744073709551616", 20, UINT64_MAX, &value) == 0);
  CHECK(mailc_number_scan("99999999999999999999", 20, UINT64_MAX, &value) == 0);
  CHECK(mailc_number_scan("184467440737095516150", 21, UINT64_MAX, &value) ==
        0);
  CHECK(mailc_number_scan("4294967296", 10, UINT32_MAX, &value) == 0);
  CHECK(value == UINT64_MAX);
}

static void test_printed_numbers_read_back(void) {
  static const size_t values[] = {0, 9, 10, 65536, SIZE_MAX};

  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    char text[MAILC_NUMBER_CAP];
    uint64_t value = 7;
    size_t len = mailc_number_print(values[i], text);
    CHECK(mailc_number_scan(text, len, UINT64_MAX, &value) == len);
    CHECK(value == values[i]);
  }
}

int main(void) {
  test_digits_are_read_up_to_the_first_other_octet();
  test_what_is_no_number_leaves_the_value();
  test_numbers_above_the_bound_are_refused();
  test_printed_numbers_read_back();
  return check_status();
}
