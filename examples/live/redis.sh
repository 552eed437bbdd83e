#!/bin/sh
# SPDX-License-Identifier: MIT
# Rows from a list of Redis, to which others push objects of JSON: RPUSH rows '{"flow":42,...}'.
#
#   redis.sh LIST MODEL [OPTION OF ae-thresh]...
#
# REDIS_HOST, REDIS_PORT (localhost, 6379). Needs redis-cli, and Redis 6.2. A list keeps what comes while nobody reads;
# SUBSCRIBE would miss it. BLMOVE puts each row that it hands out into LIST:taken, where those of a chain that was killed
# can be found; a run begins by cutting that to the last thousand.
# Trap: BLPOP answers with two lines, the name of the list and the row.
# Trap: redis-cli ends when Redis does, and the chain then ends as after all rows, with status 0: let it be started again
# (Restart=always of systemd).
set -eu
here=$(dirname "$0")
list=$1
shift
redis() {
	redis-cli -h "${REDIS_HOST:-localhost}" -p "${REDIS_PORT:-6379}" --raw "$@"
}
redis LTRIM "$list:taken" -1000 -1 >/dev/null
trap : TERM # see score.sh
redis -r -1 BLMOVE "$list" "$list:taken" LEFT RIGHT 0 | "$here/score.sh" "$@"
