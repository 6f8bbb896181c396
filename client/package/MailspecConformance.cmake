# mailspec_add_conformance(NAME test DRIVER target [ARGS arguments of mailspec run...])
#
# Adds a test to CTest that runs the suite on a driver, a program that speaks
# the protocol of conformance/driver.schema.json. The reports lie in the folder
# NAME of the current build folder. The command `mailspec` is looked for on
# PATH, or given as MAILSPEC_COMMAND: that of an installed wheel, or the
# launcher of a clone.
function(mailspec_add_conformance)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;DRIVER" "ARGS")
  if(NOT arg_NAME OR NOT arg_DRIVER)
    message(FATAL_ERROR "mailspec_add_conformance needs NAME and DRIVER")
  endif()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "mailspec_add_conformance does not know ${arg_UNPARSED_ARGUMENTS}")
  endif()
  find_program(MAILSPEC_COMMAND mailspec)
  if(NOT MAILSPEC_COMMAND)
    message(FATAL_ERROR
      "mailspec was not found: install it, or set MAILSPEC_COMMAND")
  endif()
  add_test(NAME ${arg_NAME}
    COMMAND ${MAILSPEC_COMMAND} run --subject cmd:$<TARGET_FILE:${arg_DRIVER}>
      --out ${CMAKE_CURRENT_BINARY_DIR}/${arg_NAME} ${arg_ARGS})
endfunction()
