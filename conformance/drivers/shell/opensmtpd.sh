#!/bin/sh
# Runs smtp(1) of OpenSMTPD for as many seconds as the first argument says. Its exit status is 0 after a
# refusal, too; what became of the message it says on stderr, by the name of a command and the reply.
seconds=$1
shift
timeout -k 1 "$seconds" smtp "$@" 2>said
status=$?
cat said >&2
! grep -q ': EOM: 2' said || exit 0
[ $status -le 128 ] || kill -$((status - 128)) $$
[ $status -ne 0 ] || exit 1
exit $status
