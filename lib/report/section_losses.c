/* SPDX-License-Identifier: MIT */
/* The section of the losses: the log of the training, drawn. */
#include <math.h>
#include <stdlib.h>

#include "report/figure.h"

struct part {
	struct ae_chart_options options;
	struct ae_chart chart;
	struct ae_schema schema;
};

static void free_part(void *state)
{
	struct part *p = state;
	ae_chart_free(&p->chart);
	ae_schema_free(&p->schema);
	free(p);
}

static int add_rows(void *arg, const struct ae_batch *batch, struct ae_error *err)
{
	struct part *p = arg;
	return p->chart.kind->add(&p->chart, batch, err);
}

static int read_log(struct part *p, struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_drain drain = {.rows = add_rows, .arg = p, .more_passes = true};
	if (ae_schema_copy(&p->schema, ae_reader_schema(reader), err) != 0)
		return -1;
	p->chart.schema = &p->schema;
	if (p->chart.kind->begin(&p->chart, err) != 0)
		return ae_fail_in(err, "%s: ", ae_reader_name(reader));
	return ae_reader_drain(reader, &drain, err);
}

static int begin(struct ae_report *r, void **state, struct ae_error *err)
{
	char *files[] = {(char *)(uintptr_t)r->options->log};
	const struct ae_reader_options in = {.missing = ae_missing_word(AE_MISSING_MASK), .more_inputs = true};
	struct ae_reader *reader;
	if (!r->options->log)
		return 0;
	struct part *p = *state = ae_calloc(1, sizeof(*p), err);
	if (!p)
		return -1;
	ae_figure_prepare(&p->chart, &p->options);
	if (r->model->other_count == 0 && r->model->losses.epochs > 0)
		p->chart.kept_epoch = r->model->losses.kept;
	if (ae_chart_kind_find(&p->chart.kind, "loss", err) != 0 || ae_reader_open(&reader, files, 1, &in, err) != 0)
		return ae_fail_in(err, "--log: ");
	int rc = read_log(p, reader, err);
	ae_reader_close(reader);
	return rc == 0 ? 0 : ae_fail_in(err, "--log: ");
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	struct part *p = state;
	if (p)
		return ae_figure_add_chart(r, &p->chart, err);
	ae_html_missing(&r->page, "--log FILE shows the losses by epoch, from the log that ae-train --log writes.");
	return 0;
}

const struct ae_report_section ae_section_losses = {
	.title = "Losses",
	.begin = begin,
	.write = write,
	.free = free_part,
};
