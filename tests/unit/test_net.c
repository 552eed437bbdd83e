/* SPDX-License-Identifier: MIT */
/* The text of a network: canonical form, errors, shapes, weights and their first values. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "net/net.h"

static struct ae_error err;
static const struct ae_shape ecg = {.rank = 1, .dim = {140}};
static const struct ae_shape image = {.rank = 3, .dim = {4, 5, 3}};

static void text_is(const char *text, const char *act, const char *out, const char *canonical)
{
	struct ae_net *net, *again;
	if (ae_net_parse(&net, text, act, out, &ecg, &err) != 0) {
		CHECK(0, "%s: %s", text, err.text);
		return;
	}
	CHECK(strcmp(ae_net_text(net), canonical) == 0, "%s: \"%s\"", text, ae_net_text(net));
	if (ae_net_parse(&again, ae_net_text(net), NULL, NULL, &ecg, &err) != 0) {
		CHECK(0, "%s again: %s", ae_net_text(net), err.text);
	} else {
		CHECK(strcmp(ae_net_text(again), canonical) == 0, "again: \"%s\"", ae_net_text(again));
		CHECK(ae_net_weight_count(again) == ae_net_weight_count(net), "%s: weights differ", text);
		CHECK(ae_shape_equal(ae_net_latent(again), ae_net_latent(net)), "%s: latents differ", text);
		ae_net_free(again);
	}
	ae_net_free(net);
}

static void canonical(void)
{
	text_is("140-32-16-8-16-32-140", "relu", "sigmoid",
		"dense 32 relu, dense 16 relu, dense 8 relu | dense 16 relu, dense 32 relu, dense 140 sigmoid");
	text_is("140-32-140", NULL, NULL, "dense 32 relu | dense 140");
	text_is(" 140-8-8-140\n", "leakyrelu", "linear", "dense 8 leakyrelu:0.3 | dense 8 leakyrelu:0.3, dense 140");
	text_is("140-32|8-140", "leakyrelu:0.01", "tanh",
		"dense 32 leakyrelu:0.01 | dense 8 leakyrelu:0.01, dense 140 tanh");
	text_is("140-200-140", NULL, NULL, "dense 200 relu | dense 140");
	text_is("140-140", NULL, NULL, "dense 140 |");
	text_is("dense 32 relu,dense 8\trelu|dense 32 elu tanh , dense 140 linear", NULL, NULL,
		"dense 32 relu, dense 8 relu | dense 32 elu tanh, dense 140");
	text_is("dense 32, dense 4, dense 4, dense 140", NULL, NULL, "dense 32, dense 4 | dense 4, dense 140");
	text_is("flatten, dense 3 |", NULL, NULL, "flatten, dense 3 |");
	check_group("canonical text");
}

static void fails(const char *text, const char *act, const char *out, const char *message)
{
	struct ae_net *net;
	char expected[400];
	snprintf(expected, sizeof(expected), "network: %s", message);
	if (ae_net_parse(&net, text, act, out, &ecg, &err) == 0) {
		CHECK(0, "\"%s\" is taken", text);
		ae_net_free(net);
		return;
	}
	CHECK(err.status == AE_STATUS_USAGE, "%s: status %d", text, err.status);
	CHECK(strcmp(err.text, expected) == 0, "%s: \"%s\"", text, err.text);
}

/* Words that may follow a layer, or more than one word, are no activation of the dash form. */
static void bad_activations(void)
{
	struct ae_error err;
	static const char *const refused[] = {"dropout:0.1", "batchnorm", "flatten", "conv", "relu, dense 3", "tanh|",
		"relu batchnorm", "leakyrelu:0.1 relu", ""};
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		for (int last = 0; last < 2; last++) {
			struct ae_net *none;
			CHECK(ae_net_parse(&none, "140-8-140", last ? NULL : refused[i], last ? refused[i] : NULL, &ecg,
				      &err) != 0 &&
					err.status == AE_STATUS_USAGE &&
					strncmp(err.text, "network: unknown activation ", 28) == 0,
				"%s: %s", refused[i], err.text);
		}
}

