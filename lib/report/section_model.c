/* SPDX-License-Identifier: MIT */
/* The section of the model: network, training, preparation, threshold and pipeline. */
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "model/pipeline.h"
#include "net/net.h"
#include "report/report.h"

static void add_layer(struct ae_html *page, const char *part, const char *name, const struct ae_shape *shape, size_t n)
{
	char text[AE_SHAPE_TEXT];
	ae_html_add(page, "<tr><td>");
	ae_html_text(page, "%s", part);
	ae_html_add(page, "</td><td class=\"text\">");
	ae_html_text(page, "%s", name);
	ae_html_add(page, "</td><td>");
	ae_html_text(page, "%s", ae_shape_format(shape, text));
	ae_html_add(page, "</td><td>");
	ae_html_text(page, "%zu", n);
	ae_html_add(page, "</td></tr>\n");
}

static void add_layers(struct ae_html *page, const struct ae_net *net)
{
	size_t cut = ae_net_encoder_layers(net);
	ae_html_add(page,
		"<div class=\"scroll\"><table>\n<thead><tr><th>Part</th><th class=\"text\">Layer</th><th>Output"
		"</th><th>Parameters</th></tr></thead>\n<tbody>\n");
	add_layer(page, "", "input", ae_net_input(net), 0);
	for (size_t i = 0; i < ae_net_layers(net); i++)
		add_layer(page,
			i == 0     ? "encoder"
			: i == cut ? "decoder"
				   : "",
			ae_net_layer_name(net, i), ae_net_layer_output(net, i), ae_net_layer_params(net, i));
	ae_html_add(page, "</tbody></table></div>\n");
}

static int add_preparation(struct ae_html *page, const struct ae_prep *prep, struct ae_error *err)
{
	struct ae_buf text = {0};
	int rc = 0;
	if (prep->count == 0)
		ae_html_fact(page, "Preparation", "none");
	for (size_t i = 0; rc == 0 && i < prep->count; i++) {
		text.len = 0;
		rc = ae_prep_describe_step(&prep->steps[i], &text, err);
		ae_html_fact_begin(page, i == 0 ? "Preparation" : NULL);
		ae_html_bytes(page, (const char *)text.data, rc == 0 ? text.len : 0);
		ae_html_fact_end(page);
	}
	ae_buf_free(&text);
	return rc;
}

static void add_training(struct ae_report *r)
{
	char text[1000], losses[AE_MODEL_LOSSES_TEXT];
	struct ae_model *model = r->model;
	size_t members = ae_net_members(model->net);
	ae_html_fact(&r->page, "Training", "%s", ae_train_settings_format(&model->settings, text, sizeof(text)));
	if (members > 1)
		ae_html_fact(&r->page, "Ensemble", "%zu networks, whose reconstructions are averaged", members);
	for (size_t i = 0; i < members; i++) {
		ae_model_select(model, i);
		if (model->losses.epochs && members > 1)
			ae_html_fact(&r->page, i == 0 ? "Loss" : NULL, "member %zu: %s", i + 1,
				ae_model_losses_format(model, losses));
		else if (model->losses.epochs)
			ae_html_fact(&r->page, "Loss", "%s", ae_model_losses_format(model, losses));
	}
	ae_model_select(model, AE_NET_ALL);
	for (size_t i = 0; i < model->warnings.count; i++)
		ae_html_fact(&r->page, i == 0 ? "Warnings" : NULL, "%s", model->warnings.texts[i]);
}

static void add_threshold(struct ae_report *r)
{
	const struct ae_threshold *t = r->threshold;
	char value[AE_NUMBER_TEXT], rule[AE_THRESHOLD_TEXT], groups[AE_GROUPS_TEXT];
	if (!t) {
		ae_html_fact(&r->page, "Threshold", "none in this file");
		return;
	}
	ae_number_format_f64(value, t->value);
	ae_html_fact(&r->page, "Threshold", "%s, %s of %s over %llu %srows%s%s", value,
		ae_threshold_format(&t->rule, rule), *t->metric ? t->metric : "err", (unsigned long long)t->rows,
		t->held_out ? "held-out " : "", *t->smooth ? ", smoothed by " : "", t->smooth);
	if (t->groups.column)
		ae_html_fact(&r->page, NULL, "%s", ae_threshold_groups_format(&t->groups, groups));
}

static int add_pipeline(struct ae_report *r, struct ae_error *err)
{
	struct ae_buf text = {0};
	int rc = ae_pipeline_format(&text, r->model, ae_report_file(r->options->model), err);
	if (rc == 0) {
		ae_html_add(&r->page, "<h3>The pipeline that scores with it</h3>\n<pre>");
		ae_html_bytes(&r->page, (const char *)text.data, text.len);
		ae_html_add(&r->page, "</pre>\n");
	}
	ae_buf_free(&text);
	return rc;
}

static int write(struct ae_report *r, void *state, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	char text[AE_DIGEST_TEXT], shape[AE_SHAPE_TEXT];
	const struct ae_net *net = r->model->net;
	(void)state;
	if (ae_model_digest(r->model, digest, err) != 0)
		return -1;
	ae_html_add(&r->page, "<dl>\n");
	ae_html_fact(&r->page, "File", "%s", ae_report_file(r->options->model));
	ae_html_fact(&r->page, "Digest", "%s", ae_digest_format(text, digest, AE_DIGEST_SIZE));
	ae_html_fact(&r->page, "Network", "%s", ae_net_text(net));
	ae_html_fact(&r->page, "Parameters", "%zu", ae_net_weight_count(net));
	ae_html_fact(&r->page, "Latent", "%s of input %s", ae_shape_format(ae_net_latent(net), shape),
		ae_shape_format(ae_net_input(net), (char[AE_SHAPE_TEXT]){0}));
	add_training(r);
	if (add_preparation(&r->page, &r->model->prep, err) != 0)
		return -1;
	add_threshold(r);
	ae_html_add(&r->page, "</dl>\n");
	add_layers(&r->page, net);
	return add_pipeline(r, err);
}

const struct ae_report_section ae_section_model = {.title = "Model and preparation", .write = write};
