# 32 bits on a 64-bit Debian: gcc-multilib and the libraries of i386. There is no
# OpenSSL among them, so that hashes and TLS are mbedTLS's.
set(CMAKE_C_FLAGS_INIT -m32)
set(CMAKE_LIBRARY_ARCHITECTURE i386-linux-gnu)
set(CMAKE_DISABLE_FIND_PACKAGE_OpenSSL ON)
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/i386-linux-gnu/pkgconfig)
