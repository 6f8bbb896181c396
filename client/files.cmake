# What belongs to which library; nothing but lists, so that other builds can
# include this file too.
set(MAILC_CORE_FILES
  src/base64.c
  src/dot.c
  src/link.c
  src/number.c
  src/pop3_action.c
  src/pop3_auth.c
  src/pop3_code.c
  src/pop3_command.c
  src/pop3_data.c
  src/pop3_extension.c
  src/pop3_fsm.c
  src/pop3_line.c
  src/pop3_login.c
  src/pop3_names.c
  src/pop3_queue.c
  src/pop3_session.c
  src/pop3_timestamp.c
  src/sasl.c
  src/sasl_cram.c
  src/sasl_line.c
  src/sasl_mech.c
  src/sasl_response.c
  src/sasl_scram.c
  src/row.c
  src/secret.c
  src/smtp_action.c
  src/smtp_argument.c
  src/smtp_body.c
  src/smtp_command.c
  src/smtp_enhanced.c
  src/smtp_envelope.c
  src/smtp_extension.c
  src/smtp_parameter.c
  src/smtp_fsm.c
  src/smtp_io.c
  src/smtp_login.c
  src/smtp_names.c
  src/smtp_queue.c
  src/smtp_reply.c
  src/smtp_session.c
  src/status.c
  src/text.c
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
  src/pop3_pump.c
  src/pop3_pump_login.c
  src/pump.c
  src/smtp_pump.c
  src/smtp_pump_mail.c
  src/smtp_pump_send.c
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

# One program a test, client/test/test_NAME.c. These need the core and the pump
# alone.
set(MAILC_CORE_TESTS
  mech
  memory
  pop3_code
  pop3_every
  pop3_extension
  pop3_limits
  pop3_misuse
  pop3_pump
  pop3_pump_every
  pop3_pump_login
  pop3_queue
  pop3_session
  smtp_chunk
  smtp_every
  smtp_limits
  smtp_message
  smtp_misuse
  smtp_pump
  smtp_pump_every
  smtp_pump_send
  smtp_queue
  smtp_session
  smtp_text
  status
)

# These look behind the public headers.
set(MAILC_INTERNAL_TESTS
  base64
  dot
  link
  number
  pop3_fsm
  pop3_timestamp
  pop3_walk
  port_template
  pump
  secret
  smtp_argument
  smtp_fsm
  smtp_reply
  text
)

# These need the hash port too.
set(MAILC_HASH_TESTS
  pop3_auth
  pop3_login
  pop3_scram
  smtp_login
)

# And these do both.
set(MAILC_INTERNAL_HASH_TESTS
  sasl
  scram
)

# These need the TCP transport too.
set(MAILC_TCP_TESTS
  posix_tcp
)
