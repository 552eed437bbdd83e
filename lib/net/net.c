/* SPDX-License-Identifier: MIT */
/* Parses the text of a network into ops and lays out its weights. */
#include "net/net_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/rng.h"
#include "core/util.h"
#include "net/layer_fusion.h"

#define WORDS_MAX 16
#define BLANKS " \t\r\n"

struct text_layer {
	char *name;
	struct ae_shape out;
	size_t weights;
};

struct ae_net {
	struct ae_shape input;
	struct ae_buf text;
	struct text_layer *layers;
	size_t layer_count, cut_layer;
	struct ae_layer *ops;
	size_t op_count, cut_op;
	struct ae_param *params;
	size_t param_count;
	float *weights; /* [members][weight_count] */
	size_t weight_count;
	size_t members, selected;
};

void ae_net_free(struct ae_net *net)
{
	if (!net)
		return;
	for (size_t i = 0; i < net->layer_count; i++)
		free(net->layers[i].name);
	ae_buf_free(&net->text);
	free(net->layers);
	free(net->ops);
	free(net->params);
	free(net->weights);
	free(net);
}

/* Returns the array with room for one more element, which is zero. The room doubles at powers of two. */
static void *grow(void *array, size_t count, size_t size, struct ae_error *err)
{
	if ((count & (count - 1)) == 0)
		array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		ae_fail_memory(err);
	else
		memset((char *)array + count * size, 0, size);
	return array;
}

static int add_params(struct ae_net *net, struct ae_layer *layer, struct ae_error *err)
{
	unsigned number = 1;
	for (size_t i = 0; i < net->op_count; i++)
		number += net->ops[i].type == layer->type;
	layer->offset = net->weight_count;
	for (size_t i = 0; i < layer->params; i++) {
		struct ae_param *params = grow(net->params, net->param_count, sizeof(*params), err);
		if (!params)
			return -1;
		net->params = params;
		struct ae_param *p = &params[net->param_count++];
		snprintf(p->name, sizeof(p->name), "%s%u.%s", layer->type->name, number, layer->param[i].name);
		p->shape = layer->param[i].shape;
		p->trained = layer->param[i].trained;
		p->offset = net->weight_count;
		net->weight_count += ae_shape_size(&p->shape);
	}
	return 0;
}

static int add_op(struct ae_net *net, struct ae_layer *layer, struct ae_error *err)
{
	layer->text_layer = net->layer_count;
	layer->place = layer->stats_op = net->op_count;
	layer->in = net->op_count ? net->ops[net->op_count - 1].out : net->input;
	if (layer->type->bind(layer, err) != 0 || ae_shape_check_memory(&layer->out, err) != 0)
		return -1;
	if (layer->weights > INT32_MAX - net->weight_count)
		return ae_fail_usage(err, "\"%s\": more than %d weights in all", layer->text, INT32_MAX);
	if (add_params(net, layer, err) != 0)
		return -1;
	layer->before = NULL;
	struct ae_layer *ops = grow(net->ops, net->op_count, sizeof(*ops), err);
	if (!ops)
		return -1;
	net->ops = ops;
	ops[net->op_count++] = *layer;
	return 0;
}

/* Reads one word with its arguments and adds its op; *used is the number of words it took. */
static int add_word(struct ae_net *net, char *const *words, size_t n, bool starts, size_t *used, struct ae_buf *name,
	struct ae_error *err)
{
	const char *colon = strchr(words[0], ':');
	size_t len = colon ? (size_t)(colon - words[0]) : strlen(words[0]);
	const struct ae_layer_ops *type = ae_layer_find(words[0], len);
	if (!type)
		return ae_fail_word(err, starts ? "layer" : "activation", words[0],
			starts ? ae_layer_first_word : ae_layer_later_word);
	if (starts && !(type->flags & AE_LAYER_FIRST))
		return ae_fail_usage(err, "\"%s\" follows a layer, as in \"dense 32 %s\"", words[0], words[0]);
	if (!starts && !(type->flags & AE_LAYER_FOLLOWS))
		return ae_fail_usage(err, "\"%s\" starts a new layer: expected a comma before it", words[0]);
	struct ae_layer layer = {.type = type};
	if (type->parse(&layer, colon ? colon + 1 : NULL, words + 1, n - 1, used, err) != 0)
		return -1;
	++*used;
	if (type->flags & AE_LAYER_IDENTITY)
		return 0;
	layer.before = net->layer_count ? net->layers[net->layer_count - 1].name : NULL;
	if (name->len > 0) {
		if (ae_buf_append(name, "", 1, err) != 0)
			return -1;
		name->len--;
		layer.before = (const char *)name->data;
	}
	if (add_op(net, &layer, err) != 0)
		return -1;
	if (name->len > 0 && ae_buf_append(name, " ", 1, err) != 0)
		return -1;
	return ae_buf_append(name, layer.text, strlen(layer.text), err);
}

