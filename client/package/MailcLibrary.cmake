# How a library of mailc is built, and what of it a shared one shows.

# mailc_map(FILE) writes a version script: the functions and data that the
# public headers declare, and beside them, not for users, what one of our
# libraries needs of another. A name that is none of a symbol does no harm.
function(mailc_map file)
  file(GLOB headers CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/include/mailc/*.h)
  set(public)
  foreach(header IN LISTS headers)
    file(STRINGS ${header} lines REGEX "mailc_[a-z0-9_]+[(;]")
    string(REGEX MATCHALL "mailc_[a-z0-9_]+" names "${lines}")
    list(APPEND public ${names})
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  endforeach()
  list(SORT public)
  list(REMOVE_DUPLICATES public)
  list(JOIN public ";\n    " public)
  list(JOIN MAILC_SHARED_INTERNALS ";\n    " private)
  file(WRITE ${file}.new
"MAILC_0 {
  global:
    ${public};
  local:
    *;
};
MAILC_PRIVATE_${PROJECT_VERSION} {
  global:
    ${private};
};
")
  file(COPY_FILE ${file}.new ${file} ONLY_IF_DIFFERENT)
endfunction()

# mailc_library(NAME FILES...) makes the target mailc_NAME, known as mailc::NAME.
function(mailc_library name)
  add_library(mailc_${name} ${ARGN})
  add_library(mailc::${name} ALIAS mailc_${name})
  set_target_properties(mailc_${name} PROPERTIES
    OUTPUT_NAME mailc-${name} C_EXTENSIONS OFF C_STANDARD 11
    VERSION ${PROJECT_VERSION} SOVERSION 0)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL Generic)
    set_target_properties(mailc_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  target_include_directories(mailc_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_include_directories(mailc_${name} PRIVATE src)
  target_link_libraries(mailc_${name} PRIVATE $<BUILD_INTERFACE:mailc_flags>)
  set_target_properties(mailc_${name} PROPERTIES EXPORT_NAME ${name})
  install(TARGETS mailc_${name} EXPORT mailc)
  if(BUILD_SHARED_LIBS AND UNIX AND NOT APPLE AND NOT name STREQUAL netx)
    set(map ${CMAKE_CURRENT_BINARY_DIR}/mailc-${name}.map)
    mailc_map(${map})
    target_link_options(mailc_${name} PRIVATE -Wl,--version-script=${map})
    set_target_properties(mailc_${name} PROPERTIES LINK_DEPENDS ${map})
  endif()
endfunction()

# mailc_pkg_config(NAME [REQUIRES modules...] [PRIVATE modules...] [LIBS flags...]
# [LIBS_PRIVATE flags...]) installs mailc-NAME.pc.
function(mailc_pkg_config name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "REQUIRES;PRIVATE;LIBS;LIBS_PRIVATE")
  list(JOIN arg_REQUIRES " " pc_requires)
  list(JOIN arg_PRIVATE " " pc_requires_private)
  list(JOIN arg_LIBS " " pc_libs)
  list(JOIN arg_LIBS_PRIVATE " " pc_libs_private)
  cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_LIBDIR
    BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE pc_libdir)
  cmake_path(ABSOLUTE_PATH CMAKE_INSTALL_INCLUDEDIR
    BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX} OUTPUT_VARIABLE pc_includedir)
  configure_file(package/mailc.pc.in mailc-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mailc-${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()
