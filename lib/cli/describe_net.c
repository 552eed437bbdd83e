/* SPDX-License-Identifier: MIT */
/* Networks as text for people, and the pipeline of a model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/describe.h"
#include "model/pipeline.h"
#include "net/net.h"
#include "train/pca.h"

static void print_layers(const struct ae_net *net, size_t first, size_t end, const char *part)
{
	size_t total = 0;
	char shape[AE_SHAPE_TEXT];
	for (size_t i = first; i < end; i++) {
		printf("%-11s %-32s %-16s %zu\n", i == first ? part : "", ae_net_layer_name(net, i),
			ae_shape_format(ae_net_layer_output(net, i), shape), ae_net_layer_params(net, i));
		total += ae_net_layer_params(net, i);
	}
	if (end > first)
		printf("%-11s %-32s %-16s %zu\n", "", "", "", total);
}

void ae_describe_net(const struct ae_net *net)
{
	size_t cut = ae_net_encoder_layers(net);
	char shape[AE_SHAPE_TEXT];
	printf("%-11s %-32s %-16s %s\n", "", "layer", "output", "weights");
	printf("%-11s %-32s %s\n", "", "input", ae_shape_format(ae_net_input(net), shape));
	print_layers(net, 0, cut, "encoder");
	print_layers(net, cut, ae_net_layers(net), "decoder");
	printf("%-11s %zu\n", "weights", ae_net_weight_count(net));
}

/* The dash form begins with the number of inputs; a list of layers needs --shape. */
static int find_shape(struct ae_shape *shape, const char *net, const char *given, struct ae_error *err)
{
	char first[16] = "";
	size_t units = strspn(net, "0123456789");
	if (given)
		return ae_shape_parse(shape, given, err);
	if (units == 0 || units >= sizeof(first))
		return ae_fail_usage(err, "--net with a list of layers, or pca:K, needs --shape");
	memcpy(first, net, units);
	return ae_shape_parse(shape, first, err);
}

int ae_describe_text_net(
	const char *net_text, const char *hidden_act, const char *out_act, const char *shape_text, struct ae_error *err)
{
	struct ae_net *net;
	struct ae_shape shape;
	bool pca;
	size_t components;
	if (ae_pca_parse(&pca, &components, net_text, err) != 0)
		return -1;
	char *text = ae_read_argument(net_text, err);
	if (!text)
		return -1;
	int rc = find_shape(&shape, text, shape_text, err);
	if (rc == 0 && pca) {
		free(text);
		text = ae_pca_net_text(components, &shape, err);
		rc = text ? 0 : -1;
	}
	if (rc == 0)
		rc = ae_net_parse(&net, text, hidden_act, out_act, &shape, err);
	free(text);
	if (rc != 0)
		return -1;
	printf("%-11s %s\n", "network", ae_net_text(net));
	ae_describe_net(net);
	ae_net_free(net);
	return 0;
}

int ae_describe_pipeline(const char *path, struct ae_error *err)
{
	struct ae_model *model;
	struct ae_buf text = {0};
	const struct ae_model_from from = {.path = path};
	if (ae_model_read_applied(&model, &from, NULL, err) != 0)
		return -1;
	int rc = ae_pipeline_format(&text, model, path, err);
	if (rc == 0)
		printf("%.*s\n", (int)text.len, (const char *)text.data);
	ae_buf_free(&text);
	ae_model_free(model);
	return rc;
}
