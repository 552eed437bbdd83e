/* SPDX-License-Identifier: MIT */
/* ae-thresh --episodes, --exec, --prom: rows in groups become episodes, and these records. */
#ifndef AE_CLI_ALARM_H
#define AE_CLI_ALARM_H

#include "cli/alarm_exec.h"
#include "cli/alarm_options.h"
#include "cli/alarm_prom.h"
#include "cli/alarm_record.h"
#include "cli/series.h"
#include "model/lineage.h"
#include "model/threshold.h"
#include "stream/append.h"

enum { AE_ALARM_THRESHOLD = 160 };

/* What is kept of a group. */
struct ae_alarm_group {
	uint64_t id;         /* of its last episode */
	struct ae_time time; /* of its last row, once one had any */
	bool timed;
	_Alignas(max_align_t) unsigned char state[];
};

/* Start with program, common, options, left_out and series, whose group, max_gap and max_groups count here, the rest
   zero. Freed with ae_alarm_free. */
struct ae_alarm {
	const struct ae_program *program;
	const struct ae_common *common;
	const struct ae_alarm_options *options;
	const struct ae_series_options *series;
	struct ae_episode_rules rules;
	int64_t max_gap;
	const uint64_t *left_out; /* rows that the filter leaves out, or NULL */
	bool instead;             /* records are the output */
	bool logs;                /* there is a file */
	struct ae_outfile file;
	struct ae_append append;
	struct ae_alarm_exec exec;
	struct ae_alarm_prom prom;
	struct ae_alarm_counts counts;
	bool untimed; /* said that rows have no times */

	/* of the present stream */
	const struct ae_schema *in;
	const char *name;
	const struct ae_reader *reader;
	struct ae_alarm_columns columns;
	size_t observed; /* the column n_obs, AE_NO_COLUMN if there is none */
	size_t group;    /* AE_NO_COLUMN: all rows are one */
	const struct ae_lineage *lineage;
	struct ae_groups *groups;
	struct ae_anew anew;
	uint64_t done, forgotten;
	struct ae_episode_row *row;
	char threshold[AE_ALARM_THRESHOLD]; /* by which rows are judged, for the state */

	struct ae_buf line;
	struct ae_buf lines;    /* of the batch, which the file does not have yet */
	struct ae_data records; /* since the last batch, where they are the output */
	bool taken;             /* these are written */
	uint64_t bad_times;
};

/* Checks the options and opens the file. Before anything else. */
int ae_alarm_start(struct ae_alarm *alarm, struct ae_error *err) AE_MUST_CHECK;
/* For each stream; one that goes on from the one before (ae_reader_goes_on) keeps its episodes. The lineage outlives
   it. Episodes are per value of the column of --group; without that option of `group`, which may be AE_NO_COLUMN. */
int ae_alarm_begin(struct ae_alarm *alarm, const struct ae_reader *reader, const struct ae_lineage *lineage,
	size_t group, struct ae_error *err) AE_MUST_CHECK;
/* For each stream, before its state is read: rows are judged by a threshold of a model, by `at` where that is NULL, or,
   if that is NaN, by one that follows them. */
int ae_alarm_judged_by(
	struct ae_alarm *alarm, const struct ae_threshold *threshold, double at, struct ae_error *err) AE_MUST_CHECK;
/* The header of an output of records. */
int ae_alarm_schema(struct ae_schema *out, struct ae_error *err) AE_MUST_CHECK;
/* Where an output of records has its lines from. */
extern const struct ae_output_format ae_alarm_output;
/* The rows of a batch, with their scores, thresholds and verdicts. */
int ae_alarm_rows(struct ae_alarm *alarm, const struct ae_batch *in, const double *score, const double *threshold,
	const unsigned char *pred, struct ae_error *err) AE_MUST_CHECK;
/* The stream is over: ends what is open. With --state what is when no other stream follows goes on in the next run. */
int ae_alarm_last(struct ae_alarm *alarm, bool final, struct ae_error *err) AE_MUST_CHECK;
/* The records since the last call, as a batch of ae_alarm_schema. */
void ae_alarm_take(struct ae_alarm *alarm, struct ae_batch *out);
/* A filter's idle(). */
int ae_alarm_idle(struct ae_alarm *alarm);
/* A filter's end(): whether the file has all, and notes what there is to say. */
int ae_alarm_finish(struct ae_alarm *alarm, struct ae_error *err) AE_MUST_CHECK;
/* After any run: marks the file of one that failed, and gives the programs and the file of counts their time. */
void ae_alarm_close(struct ae_alarm *alarm, bool failed);
void ae_alarm_free(struct ae_alarm *alarm);

#endif
