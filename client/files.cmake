# The version, and what belongs to which library; nothing else, so that other
# builds can include this file too.
set(MAILC_VERSION 0.1.0)

set(MAILC_CORE_FILES
  src/common/base64.c
  src/common/dot.c
  src/common/fsm.c
  src/common/link.c
  src/common/number.c
  src/common/secret.c
  src/common/status.c
  src/common/text.c
  src/pop3/pop3_action.c
  src/pop3/pop3_auth.c
  src/pop3/pop3_code.c
  src/pop3/pop3_command.c
  src/pop3/pop3_data.c
  src/pop3/pop3_extension.c
  src/pop3/pop3_fsm.c
  src/pop3/pop3_line.c
  src/pop3/pop3_login.c
  src/pop3/pop3_names.c
  src/pop3/pop3_queue.c
  src/pop3/pop3_session.c
  src/pop3/pop3_slots.c
  src/pop3/pop3_timestamp.c
  src/sasl/sasl.c
  src/sasl/sasl_cram.c
  src/sasl/sasl_line.c
  src/sasl/sasl_mech.c
  src/sasl/sasl_policy.c
  src/sasl/sasl_response.c
  src/sasl/sasl_scram.c
  src/smtp/smtp_action.c
  src/smtp/smtp_argument.c
  src/smtp/smtp_body.c
  src/smtp/smtp_command.c
  src/smtp/smtp_enhanced.c
  src/smtp/smtp_envelope.c
  src/smtp/smtp_extension.c
  src/smtp/smtp_fsm.c
  src/smtp/smtp_io.c
  src/smtp/smtp_login.c
  src/smtp/smtp_names.c
  src/smtp/smtp_parameter.c
  src/smtp/smtp_queue.c
  src/smtp/smtp_reply.c
  src/smtp/smtp_session.c
  src/smtp/smtp_slots.c
)

# Functions of the core that are not for its users, but for mailc::pump and the
# TLS back ends; patterns of a version script.
set(MAILC_SHARED_INTERNALS
  mailc_link_*
  mailc_octets_kinds
  mailc_pop3_check_secret
  mailc_smtp_is_domain
  mailc_smtp_is_over
  mailc_smtp_is_path
  mailc_smtp_load_body
  mailc_smtp_param_add
  mailc_wipe
)

set(MAILC_PUMP_FILES
  src/pump/pop3_pump.c
  src/pump/pop3_pump_login.c
  src/pump/pump.c
  src/pump/smtp_pump.c
  src/pump/smtp_pump_mail.c
  src/pump/smtp_pump_send.c
  transport/memory.c
)

set(MAILC_TCP_FILES
  transport/posix_tcp.c
)

set(MAILC_OPENSSL_FILES
  transport/hash_openssl.c
  transport/tls_openssl.c
)

set(MAILC_MBEDTLS_FILES
  transport/hash_mbedtls.c
  transport/tls_mbedtls.c
)

set(MAILC_DRIVER_FILES
  driver_connect.c
  driver_link.c
  driver_login.c
  driver_main.c
  driver_op.c
  driver_pop3.c
  driver_pop3_batch.c
  driver_pop3_login.c
  driver_pop3_read.c
  driver_smtp.c
  driver_smtp_auth.c
  driver_smtp_mail.c
  driver_tls.c
  driver_value.c
)

# One program a test, client/test/FOLDER/test_NAME.c. These need the core and the
# pump alone.
set(MAILC_CORE_TESTS
  common/status
  pop3/pop3_code
  pop3/pop3_every
  pop3/pop3_extension
  pop3/pop3_limits
  pop3/pop3_misuse
  pop3/pop3_queue
  pop3/pop3_session
  pump/pop3_pump
  pump/pop3_pump_every
  pump/pop3_pump_login
  pump/smtp_pump
  pump/smtp_pump_every
  pump/smtp_pump_send
  sasl/mech
  smtp/smtp_chunk
  smtp/smtp_every
  smtp/smtp_limits
  smtp/smtp_message
  smtp/smtp_misuse
  smtp/smtp_queue
  smtp/smtp_session
  smtp/smtp_text
  transport/memory
)

# These look behind the public headers.
set(MAILC_INTERNAL_TESTS
  common/base64
  common/dot
  common/link
  common/number
  common/secret
  common/text
  pop3/pop3_fsm
  pop3/pop3_timestamp
  pop3/pop3_walk
  pump/pump
  smtp/smtp_argument
  smtp/smtp_fsm
  smtp/smtp_reply
  transport/port_template
)

# These need the hash port too.
set(MAILC_HASH_TESTS
  pop3/pop3_auth
  pop3/pop3_login
  pop3/pop3_scram
  smtp/smtp_login
)

# And these do both.
set(MAILC_INTERNAL_HASH_TESTS
  sasl/sasl
  sasl/scram
)

# These need the TCP transport too.
set(MAILC_TCP_TESTS
  transport/posix_tcp
)
