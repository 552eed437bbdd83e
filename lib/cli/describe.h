/* SPDX-License-Identifier: MIT */
/* Models, networks, streams and their statistics as text for people, as ae-info prints them. All functions write to
   standard output and leave its errors to the caller's fflush. */
#ifndef AE_CLI_DESCRIBE_H
#define AE_CLI_DESCRIBE_H

#include "eval/stats.h"
#include "stream/reader.h"

struct ae_net;

/* The layers of a network, with output shapes and numbers of weights. */
void ae_describe_net(const struct ae_net *net);
/* The model file at path; one that cannot be read is an error. */
int ae_describe_model(const char *path, struct ae_error *err) AE_MUST_CHECK;
/* The header of the reader's present stream: name, columns, scaler and lineage. */
int ae_describe_stream(const struct ae_reader *reader, struct ae_error *err) AE_MUST_CHECK;
/* A table of the statistics, one line an element: name, min, max, mean, standard deviation of the population, missing
   values. Nothing if no rows were added. */
void ae_describe_stats(const struct ae_stats *stats, const struct ae_schema *schema);

#endif
