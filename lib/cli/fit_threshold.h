/* SPDX-License-Identifier: MIT */
/* ae-thresh --fit: from a stream of errors to a threshold in a file. */
#ifndef AE_CLI_FIT_THRESHOLD_H
#define AE_CLI_FIT_THRESHOLD_H

#include "cli/program.h"
#include "eval/truth.h"
#include "model/lineage.h"
#include "model/threshold.h"
#include "stream/where.h"

struct ae_fit_options {
	const char *method; /* NULL: nothing is fitted */
	const char *save;
	const char *group; /* the column whose groups have values of their own, NULL: none have */
	struct ae_opt_list where;
	struct ae_labels truth;
	struct ae_threshold_rule rule; /* what method says */
	bool scaled, compare;
	uint64_t bootstrap; /* resamples; UINT64_MAX: none */
	uint64_t seed;
};

/* Rows of the program's table: what goes with --fit, or alone. */
#define AE_OPTIONS_FIT(o_)                                                                                             \
	AE_WORD("fit", 0, &(o_)->method, "METHOD", ae_threshold_forms,                                                 \
		"fit %s, and print it; K*METHOD is K times its value"),                                                \
		AE_FILE_OUT("save", 0, &(o_)->save, "FILE", "with --fit: keep it alone in FILE, for -m"),              \
		AE_FLAG("scaled", 0, &(o_)->scaled, "err without lineage was made with this model"),                   \
		AE_LIST("where", 'w', &(o_)->where, "COND", "with --fit: only rows where COL OP VALUE holds"),         \
		AE_TEXT_OPTION("normal", 0, &(o_)->truth.normal, "LABEL",                                              \
			"with --fit: rows of this label are normal, all others anomalies"),                            \
		AE_TEXT_OPTION("anomaly", 0, &(o_)->truth.anomaly, "LABEL",                                            \
			"with --fit: rows of this label are anomalies, all others normal"),                            \
		AE_COUNT("bootstrap", 0, &(o_)->bootstrap, 1, 1000000, "N",                                            \
			"with --fit: print the interval of 95% of N resamples too"),                                   \
		AE_COUNT("seed", 0, &(o_)->seed, 0, UINT64_MAX, "S", "seed of --bootstrap"),                           \
		AE_FLAG("compare", 0, &(o_)->compare, "print what each method flags, and write nothing"),              \
		AE_GOES_WITH("seed", "bootstrap"), AE_GOES_WITH("scaled", "model"),                                    \
		AE_EXCLUDES("output O csv tsv headerless batch-rows", "fit compare")

/* Checks what --fit and the options that go with it say, and sets rule. */
int ae_fit_check(struct ae_fit_options *options, const struct ae_common *common, struct ae_error *err) AE_MUST_CHECK;

/* Reads the errors, and prints the threshold, and its interval, as it puts it into common->model or options->save,
   unless that has changed meanwhile. */
int ae_fit_threshold(const struct ae_fit_options *options, const struct ae_program *program,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* The conditions and the stream of errors. */
int ae_fit_open(struct ae_reader **reader, struct ae_where **where, const struct ae_fit_options *options,
	const struct ae_common *common, char *const *files, size_t count, struct ae_error *err) AE_MUST_CHECK;

/* The column of the score, and the lineage of its stream, all zero or in use before. */
int ae_err_lineage(
	struct ae_lineage *lineage, const struct ae_reader *reader, size_t *column, struct ae_error *err) AE_MUST_CHECK;
/* For a threshold and a stream of which only one says which model made its errors: an error, unless --scaled says that
   it was this model. */
int ae_check_vouched(const struct ae_fit_options *options, const char *model, const struct ae_reader *reader,
	struct ae_error *err) AE_MUST_CHECK;

#endif
