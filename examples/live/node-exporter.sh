#!/bin/sh
# SPDX-License-Identifier: MIT
# Counts of a log's verdicts for Prometheus, through node_exporter's textfile collector.
#
#   node-exporter.sh FOLDER LOG MODEL [OPTION OF ae-thresh]...
#
# FOLDER is that of --collector.textfile.directory, on Debian /var/lib/prometheus/node-exporter. The name of the file in it
# becomes the label: ae_rows_total{name="plant"} for plant.prom, after the model plant.aem.
# Trap: the file stays when the chain has ended, with its last counts. Alert on its age as well as on what it says:
#
#   time() - ae_last_row_timestamp_seconds > 300          no rows, or no chain
#   increase(ae_episodes_total[10m]) > 0                  an episode of anomalies has begun
#   increase(ae_unjudged_rows_total[1h]) > 0              rows had no verdict, as one whose values are missing
#
# Trap: rows that ae-normalize leaves out do not come as far as these counts: --rejects keeps them, and that file's age tells.
set -eu
here=$(dirname "$0")
folder=$1
log=$2
model=$3
shift 3
exec "$here/log.sh" "$log" "$model" --prom "$folder/$(basename "$model" .aem).prom" "$@"
