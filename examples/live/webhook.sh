#!/bin/sh
# SPDX-License-Identifier: MIT
# An alarm to a web server, for ae-thresh --exec: the record on standard input is posted as JSON.
#
#   WEBHOOK=https://example.com/alarm log.sh today.csv plant.aem --group machine --exec ./webhook.sh
#
# Needs curl 7.71. A server that is away or fails is tried again five times, after a second and then twice as long each
# time, within the 60 seconds of --exec-timeout.
# Trap: without -f a page that says "500" is success; with --retry alone a refused connection is final.
exec curl -sS -f -o /dev/null --max-time 10 --retry 5 --retry-all-errors \
	-H 'Content-Type: application/json' --data-binary @- "${WEBHOOK:?}"
