#!/bin/sh
# SPDX-License-Identifier: MIT
# An alarm to a topic of Kafka, for ae-thresh --exec: the record on standard input becomes a message.
#
#   kafka.sh rows 0 verdicts.jsonl plant.aem --group row.machine --exec ./kafka-alarm.sh
#
# BROKERS (localhost:9092), TOPIC (alarms). Needs kcat, which ends when the brokers have the message, or fails.
# Trap: "... | kcat -P" is no way for verdicts or alarms that come now and then. kcat 1.7 takes lines by 128 bytes of input,
# so the last ones stay in it until more come.
exec kcat -P -b "${BROKERS:-localhost:9092}" -t "${TOPIC:-alarms}" -X message.timeout.ms=50000
