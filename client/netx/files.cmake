# What belongs to which part of the NetX services.
set(NETX_FILES
  src/ip.c
  src/link.c
  src/packet.c
  src/pool.c
  src/pop3_create.c
  src/pop3_mail.c
  src/pop3_message.c
  src/pop3_session.c
  src/smtp_create.c
  src/smtp_login.c
  src/smtp_send.c
  src/smtp_session.c
  src/thread.c
)

set(NETX_DRIVER_FILES
  driver/driver_main.c
  driver/driver_pop3.c
  driver/driver_smtp.c
  driver/driver_stage.c
)


# One program a test, test/test_NAME.c. They need a hash library.
set(NETX_TESTS
  macros
  objects
  pop3_promises
  pop3_refused_apop
  pop3_status
  pop3_strict
  smtp_bad_input
  smtp_promises
  smtp_status
  smtp_strict
)
