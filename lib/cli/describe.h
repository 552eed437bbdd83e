/* SPDX-License-Identifier: MIT */
/* Models, networks, streams and their statistics as text for people, as ae-info prints them. All functions but
   ae_describe_values and ae_note_inputs write to standard output and leave its errors to the caller's fflush. */
#ifndef AE_CLI_DESCRIBE_H
#define AE_CLI_DESCRIBE_H

#include "cli/program.h"
#include "eval/stats.h"
#include "stream/reader.h"

struct ae_net;

/* The layers of a network, with output shapes and numbers of weights. */
void ae_describe_net(const struct ae_net *net);
/* The same of a network given as text or @FILE, with the activations of the dash form, for rows of a shape: NULL where
   the text tells it. */
int ae_describe_text_net(const char *net, const char *hidden_act, const char *out_act, const char *shape,
	struct ae_error *err) AE_MUST_CHECK;
/* The shell pipeline that scores with the model file at path. */
int ae_describe_pipeline(const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The model file at path, with the memory it takes to apply it with so many threads; one that cannot be read is an
   error. */
int ae_describe_model(const char *path, int threads, struct ae_error *err) AE_MUST_CHECK;
/* A file of --state: whose it is, of which rows it is made, and how many. */
int ae_describe_state(const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The header of the reader's present stream: name, columns, scaler and lineage; with inputs the name of every
   value of x too. */
int ae_describe_stream(const struct ae_reader *reader, bool inputs, struct ae_error *err) AE_MUST_CHECK;
/* What a column of several values holds, for a note: `x: 3 values: "a", "b", "c"` if they have names and are up to 20,
   else `x: 140 values, "x.1" to "x.140"`. Writes to text alone, and returns it. */
char *ae_describe_values(char *text, const struct ae_column *column);
enum { AE_VALUES_TEXT = 1500 };
/* Notes it if it lists the names. */
void ae_note_inputs(const struct ae_program *program, const struct ae_common *common, const struct ae_column *column);
/* A table of the statistics, one line an element: name, min, max, mean, standard deviation of the population, missing
   values. Nothing if no rows were added. */
void ae_describe_stats(const struct ae_stats *stats, const struct ae_schema *schema);

#endif
