#!/bin/sh
# Runs swaks with the sender of the first argument. Its word for the null sender is <>; an empty one it
# takes for none that was given, and makes one up.
from=$1
shift
exec swaks --from "${from:-<>}" "$@"