/* Adds the layer of these words; modifies text. */
static int add_layer(struct ae_net *net, char *text, struct ae_error *err)
{
	char *words[WORDS_MAX], *rest = NULL;
	size_t n = 0;
	for (char *word = strtok_r(text, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest)) {
		if (n == WORDS_MAX)
			return ae_fail_usage(err, "\"%s\": more than %d words in one layer", word, WORDS_MAX);
		words[n++] = word;
	}
	if (net->layer_count == AE_NET_LAYERS_MAX)
		return ae_fail_usage(err, "\"%s\": more than %d layers", words[0], AE_NET_LAYERS_MAX);
	struct ae_buf name = {0};
	size_t before = net->weight_count;
	for (size_t i = 0, used; i < n; i += used)
		if (add_word(net, words + i, n - i, i == 0, &used, &name, err) != 0) {
			ae_buf_free(&name);
			return -1;
		}
	struct text_layer layer = {.name = ae_strndup((char *)name.data, name.len, err),
		.out = net->ops[net->op_count - 1].out,
		.weights = net->weight_count - before};
	ae_buf_free(&name);
	struct text_layer *layers = layer.name ? grow(net->layers, net->layer_count, sizeof(*layers), err) : NULL;
	if (!layers) {
		free(layer.name);
		return -1;
	}
	net->layers = layers;
	layers[net->layer_count++] = layer;
	return 0;
}

static int parse_list(struct ae_net *net, char *text, struct ae_error *err)
{
	char last = '\0';
	for (char *at = text;; at++) {
		size_t len = strcspn(at, ",|");
		char end = at[len];
		bool blank = strspn(at, BLANKS) >= len;
		if (blank && end)
			return ae_fail_usage(err, "expected a layer before \"%c\"", end);
		if (blank && last != '|')
			return last ? ae_fail_usage(err, "expected a layer after \"%c\"", last)
				    : ae_fail_usage(err, "the text is empty");
		if (end == '|' && net->cut_layer)
			return ae_fail_usage(err, "more than one \"|\"");
		at[len] = '\0';
		if (!blank && add_layer(net, at, err) != 0)
			return -1;
		if (end == '|')
			net->cut_layer = net->layer_count;
		if (!end)
			return 0;
		last = end;
		at += len;
	}
}

/* The list form of "140-32-8|32-140". */
static int dash_to_list(struct ae_buf *list, const char *text, const char *act, const char *out,
	const struct ae_shape *input, struct ae_error *err)
{
	size_t size = ae_shape_size(input);
	char shape[AE_SHAPE_TEXT];
	bool first = true;
	for (const char *at = text; *at;) {
		size_t len = strspn(at, "0123456789");
		char units[24] = "", after = at[len];
		uint64_t n;
		if (len == 0)
			return ae_fail_usage(
				err, "\"%s\": expected a number of units after \"%.*s\"", text, (int)(at - text), text);
		if (after && after != '-' && after != '|')
			return ae_fail_usage(
				err, "\"%s\": expected \"-\" after \"%.*s\"", text, (int)(at + len - text), text);
		if (after && !at[len + 1])
			return ae_fail_usage(err, "\"%s\": expected a number of units after \"%s\"", text, text);
		memcpy(units, at, len < sizeof(units) ? len : sizeof(units) - 1);
		if (ae_parse_u64(&n, units, 1, 1 << 24) != 0 && !first)
			return ae_fail_usage(err, "\"%s\": \"%.*s\" is not a number of units from 1 to %d", text,
				(int)len, at, 1 << 24);
		if (first && (ae_parse_u64(&n, units, 1, INT32_MAX) != 0 || n != size))
			return ae_fail(err, "\"%s\" takes %.*s values, but a row %s has %zu", text, (int)len, at,
				ae_shape_format(input, shape), size);
		if (first && after != '-')
			return ae_fail_usage(
				err, "\"%s\": expected \"-\" and a number of units after \"%.*s\"", text, (int)len, at);
		char words[64];
		snprintf(words, sizeof(words), "dense %s ", units);
		if (!first && (ae_buf_append(list, words, strlen(words), err) != 0 ||
				      ae_buf_append(list, after ? act : out, strlen(after ? act : out), err) != 0 ||
				      ae_buf_append(list, after == '|' ? "|" : ",", after ? 1 : 0, err) != 0))
			return -1;
		first = false;
		at += len + (after != '\0');
	}
	return ae_buf_append(list, "", 1, err);
}

