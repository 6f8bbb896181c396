# Builds the drivers that are compiled: make -f native.mk OUT=FOLDER FOLDER/NAME.
here := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
CFLAGS ?= -O1 -g
common := $(here)c/driver.c $(here)c/driver.h

.DELETE_ON_ERROR:

# Tells what is missing in words of pkg-config, before the compiler does.
check = pkg-config --print-errors --exists $(1)
compile = $(CC) -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra $(CFLAGS) -o $@ $(filter %.c,$^) \
	$$(pkg-config --cflags --libs $(1))

$(OUT)/libcurl: $(common) $(here)c/libcurl.c $(here)c/libcurl_session.c $(here)c/libcurl_session.h
	$(call check,libcurl jansson)
	$(call compile,libcurl jansson)

libetpan := $(addprefix $(here)c/libetpan,.c .h _pop3.c _maildrop.c _smtp.c _mail.c)
$(OUT)/libetpan: $(common) $(libetpan)
	$(call check,libetpan gnutls jansson)
	$(call compile,libetpan gnutls jansson)

libesmtp := $(addprefix $(here)c/libesmtp,.c _message.c _message.h)
$(OUT)/libesmtp: $(common) $(libesmtp)
	$(call check,libesmtp-1.0 openssl jansson)
	$(call compile,libesmtp-1.0 openssl jansson)