static void bad_text(void)
{
	fails("dens 32", NULL, NULL, "unknown layer \"dens\"; did you mean dense?");
	fails("cov 16 3x3/2 relu", NULL, NULL, "unknown layer \"cov\"; did you mean conv?");
	fails("dense 32 rellu", NULL, NULL, "unknown activation \"rellu\"; did you mean relu?");
	fails("dense 32 dense 8", NULL, NULL, "\"dense\" starts a new layer: expected a comma before it");
	fails("dense 32, relu", NULL, NULL, "\"relu\" follows a layer, as in \"dense 32 relu\"");
	fails("dense", NULL, NULL, "expected a number of units after \"dense\", as in \"dense 32\"");
	fails("dense relu", NULL, NULL,
		"\"dense relu\": expected a number of units from 1 to 16777216 after \"dense\"");
	fails("dense 0", NULL, NULL, "\"dense 0\": expected a number of units from 1 to 16777216 after \"dense\"");
	fails("dense 16777217", NULL, NULL,
		"\"dense 16777217\": expected a number of units from 1 to 16777216 after \"dense\"");
	fails("dense 3 leakyrelu:-1", NULL, NULL,
		"\"leakyrelu:-1\": expected a slope such as 0.3 after \"leakyrelu:\"");
	fails("dense 3 relu:2", NULL, NULL, "\"relu:2\": relu takes no value");
	fails("dense 3,,dense 3", NULL, NULL, "expected a layer before \",\"");
	fails("dense 3,", NULL, NULL, "expected a layer after \",\"");
	fails("| dense 3", NULL, NULL, "expected a layer before \"|\"");
	fails("dense 3 | dense 4 | dense 3", NULL, NULL, "more than one \"|\"");
	fails("", NULL, NULL, "the text is empty");
	fails(" ", NULL, NULL, "the text is empty");
	fails("dense 10000000, dense 100", NULL, NULL, "\"dense 100\": more than 2147483647 weights in all");
	fails("dense 255, dense 16777216, dense 3", NULL, NULL,
		"\"dense 16777216\": more than 2147483647 weights"); /* 2^32 of them */
	fails("dense 1048576, dense 1048576, dense 3", NULL, NULL, "\"dense 1048576\": more than 2147483647 weights");
	fails("140", NULL, NULL, "\"140\": expected \"-\" and a number of units after \"140\"");
	fails("140--8", NULL, NULL, "\"140--8\": expected a number of units after \"140-\"");
	fails("140-8-", NULL, NULL, "\"140-8-\": expected a number of units after \"140-8-\"");
	fails("140-8x-140", NULL, NULL, "\"140-8x-140\": expected \"-\" after \"140-8\"");
	fails("140-0-140", NULL, NULL, "\"140-0-140\": \"0\" is not a number of units from 1 to 16777216");
	fails("140-99999999999999999999999-140", NULL, NULL,
		"\"140-99999999999999999999999-140\": \"99999999999999999999999\" is not a number of units from 1 to "
		"16777216");
	fails("140-8|8|140", NULL, NULL, "more than one \"|\"");
	fails("140-8-140", "sigmoyd", NULL, "unknown activation \"sigmoyd\"; did you mean sigmoid?");
	fails("140-8-140", NULL, "x.aem",
		"unknown activation \"x.aem\": expected linear, relu, leakyrelu, sigmoid, tanh, elu, gelu or silu");
	fails("dense 3", "relu", NULL,
		"\"relu\" goes with the dash form alone, such as 140-32-140; in a list of layers each names its own "
		"activation");
	struct ae_net *net;
	CHECK(ae_net_parse(&net, "141-8-141", NULL, NULL, &ecg, &err) != 0, "141 of 140");
	CHECK(err.status == AE_STATUS_DATA, "status %d", err.status);
	CHECK(strcmp(err.text, "network: \"141-8-141\" takes 141 values, but a row [140] has 140") == 0, "%s",
		err.text);
	char *text = calloc(1025, 8);
	for (int i = 0; i < 1025; i++)
		memcpy(text + strlen(text), i ? ",dense 1" : "dense 1", i ? 9 : 8);
	fails(text, NULL, NULL, "\"dense\": more than 1024 layers");
	text[8 * 1024 - 1] = '\0';
	CHECK(ae_net_parse(&net, text, NULL, NULL, &ecg, &err) == 0, "1024 layers: %s", err.text);
	ae_net_free(net);
	free(text);
	check_group("bad text");
}

