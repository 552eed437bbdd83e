/* SPDX-License-Identifier: MIT */
/* ae-thresh --prom: counts in the form that node_exporter's textfile collector reads, and on SIGUSR1 for people. */
#ifndef AE_CLI_ALARM_PROM_H
#define AE_CLI_ALARM_PROM_H

#include "cli/program.h"

struct ae_alarm_counts {
	uint64_t rows, anomalies, unjudged, rejected, episodes, open, held_back;
	uint64_t taken, failed, dropped, waiting; /* of --exec */
	double score, threshold;                  /* of the last row */
	double observed;                          /* n_obs of it, NaN if there is none */
	int64_t last_row;                         /* when it came, milliseconds since 1970; 0: never */
};

/* Start with program and common, the rest zero. */
struct ae_alarm_prom {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *path; /* NULL: no file */
	int64_t written;  /* by ae_clock_ms */
	bool changed;     /* since it was written */
	uint64_t failed;
	bool told;
};

/* Takes the path, or NULL; an error where a file cannot be made. From now on SIGUSR1 asks for the counts. */
int ae_alarm_prom_start(struct ae_alarm_prom *prom, const char *path, struct ae_error *err) AE_MUST_CHECK;
/* Writes the file, where something has changed, once a second, and what SIGUSR1 asks for. What cannot be written is
   told once and counted. The milliseconds until it wants to be called again, 0 for never. */
int ae_alarm_prom_tend(struct ae_alarm_prom *prom, const struct ae_alarm_counts *counts);
/* Writes the file, and notes how often that failed. */
void ae_alarm_prom_finish(struct ae_alarm_prom *prom, const struct ae_alarm_counts *counts);

#endif
