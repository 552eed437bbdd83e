/* SPDX-License-Identifier: MIT */
/* Episodes in the file of --state (series_state.h): beside the rules that made them, as texts, a map in its head of
     rows, anomalies, episodes, groups       numbers, all so far
   and for each group, the least recently seen first, a message
     [key, id, timed, time, state, crc]      id: of its last episode; state: as ae_episodes_pack has it */
#ifndef AE_CLI_ALARM_STATE_H
#define AE_CLI_ALARM_STATE_H

#include "cli/alarm.h"

/* What a series whose `episodes` it becomes does with the episodes, which outlive it. */
struct ae_series_episodes ae_alarm_state(struct ae_alarm *alarm);

#endif
