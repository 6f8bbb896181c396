#!/bin/sh
# Runs smtp(1) of OpenSMTPD for as many seconds as the first argument says, with the name for EHLO of
# the second, which is -H and the name: an empty one is an argument of its own to smtp(1). Its exit status is 0 after a
# refusal, too; what became of the message it says on stderr, by the name of a command and the reply.
seconds=$1
name=${2#-H}
shift 2
timeout -k 1 "$seconds" smtp -H "$name" "$@" 2>said
status=$?
cat said >&2
! grep -q ': EOM: 2' said || exit 0
[ $status -le 128 ] || kill -$((status - 128)) $$
[ $status -ne 0 ] || exit 1
exit $status
