#!/bin/sh
# SPDX-License-Identifier: MIT
# An alarm to an MQTT broker, for ae-thresh --exec: the record on standard input becomes a message of QoS 1.
#
#   mqtt.sh 'plant/+/row' plant.aem --group machine --exec ./mqtt-alarm.sh
#
# BROKER, PORT and TOPIC (localhost, 1883, alarm). Needs mosquitto-clients. It tries for 50 seconds, --exec-timeout being 60,
# to hand it to the broker; up to 64 records wait meanwhile.
# Trap: "... | mosquitto_pub -l -q 1" is no way for alarms. Across a restart of the broker it loses lines, prints nothing
# and exits 0.
set -eu
record=$(cat)
tries=50
until mosquitto_pub -h "${BROKER:-localhost}" -p "${PORT:-1883}" -t "${TOPIC:-alarm}" -q 1 -m "$record"; do
	tries=$((tries - 1))
	[ $tries -gt 0 ]
	sleep 1
done
