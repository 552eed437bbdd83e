/* SPDX-License-Identifier: MIT */
/* A report on verdicts: one page of HTML, section by section, from one pass over the rows. */
#ifndef AE_REPORT_REPORT_H
#define AE_REPORT_REPORT_H

#include "core/timestamp.h"
#include "eval/truth.h"
#include "model/lineage.h"
#include "model/model.h"
#include "model/threshold.h"
#include "report/html.h"
#include "stream/reader.h"

/* All sections, in the order of the page. A new one is a row here, and a file section_NAME.c that defines
   ae_section_NAME. */
#define AE_REPORT_SECTIONS(SECTION)                                                                                    \
	SECTION(metrics)                                                                                               \
	SECTION(hist)                                                                                                  \
	SECTION(score)                                                                                                 \
	SECTION(episodes)                                                                                              \
	SECTION(worst)                                                                                                 \
	SECTION(losses)                                                                                                \
	SECTION(data)                                                                                                  \
	SECTION(model)

#define AE_REPORT_COUNT(name) +1
enum { AE_REPORT_PARTS = 0 AE_REPORT_SECTIONS(AE_REPORT_COUNT) };

/* Strings may be NULL, and are borrowed. */
struct ae_report_options {
	const char *title;
	const char *model; /* its path, as the command line has it */
	const char *log;   /* of the training */
	struct ae_labels labels;
	const char *const *floors; /* [floor_count], NAME=FILE each */
	size_t floor_count;
	const struct ae_reader_options *in; /* how files of text are read */
};

/* The columns that sections read; AE_NO_COLUMN where there are none. */
struct ae_report_columns {
	size_t x, recon, score, pred, label, time, id;
	size_t group; /* of --group of the programs before, with one value a row */
};

/* Start from zero, then set options; freed with ae_report_free. */
struct ae_report {
	const struct ae_report_options *options;
	struct ae_model *model;
	const struct ae_threshold *threshold; /* of the model, or NULL */
	struct ae_schema schema;              /* of the rows */
	struct ae_lineage lineage;
	struct ae_report_columns at;
	bool has_truth; /* options and stream say what is an anomaly */
	bool is_series; /* rows follow each other: they have times, or were made one by one from those before */
	uint64_t rows;
	struct ae_html page;
	void *parts[AE_REPORT_PARTS]; /* the state of each section */
	unsigned figures;             /* drawn so far */
};

/* A section. Functions return 0, or -1 and *err, which does not name the input of the rows; those that it does not need
   are NULL. */
struct ae_report_section {
	const char *title;
	/* Allocates *state, which may stay NULL. */
	int (*begin)(struct ae_report *report, void **state, struct ae_error *err);
	/* Takes rows, at least one; keeps nothing of the batch. */
	int (*add)(struct ae_report *report, void *state, const struct ae_batch *batch, struct ae_error *err);
	/* A stream has ended and another one begins. */
	int (*boundary)(struct ae_report *report, void *state, struct ae_error *err);
	/* Adds what is below the title to report->page. */
	int (*write)(struct ae_report *report, void *state, struct ae_error *err);
	/* Frees the state, which is NULL if begin() did not make any. */
	void (*free)(void *state);
};

/* Reads the model and holds it against the stream; verdicts of another model are an error. */
int ae_report_begin(struct ae_report *report, const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
int ae_report_add(struct ae_report *report, const struct ae_batch *batch, struct ae_error *err) AE_MUST_CHECK;
int ae_report_boundary(struct ae_report *report, struct ae_error *err) AE_MUST_CHECK;
/* After the last row, if there was any: the page is in report->page.text. */
int ae_report_end(struct ae_report *report, struct ae_error *err) AE_MUST_CHECK;
void ae_report_free(struct ae_report *report);

/* ---- for the sections ---- */

/* What a row is; AE_TRUTH_NONE where nobody says. */
enum ae_truth ae_report_truth(const struct ae_report *report, const struct ae_batch *batch, size_t row);
/* The score of a row, NaN if it has none. */
double ae_report_score(const struct ae_report *report, const struct ae_batch *batch, size_t row);
/* Whether a row has a time, which is *time then. */
bool ae_report_time(const struct ae_report *report, const struct ae_batch *batch, size_t row, struct ae_time *time);
/* Copies the beginning of a text, at most size - 1 bytes of whole characters, and a NUL. */
void ae_report_copy_text(char *to, size_t size, const char *text, size_t len);
/* A path without its folders. */
const char *ae_report_file(const char *path);

#define AE_REPORT_DECLARE(name) extern const struct ae_report_section ae_section_##name;
AE_REPORT_SECTIONS(AE_REPORT_DECLARE)

#endif