static void views(void)
{
	struct ae_net *net;
	CHECK(ae_net_parse(&net, "dense 7 relu | dense 60 sigmoid", NULL, NULL, &image, &err) == 0, "%s", err.text);
	CHECK(ae_shape_equal(ae_net_input(net), &image), "input");
	CHECK(ae_net_latent(net)->rank == 1 && ae_net_latent(net)->dim[0] == 7, "latent");
	CHECK(ae_net_output(net)->rank == 1 && ae_net_output(net)->dim[0] == 60, "output");
	CHECK(ae_net_layers(net) == 2, "%zu layers", ae_net_layers(net));
	CHECK(strcmp(ae_net_layer_name(net, 1), "dense 60 sigmoid") == 0, "%s", ae_net_layer_name(net, 1));
	CHECK(ae_net_layer_params(net, 0) == 61 * 7, "%zu", ae_net_layer_params(net, 0));
	CHECK(ae_net_layer_output(net, 0)->dim[0] == 7, "%u", ae_net_layer_output(net, 0)->dim[0]);
	CHECK(ae_net_weight_count(net) == 61 * 7 + 8 * 60, "%zu", ae_net_weight_count(net));
	static const struct {
		const char *name;
		struct ae_shape shape;
		size_t offset;
	} params[] = {
		{"dense1.kernel", {.rank = 2, .dim = {60, 7}}, 0},
		{"dense1.bias", {.rank = 1, .dim = {7}}, 420},
		{"dense2.kernel", {.rank = 2, .dim = {7, 60}}, 427},
		{"dense2.bias", {.rank = 1, .dim = {60}}, 847},
	};
	CHECK(ae_net_params(net) == 4, "%zu params", ae_net_params(net));
	for (size_t i = 0; i < 4; i++) {
		const struct ae_param *p = ae_net_param(net, i);
		CHECK(strcmp(p->name, params[i].name) == 0, "%s", p->name);
		CHECK(ae_shape_equal(&p->shape, &params[i].shape), "%s", p->name);
		CHECK(p->offset == params[i].offset && p->trained, "%s at %zu", p->name, p->offset);
	}
	double low, high;
	ae_net_output_range(net, &low, &high);
	CHECK(low == 0 && high == 1, "range %g %g", low, high);
	ae_net_free(net);
	CHECK(ae_net_parse(&net, "140-8-140", NULL, NULL, &ecg, &err) == 0, "%s", err.text);
	ae_net_output_range(net, &low, &high);
	CHECK(low == -INFINITY && high == INFINITY, "range %g %g", low, high);
	ae_net_free(net);
	check_group("views");
}

static void init(void)
{
	struct ae_net *net, *other;
	CHECK(ae_net_parse(&net, "140-60-140", NULL, NULL, &ecg, &err) == 0, "%s", err.text);
	CHECK(ae_net_parse(&other, "140-60-140", NULL, NULL, &ecg, &err) == 0, "%s", err.text);
	ae_net_init(net, 1);
	ae_net_init(other, 1);
	size_t bytes = ae_net_weight_count(net) * sizeof(float);
	CHECK(memcmp(ae_net_weights(net), ae_net_weights(other), bytes) == 0, "the same seed gives other weights");
	ae_net_init(other, 2);
	CHECK(memcmp(ae_net_weights(net), ae_net_weights(other), bytes) != 0, "another seed gives the same weights");
	const float *w = ae_net_weights(net);
	double limit = sqrt(6.0 / 200), sum = 0, square = 0;
	for (int i = 0; i < 140 * 60; i++) {
		CHECK(fabsf(w[i]) <= (float)limit, "weight %g", (double)w[i]);
		sum += (double)w[i] / 8400;
		square += (double)w[i] * (double)w[i] / 8400;
	}
	CHECK(fabs(sum) < limit / 50 && fabs(square - limit * limit / 3) < limit * limit / 50, "%g %g", sum, square);
	for (int i = 0; i < 60; i++)
		CHECK(w[8400 + i] == 0, "bias %g", (double)w[8400 + i]);
	ae_net_free(net);
	ae_net_free(other);
	check_group("init");
}

int main(void)
{
	canonical();
	bad_text();
	bad_activations();
	views();
	init();
	return check_done();
}