/* A copy of text without the blanks around it. */
static char *trimmed(const char *text, struct ae_error *err)
{
	text += strspn(text, BLANKS);
	size_t len = strlen(text);
	while (len > 0 && strchr(BLANKS, text[len - 1]))
		len--;
	return ae_strndup(text, len, err);
}

/* One activation and nothing else, such as "leakyrelu:0.2". Its argument is checked with the layer. */
static int check_activation(const char *word, struct ae_error *err)
{
	const struct ae_layer_ops *type = ae_layer_find(word, strcspn(word, ":"));
	bool one = type && type->flags & AE_LAYER_ACTIVATION && !word[strcspn(word, ",|" BLANKS)];
	return one ? 0 : ae_fail_word(err, "activation", word, ae_activation_word);
}

static int parse(struct ae_net *net, const char *text, const char *act, const char *out, struct ae_error *err)
{
	char *copy = trimmed(text, err);
	if (!copy)
		return -1;
	struct ae_buf list = {0};
	int failed;
	if (*copy >= '0' && *copy <= '9') {
		act = act ? act : "relu";
		out = out ? out : "linear";
		failed = check_activation(act, err) != 0 || check_activation(out, err) != 0 ||
			 dash_to_list(&list, copy, act, out, &net->input, err) != 0 ||
			 parse_list(net, (char *)list.data, err) != 0;
	} else if (act || out) {
		failed = ae_fail_usage(err,
			"\"%s\" goes with the dash form alone, such as 140-32-140; in a list of layers "
			"each names its own activation",
			act ? act : out);
	} else {
		failed = parse_list(net, copy, err);
	}
	ae_buf_free(&list);
	free(copy);
	return failed ? -1 : 0;
}

/* Finds the latent cut and writes the canonical text. */
static int finish(struct ae_net *net, struct ae_error *err)
{
	if (!net->cut_layer) {
		size_t best = 0;
		for (size_t i = 1; i + 1 < net->layer_count; i++)
			if (ae_shape_size(&net->layers[i].out) < ae_shape_size(&net->layers[best].out))
				best = i;
		net->cut_layer = best + 1;
	}
	while (net->cut_op < net->op_count && net->ops[net->cut_op].text_layer < net->cut_layer)
		net->cut_op++;
	for (size_t i = 0; i < net->layer_count; i++) {
		const char *before = i == 0 ? "" : i == net->cut_layer ? " | " : ", ";
		const char *name = net->layers[i].name;
		if (ae_buf_append(&net->text, before, strlen(before), err) != 0 ||
			ae_buf_append(&net->text, name, strlen(name), err) != 0)
			return -1;
	}
	const char *end = net->cut_layer == net->layer_count ? " |" : "";
	if (ae_buf_append(&net->text, end, strlen(end) + 1, err) != 0)
		return -1;
	ae_layers_fuse(net->ops, net->op_count, net->cut_op);
	return 0;
}

int ae_net_outline(struct ae_net **net, const char *text, const char *act, const char *out,
	const struct ae_shape *input, struct ae_error *err)
{
	struct ae_net *result = ae_calloc(1, sizeof(*result), err);
	if (!result)
		return -1;
	result->input = *input;
	result->members = 1;
	result->selected = AE_NET_ALL;
	if (ae_shape_check_memory(input, err) != 0 || parse(result, text, act, out, err) != 0 ||
		finish(result, err) != 0) {
		ae_net_free(result);
		return ae_fail_in(err, "network: ");
	}
	*net = result;
	return 0;
}

