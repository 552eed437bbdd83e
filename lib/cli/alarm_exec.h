/* SPDX-License-Identifier: MIT */
/* ae-thresh --exec: a program is run once for each record, which is its standard input; one at a time, without a shell,
   from a queue that is bounded. Nothing here waits but ae_alarm_exec_finish. */
#ifndef AE_CLI_ALARM_EXEC_H
#define AE_CLI_ALARM_EXEC_H

#include "cli/program.h"

enum { AE_ALARM_QUEUE = 64 };

/* Start with program and common, the rest zero. Freed with ae_alarm_exec_free. */
struct ae_alarm_exec {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *path;
	int64_t timeout; /* milliseconds */
	struct ae_buf queue[AE_ALARM_QUEUE];
	size_t first, waiting;
	pid_t child;     /* 0: none runs */
	int64_t started; /* by ae_clock_ms */
	uint64_t done, failed, dropped;
	bool told_failed, told_dropped;
};

/* Takes the path; an error unless it is a program, with its folder or one of PATH. timeout: a duration. */
int ae_alarm_exec_start(
	struct ae_alarm_exec *exec, const char *path, const char *timeout, struct ae_error *err) AE_MUST_CHECK;
/* Puts a record into the queue. One that finds it full is dropped. */
int ae_alarm_exec_add(struct ae_alarm_exec *exec, const struct ae_buf *record, struct ae_error *err) AE_MUST_CHECK;
/* Looks after the child and starts the next one. The milliseconds until it wants to be called again, 0 for never. */
int ae_alarm_exec_tend(struct ae_alarm_exec *exec);
/* Waits until the queue is done, as long as one run may take, after SIGTERM or a failure until a second has passed
   since then; kills what runs then, drops what is left, and notes the counts. */
void ae_alarm_exec_finish(struct ae_alarm_exec *exec, bool failed);
void ae_alarm_exec_free(struct ae_alarm_exec *exec);

#endif
