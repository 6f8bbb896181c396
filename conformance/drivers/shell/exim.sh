#!/bin/sh
# Runs Exim in a mount namespace, which only root can make: its user exists there, and /var/spool is
# empty. Its package is only unpacked, because it conflicts with other relays.
#   sh exim.sh version
#   sh exim.sh CONFIGURATION MESSAGE FROM TO...: 0 if anybody has got the message
if [ "$EXIM_INSIDE" != yes ]; then
    command -v exim4 >/dev/null || exit 127
    if ! unshare --mount true 2>/dev/null; then
        echo "it needs a mount namespace, which only root may make, and not in every container" >&2
        exit 126
    fi
    EXIM_INSIDE=yes exec unshare --mount sh "$0" "$@"
fi
set -e
mount -t tmpfs exim /var/spool
spool=/var/spool/exim4
mkdir -m 750 $spool
if ! id Debian-exim >/dev/null 2>&1; then
    for file in passwd group; do
        cp /etc/$file /var/spool/$file
        chmod 644 /var/spool/$file
        mount --bind /var/spool/$file /etc/$file
    done
    echo Debian-exim:x:64990:64990::$spool:/usr/sbin/nologin >>/var/spool/passwd
    echo Debian-exim:x:64990: >>/var/spool/group
fi
if [ "$1" = version ]; then
    exim4 -C /dev/null -bV 2>/dev/null | grep version | head -n 1
    exit
fi
authority=$(sed -n 's/^ *tls_verify_certificates = //p' "$1")
[ -z "$authority" ] || cp "$authority" $spool/ca.pem
echo "exim_path = $(command -v exim4)" >/var/spool/exim.conf
sed "s|^\( *tls_verify_certificates = \).*|\1$spool/ca.pem|" "$1" >>/var/spool/exim.conf
chmod 644 /var/spool/exim.conf
chown -R Debian-exim:Debian-exim $spool
message=$2
from=$3
shift 3
set +e
exim4 -C /var/spool/exim.conf -odi -oi -oep -f "$from" -- "$@" <"$message" >&2
grep -q ' [-=]> .* T=smart_host ' $spool/mainlog
status=$?
cat $spool/mainlog >&2
exit $status
