/* SPDX-License-Identifier: MIT */
/* Random networks of all layers, which try what is fused, in place or overwritten in training: the gradient against
   differences of the loss along directions, the same bytes for any number of threads, and evaluation against inference.
   KERNEL_FUZZ_SEED, KERNEL_FUZZ_FIRST and KERNEL_FUZZ_COUNT in the environment choose the networks. */
#include "gradcheck.h"
#include "kernels/dispatch.h"
#include "net/infer.h"
#include "net/net_internal.h"

enum { ROWS = 37, WIDEST = 400, DIRECTIONS = 4 };

static struct ae_error err;
static uint64_t seed = 1, stream, draws;
static size_t number; /* of the network */
static size_t wrong;  /* networks whose gradient is not the slope of the loss */

static size_t draw(size_t n)
{
	return (size_t)(ae_rng_uniform(seed, stream, draws++) * (double)n);
}

/* The words of a layer type with random arguments. */
static void write_words(char *word, size_t size, const char *name)
{
	if (strcmp(name, "dense") == 0)
		snprintf(word, size, "dense %zu", 1 + draw(20));
	else if (strstr(name, "1d"))
		snprintf(word, size, "%s %zu %zu/%zu", name, 1 + draw(9), 1 + draw(9), 1 + draw(3));
	else if (strncmp(name, "conv", 4) == 0)
		snprintf(word, size, "%s %zu %zux%zu/%zux%zu", name, 1 + draw(9), 1 + draw(4), 1 + draw(4), 1 + draw(3),
			1 + draw(2));
	else if (strcmp(name, "dropout") == 0)
		snprintf(word, size, "dropout:0.2");
	else if (strstr(name, "relu")) /* fused as relu is, with a kink that differences can live with */
		snprintf(word, size, "leakyrelu:0.9");
	else if (strcmp(name, "reshape") == 0 && draw(2))
		snprintf(word, size, "reshape %zux%zu", 1 + draw(12), 1 + draw(6));
	else if (strcmp(name, "reshape") == 0)
		snprintf(word, size, "reshape %zux%zux%zu", 1 + draw(6), 1 + draw(6), 1 + draw(4));
	else
		snprintf(word, size, "%s", name);
}

/* Appends words of random types to text as long as a network comes out; NULL where it has no weights. */
static struct ae_net *random_net(char *text, size_t size, const struct ae_shape *input)
{
	struct ae_net *net = NULL;
	size_t types = 0, words = 3 + draw(12);
	while (ae_layer_type(types))
		types++;
	text[0] = '\0';
	for (size_t i = 0; i < words * 3; i++) {
		const struct ae_layer_ops *type = ae_layer_type(draw(types));
		struct ae_net *longer = NULL;
		char word[64], more[1000];
		bool begins = type->flags & AE_LAYER_FIRST && (!*text || !(type->flags & AE_LAYER_FOLLOWS) || draw(2));
		write_words(word, sizeof(word), type->name);
		snprintf(more, sizeof(more), "%s%s%s", text, !*text ? "" : begins ? ", " : " ", word);
		if (ae_net_parse(&longer, more, NULL, NULL, input, &err) != 0)
			continue;
		if (ae_shape_size(ae_net_output(longer)) > WIDEST || strlen(more) > size - 100) {
			ae_net_free(longer);
			continue;
		}
		ae_net_free(net);
		net = longer;
		memcpy(text, more, strlen(more) + 1);
	}
	if (net && ae_net_weight_count(net) == 0) {
		ae_net_free(net);
		return NULL;
	}
	return net;
}

/* The slope of the loss at w along d, with a step of h. */
static double slope(struct gradcheck_training *t, const double *w, const double *d, double h, double *moved)
{
	size_t n = ae_net_weight_count(t->net);
	double loss[2];
	for (int side = 0; side < 2; side++) {
		for (size_t i = 0; i < n; i++)
			moved[i] = w[i] + (side ? h : -h) * d[i];
		loss[side] = gradcheck_training_loss(t, moved);
	}
	return (loss[1] - loss[0]) / (2 * h);
}

/* Whether the gradient along random directions is the slope of the loss. The activations have kinks, and batchnorm and
   layernorm bend the loss much where values hardly vary: one of several steps has to give the slope. */
