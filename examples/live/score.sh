#!/bin/sh
# SPDX-License-Identifier: MIT
# What all recipes share: rows on standard input, their verdicts on standard output, each as soon as its row has come.
#
#   score.sh MODEL [OPTION OF ae-thresh]...
#
# READ has options of the program that reads the rows: READ='--id line --time ts'. Rows that are bad or lack a value are
# left out and reported, so that one of them does not end the feed.
# Trap: what is passed on beside the model's columns, such as ids, are the keys of the first object that is scored;
# READ='-I jsonl --header machine,time,flow,pressure,temp' says which keys rows have.
# Trap: any program between feed and chain that buffers, such as mawk or sed without -u, holds rows back. None is needed:
# the chain finds its columns by name, reads JSON lines, and --headerless and -O jsonl make what other programs read.
# Trap: once the first process of a service has ended, systemd kills what is left. "trap : TERM" has the shell wait for the
# programs, which end at SIGTERM when they have written what they have read. It stands right before the pipeline: what is
# stopped before its programs are there ends at once.
set -eu
trap : TERM
model=$1
shift
# shellcheck disable=SC2086 # words
ae-normalize --on-bad skip --missing skip ${READ-} -m "$model" |
	ae-recon -m "$model" |
	ae-err --top 3 -m "$model" |
	ae-thresh -m "$model" "$@"
