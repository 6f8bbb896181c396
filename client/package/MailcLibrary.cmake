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

# mailc_library(NAME FILES... [HEADERS folder]) makes the target mailc_NAME, known
# as mailc::NAME. Its headers are found from include/, or from that folder of it.
function(mailc_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADERS" "")
  add_library(mailc_${name} ${arg_UNPARSED_ARGUMENTS})
  add_library(mailc::${name} ALIAS mailc_${name})
  set_target_properties(mailc_${name} PROPERTIES
    OUTPUT_NAME mailc-${name} C_EXTENSIONS OFF C_STANDARD 11
    VERSION ${PROJECT_VERSION} SOVERSION 0)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL Generic)
    set_target_properties(mailc_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
  # One library of ours finds another wherever both were moved to.
  if(BUILD_SHARED_LIBS AND UNIX AND NOT APPLE AND NOT DEFINED CMAKE_INSTALL_RPATH)
    set_target_properties(mailc_${name} PROPERTIES INSTALL_RPATH "$ORIGIN")
  endif()
  cmake_path(APPEND headers include ${arg_HEADERS})
  cmake_path(APPEND installed_headers ${CMAKE_INSTALL_INCLUDEDIR} ${arg_HEADERS})
  target_include_directories(mailc_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/${headers}>
    $<INSTALL_INTERFACE:${installed_headers}>)
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

# mailc_link_flags(VARIABLE LIBRARIES...) gives the linker's flags for libraries that
# find_library() has found: -l, and -L where the compiler does not look by itself.
function(mailc_link_flags variable)
  set(flags)
  foreach(library IN LISTS ARGN)
    cmake_path(GET library PARENT_PATH folder)
    cmake_path(GET library STEM LAST_ONLY stem)
    file(REAL_PATH ${folder} real)
    if(NOT folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES AND
        NOT real IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
      list(APPEND flags "-L\"${folder}\"")
    endif()
    string(REGEX REPLACE "^lib" -l flag ${stem})
    list(APPEND flags ${flag})
  endforeach()
  list(REMOVE_DUPLICATES flags)
  set(${variable} ${flags} PARENT_SCOPE)
endfunction()

# mailc_pkg_config(NAME DESCRIPTION text [HEADERS folder] [REQUIRES modules...]
# [INTERNAL modules...] [INTERNAL_LIBS flags...] [CFLAGS flags...]) installs
# mailc-NAME.pc. INTERNAL is what the library alone needs: a static one hands it
# to the program that is linked, a shared one does not. The module names its
# prefix by its own place, so that `cmake --install --prefix` and a move keep it
# right.
function(mailc_pkg_config name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESCRIPTION;HEADERS"
    "REQUIRES;INTERNAL;INTERNAL_LIBS;CFLAGS")
  if(BUILD_SHARED_LIBS)
    set(pc_requires_private ${arg_INTERNAL})
    set(pc_libs_private ${arg_INTERNAL_LIBS})
  else()
    list(APPEND arg_REQUIRES ${arg_INTERNAL})
    set(pc_libs ${arg_INTERNAL_LIBS})
  endif()
  list(JOIN arg_REQUIRES " " pc_requires)
  list(JOIN pc_requires_private " " pc_requires_private)
  list(JOIN pc_libs " " pc_libs)
  list(JOIN pc_libs_private " " pc_libs_private)
  list(JOIN arg_CFLAGS " " pc_cflags)
  set(place ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
  cmake_path(IS_ABSOLUTE CMAKE_INSTALL_LIBDIR is_fixed)
  if(is_fixed)
    set(pc_prefix ${CMAKE_INSTALL_PREFIX})
  else()
    file(RELATIVE_PATH up /prefix/${place} /prefix)
    set(pc_prefix "\${pcfiledir}/${up}")
    string(REGEX REPLACE "/$" "" pc_prefix ${pc_prefix})
  endif()
  set(pc_libdir "\${prefix}")
  cmake_path(APPEND pc_libdir ${CMAKE_INSTALL_LIBDIR})
  set(pc_includedir "\${prefix}")
  cmake_path(APPEND pc_includedir ${CMAKE_INSTALL_INCLUDEDIR} ${arg_HEADERS})
  configure_file(package/mailc.pc.in mailc-${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/mailc-${name}.pc DESTINATION ${place})
endfunction()
