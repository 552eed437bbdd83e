#!/bin/sh
# SPDX-License-Identifier: MIT
# A log of CSV or JSON lines that grows and is rotated. Each run reads it anew; log-resume.sh goes on where the last one was.
#
#   log.sh LOG MODEL [OPTION OF ae-thresh]...        such as --append verdicts.csv, itself a log that may be rotated
#
# Needs GNU tail. The log may be renamed and begun anew, or copied and truncated; the header of the new one is dropped.
# -n +1 reads it from its beginning: with "head -n 1 LOG; tail -n 0 -F LOG" rows written between the two would be lost.
# Trap: tail leaves a renamed log at once. A writer that keeps it open, until SIGHUP say, loses rows: have it copied and
# truncated ("copytruncate" of logrotate).
# Trap: a log that was truncated and has grown to its old length before tail looks seems unchanged.
set -eu
here=$(dirname "$0")
log=$1
shift
until [ -e "$log" ]; do sleep 1; done # tail may not follow the name of what was not there
trap : TERM # see score.sh
tail -n +1 -F "$log" | "$here/score.sh" "$@"