static bool check_gradient(const char *text, struct gradcheck_training *t)
{
	size_t n = ae_net_weight_count(t->net);
	double *g = calloc(n, sizeof(*g)), *w = calloc(n, sizeof(*w)), *d = calloc(n, sizeof(*d)),
	       *moved = calloc(n, sizeof(*moved)), norm = 0;
	bool sloped = true;
	gradcheck_gradient(t->net, t->settings, t->data, g, text);
	for (size_t p = 0; p < ae_net_params(t->net); p++) /* moving averages have none */
		for (size_t i = 0; i < ae_shape_size(&ae_net_param(t->net, p)->shape); i++)
			if (!ae_net_param(t->net, p)->trained)
				g[ae_net_param(t->net, p)->offset + i] = 0;
	for (size_t i = 0; i < n; i++) {
		w[i] = (double)ae_net_weights(t->net)[i];
		norm += g[i] * g[i];
	}
	norm = sqrt(norm);
	for (int direction = 0; norm > 1e-3 && direction < DIRECTIONS; direction++) {
		double expected = 0, length = 0;
		for (size_t i = 0; i < n; i++) {
			d[i] = ae_rng_normal(seed, stream + (uint64_t)direction, i);
			length += d[i] * d[i];
		}
		for (size_t i = 0; i < n; i++) {
			d[i] /= sqrt(length);
			expected += g[i] * d[i];
		}
		double best = INFINITY;
		for (double h = 1.0 / 64; h > 1.0 / 10000 && best > 1; h /= 4) {
			double found = slope(t, w, d, h, moved), most = 0.003 * norm + 1e-6 / h;
			best = fmin(best, fabs(found - expected) / most);
		}
		if (best > 1)
			printf("# network %zu, %s: no slope of %.6g along direction %d (gradient %.6g)\n", number, text,
				expected, direction, norm);
		sloped = sloped && best <= 1;
	}
	for (size_t i = 0; i < n; i++)
		ae_net_weights(t->net)[i] = (float)w[i];
	free(g);
	free(w);
	free(d);
	free(moved);
	return sloped;
}

/* The loss of an evaluation is that of inference's output. */
static void check_inference(const char *text, const struct gradcheck_training *t)
{
	struct ae_infer *infer = NULL;
	struct ae_trainer *trainer = NULL;
	size_t out = ae_shape_size(ae_net_output(t->net));
	float *y = calloc(ROWS * out, sizeof(*y));
	double loss = NAN, sum = 0;
	gradcheck_require(ae_infer_new(&infer, t->net, AE_NET_WHOLE, 2, &err), text, &err);
	gradcheck_require(ae_infer_rows(infer, t->data->x, AE_F32, ROWS, y, &err), text, &err);
	gradcheck_require(ae_trainer_new(&trainer, t->net, t->settings, t->data, &err), text, &err);
	gradcheck_require(ae_trainer_evaluate(trainer, t->data, &loss, &err), text, &err);
	for (size_t i = 0; i < ROWS * out; i++) {
		double d = (double)y[i] - (double)((const float *)t->data->target)[i];
		sum += d * d / (double)(ROWS * out);
	}
	CHECK(fabs(loss - sum) <= 1e-5 * sum, "network %zu, %s: evaluated %.9g, inferred %.9g", number, text, loss,
		sum);
	ae_infer_free(infer);
	ae_trainer_free(trainer);
	free(y);
}

/* A row alone has the bits that it has among others, on every instruction set. */
static void check_alone(const char *text, const struct gradcheck_training *t)
{
	size_t in = ae_shape_size(ae_net_input(t->net)), out = ae_shape_size(ae_net_output(t->net)), first;
	float *y = calloc(ROWS * out, sizeof(*y)), *alone = calloc(out, sizeof(*alone));
	const float *x = t->data->x;
	for (unsigned i = 0; ae_isa_name(i); i++) {
		struct ae_infer *infer = NULL;
		size_t others = 0;
		if (!ae_isa_get(i))
			continue;
		setenv("AE_ISA", ae_isa_name(i), 1);
		gradcheck_require(ae_infer_new(&infer, t->net, AE_NET_WHOLE, 2, &err), text, &err);
		gradcheck_require(ae_infer_rows(infer, x, AE_F32, ROWS, y, &err), text, &err);
		for (size_t row = 0; row < ROWS; row++) {
			gradcheck_require(ae_infer_rows(infer, x + row * in, AE_F32, 1, alone, &err), text, &err);
			others += memcmp(alone, y + row * out, out * sizeof(*y)) != 0;
			others += ae_infer_rows_finite(infer, x + row * in, 1, alone, &first) != 0;
			others += memcmp(alone, y + row * out, out * sizeof(*y)) != 0;
		}
		CHECK(others == 0, "network %zu, %s, %s: %zu rows are others alone", number, text, ae_isa_name(i),
			others);
		ae_infer_free(infer);
	}
	unsetenv("AE_ISA");
	free(y);
	free(alone);
}

