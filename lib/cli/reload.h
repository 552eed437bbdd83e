/* SPDX-License-Identifier: MIT */
/* --reload: the first program of a chain looks at the model's file from time to time. A new one ends the stream, and
   the header of the next carries it to the programs behind (ae_model_of_stream). And what streams go on with that are
   `continued`. */
#ifndef AE_CLI_RELOAD_H
#define AE_CLI_RELOAD_H

#include "cli/program.h"
#include "core/outfile.h"

/* All zero; freed with ae_reload_free. */
struct ae_reload {
	const struct ae_program *program;
	const struct ae_common *common;
	const char *path;       /* NULL: nobody asked for it */
	struct ae_buf of;       /* what programs behind know it by (ae_carried_name) */
	struct ae_model *model; /* in use, and its file */
	struct ae_buf bytes;
	struct ae_model *next_model; /* that is to take its place */
	struct ae_buf next;
	struct ae_file_stamp known;    /* what was found there is in use, or was told of */
	struct ae_file_stamp doubtful; /* it was bad once: it may not be whole yet */
	int64_t looked;                /* when, by ae_clock_ms */
};

/* With --reload reads the model's file. ae_program_start has taken SIGHUP, which may come at once. */
int ae_reload_start(struct ae_reload *reload, const struct ae_program *program, const struct ae_common *common,
	struct ae_error *err) AE_MUST_CHECK;
/* For each stream: puts the model in use into its header. An input that is AEST comes from another program, which is an
   error that says who takes --reload. */
int ae_reload_put(struct ae_reload *reload, struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
/* Whether there is a new model that can take the place of the one in use. Looks a few times a second at most, and at
   once after SIGHUP. What cannot is told, once for each change. */
bool ae_reload_look(struct ae_reload *reload);
/* The milliseconds until it wants to look, or 0. */
int ae_reload_wait(const struct ae_reload *reload);
/* The new one is used from now on: the present header carries it, and is that of a stream that goes on. */
int ae_reload_take(struct ae_reload *reload, struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
/* It cannot be used: the one before is again. `why` is told. */
int ae_reload_undo(struct ae_reload *reload, struct ae_reader *reader, const struct ae_error *why,
	struct ae_error *err) AE_MUST_CHECK;
/* It is, after so many rows: the one before is dropped. */
void ae_reload_settle(struct ae_reload *reload, uint64_t rows);
void ae_reload_free(struct ae_reload *reload);

/* What the values of the stream before are. All zero; values freed with ae_buf_free. */
struct ae_past {
	bool any;
	struct ae_buf values;
};
/* Says of each stream, before anything else, whether its rows go on where those before ended (ae_reader_goes_on): it is
   `continued`, all steps before were the same, and scores are of the same kind. */
int ae_past_follow(struct ae_past *past, struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;

#endif