int ae_net_make_weights(struct ae_net *net, struct ae_error *err)
{
	size_t n = ae_product(net->weight_count, net->members);
	net->weights = ae_calloc(n, sizeof(*net->weights), err);
	return net->weights ? 0 : -1;
}

void ae_net_set_members(struct ae_net *net, size_t members)
{
	net->members = members;
}

size_t ae_net_members(const struct ae_net *net)
{
	return net->members;
}

void ae_net_select(struct ae_net *net, size_t member)
{
	net->selected = member;
}

size_t ae_net_selected(const struct ae_net *net)
{
	return net->selected;
}

const float *ae_net_member_weights(const struct ae_net *net, size_t member)
{
	return net->weights + member * net->weight_count;
}

int ae_net_parse(struct ae_net **net, const char *text, const char *act, const char *out, const struct ae_shape *input,
	struct ae_error *err)
{
	struct ae_net *result;
	if (ae_net_outline(&result, text, act, out, input, err) != 0)
		return -1;
	if (ae_net_make_weights(result, err) != 0) {
		ae_net_free(result);
		return -1;
	}
	*net = result;
	return 0;
}

const char *ae_net_text(const struct ae_net *net)
{
	return (const char *)net->text.data;
}

const struct ae_shape *ae_net_input(const struct ae_net *net)
{
	return &net->input;
}

const struct ae_shape *ae_net_latent(const struct ae_net *net)
{
	return &net->layers[net->cut_layer - 1].out;
}

const struct ae_shape *ae_net_output(const struct ae_net *net)
{
	return &net->layers[net->layer_count - 1].out;
}

size_t ae_net_layers(const struct ae_net *net)
{
	return net->layer_count;
}

const char *ae_net_layer_name(const struct ae_net *net, size_t i)
{
	return net->layers[i].name;
}

const struct ae_shape *ae_net_layer_output(const struct ae_net *net, size_t i)
{
	return &net->layers[i].out;
}

size_t ae_net_layer_params(const struct ae_net *net, size_t i)
{
	return net->layers[i].weights;
}

size_t ae_net_params(const struct ae_net *net)
{
	return net->param_count;
}

const struct ae_param *ae_net_param(const struct ae_net *net, size_t i)
{
	return &net->params[i];
}

float *ae_net_weights(struct ae_net *net)
{
	return net->weights + (net->selected == AE_NET_ALL ? 0 : net->selected * net->weight_count);
}

size_t ae_net_weight_count(const struct ae_net *net)
{
	return net->weight_count;
}

size_t ae_net_ops(const struct ae_net *net)
{
	return net->op_count;
}

const struct ae_layer *ae_net_op(const struct ae_net *net, size_t i)
{
	return &net->ops[i];
}

size_t ae_net_encoder_layers(const struct ae_net *net)
{
	return net->cut_layer;
}

size_t ae_net_cut(const struct ae_net *net)
{
	return net->cut_op;
}

static void init_param(float *w, const struct ae_layer_param *param, size_t n, uint64_t seed, uint64_t stream)
{
	double limit = sqrt(6.0 / ((double)param->fan_in + (double)param->fan_out));
	for (size_t i = 0; i < n; i++)
		w[i] = param->init == AE_INIT_GLOROT
			       ? (float)((2 * ae_rng_uniform(seed, AE_RNG_HI(AE_RNG_INIT, stream), i) - 1) * limit)
			       : (float)(param->init == AE_INIT_ONE);
}

void ae_net_init(struct ae_net *net, uint64_t seed)
{
	size_t at = 0;
	for (size_t i = 0; i < net->op_count; i++)
		for (size_t j = 0; j < net->ops[i].params; j++, at++) {
			size_t n = ae_shape_size(&net->params[at].shape);
			init_param(ae_net_weights(net) + net->params[at].offset, &net->ops[i].param[j], n, seed, at);
		}
}

void ae_net_output_range(const struct ae_net *net, double *low, double *high)
{
	const struct ae_layer_ops *last = net->ops[net->op_count - 1].type;
	bool bounded = last->output[0] != 0 || last->output[1] != 0;
	*low = bounded ? last->output[0] : -INFINITY;
	*high = bounded ? last->output[1] : INFINITY;
}