/* Two epochs in batches with a short last one, on 1 and on 3 threads. */
static void check_threads(const char *text, const struct gradcheck_training *t)
{
	size_t n = ae_net_weight_count(t->net);
	float *weights[3];
	for (int i = 0; i < 3; i++) {
		weights[i] = calloc(n, sizeof(float));
		memcpy(weights[i], ae_net_weights(t->net), n * sizeof(float));
	}
	for (int i = 1; i < 3; i++) {
		struct ae_train_settings s = *t->settings;
		struct ae_trainer *trainer = NULL;
		double loss;
		s.threads = 2 * i - 1;
		s.batch = 20;
		s.lr = 0.01;
		memcpy(ae_net_weights(t->net), weights[0], n * sizeof(float));
		gradcheck_require(ae_trainer_new(&trainer, t->net, &s, t->data, &err), text, &err);
		for (int epoch = 0; epoch < 2; epoch++)
			gradcheck_require(ae_trainer_epoch(trainer, NULL, NULL, &loss), text, &err);
		ae_trainer_free(trainer);
		memcpy(weights[i], ae_net_weights(t->net), n * sizeof(float));
	}
	CHECK(memcmp(weights[1], weights[2], n * sizeof(float)) == 0, "network %zu, %s: threads change the weights",
		number, text);
	memcpy(ae_net_weights(t->net), weights[0], n * sizeof(float));
	for (int i = 0; i < 3; i++)
		free(weights[i]);
}

static void check_net(void)
{
	char text[800];
	static const uint32_t ranks[] = {1, 2, 2, 3, 3, 3};
	struct ae_shape input = {.rank = ranks[draw(6)], .dim = {1, 1, 1}};
	for (uint32_t i = 0; i < input.rank; i++)
		input.dim[i] = (uint32_t)(1 + draw(i == 2 ? 3 : 6));
	struct ae_net *net = random_net(text, sizeof(text), &input);
	if (!net)
		return;
	ae_net_init(net, seed + stream);
	for (size_t p = 0; p < ae_net_params(net); p++) /* a bias of 0 would put values exactly at relu's kink */
		for (size_t i = 0; ae_net_param(net, p)->trained && i < ae_shape_size(&ae_net_param(net, p)->shape);
			i++)
			ae_net_weights(net)[ae_net_param(net, p)->offset + i] +=
				(float)(0.2 * ae_rng_normal(seed, stream + 8 + p % 8, i));
	size_t out = ae_shape_size(ae_net_output(net));
	float *x = gradcheck_draw(ROWS * ae_shape_size(&input), seed, stream, false),
	      *target = gradcheck_draw(ROWS * out, seed, stream + 1, true);
	struct ae_train_settings settings = {.huber_delta = 1, .epochs = 1, .threads = 2};
	struct ae_train_data data = {.x = x, .x_type = AE_F32, .target = target, .target_type = AE_F32, .rows = ROWS};
	struct gradcheck_training t = {net, &settings, &data, text};
	settings.batch = ROWS;
	wrong += !check_gradient(text, &t);
	check_inference(text, &t);
	check_alone(text, &t);
	check_threads(text, &t);
	ae_net_free(net);
	free(x);
	free(target);
}

static size_t setting(const char *name, size_t otherwise)
{
	const char *text = getenv(name);
	return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int main(void)
{
	size_t first = setting("KERNEL_FUZZ_FIRST", 0), count = setting("KERNEL_FUZZ_COUNT", 200);
	seed = setting("KERNEL_FUZZ_SEED", 1);
	for (number = first; number < first + count; number++) {
		stream = 16 * number;
		draws = 0;
		check_net();
	}
	/* Of networks that normalise values that hardly vary, a few in a thousand have no step that is small enough and
	   large enough. A wrong rule of the trainer makes it several in a hundred. */
	CHECK(wrong <= count / 200, "%zu of %zu networks have another gradient than their slopes", wrong, count);
	check_group("random networks");
	return check_done();
}
