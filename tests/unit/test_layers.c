/* SPDX-License-Identifier: MIT */
/* Activations and losses against a plain network in double precision written here: outputs, losses, and gradients
   against central differences of its loss. */
#include "gradcheck.h"
#include "net/infer.h"

#define LAYERS 3
#define ROWS 37
#define WIDEST 64

struct plain {
	size_t in, units[LAYERS];
	const char *act[LAYERS];
	enum ae_loss loss;
	double delta;
};

static struct ae_error err;

static double activate(const char *name, double x)
{
	if (strcmp(name, "relu") == 0)
		return x > 0 ? x : 0;
	if (strncmp(name, "leakyrelu", 9) == 0)
		return x > 0 ? x : x * (name[9] ? atof(name + 10) : 0.3);
	if (strcmp(name, "sigmoid") == 0)
		return 1 / (1 + exp(-x));
	if (strcmp(name, "tanh") == 0)
		return tanh(x);
	if (strcmp(name, "elu") == 0)
		return x > 0 ? x : expm1(x);
	return x;
}

static void plain_row(const struct plain *net, const double *w, const float *x, double *y)
{
	double a[WIDEST] = {0}, b[WIDEST] = {0};
	size_t in = net->in;
	for (size_t i = 0; i < in; i++)
		a[i] = (double)x[i];
	for (int l = 0; l < LAYERS; l++) {
		size_t out = net->units[l];
		for (size_t o = 0; o < out; o++) {
			b[o] = w[in * out + o];
			for (size_t i = 0; i < in; i++)
				b[o] += a[i] * w[i * out + o];
			b[o] = activate(net->act[l], b[o]);
		}
		memcpy(a, b, sizeof(a));
		w += (in + 1) * out;
		in = out;
	}
	memcpy(y, a, in * sizeof(*y));
}

struct rows {
	const struct plain *net;
	const float *x, *t;
};

static double plain_loss(void *arg, const double *w)
{
	const struct rows *rows = arg;
	const struct plain *net = rows->net;
	const float *x = rows->x, *t = rows->t;
	size_t out = net->units[LAYERS - 1];
	double sum = 0;
	for (size_t r = 0; r < ROWS; r++) {
		double y[WIDEST];
		plain_row(net, w, x + r * net->in, y);
		for (size_t o = 0; o < out; o++) {
			double d = fabs(y[o] - (double)t[r * out + o]);
			sum += net->loss == AE_MSE   ? d * d
			       : net->loss == AE_MAE ? d
			       : d <= net->delta     ? d * d / 2
						     : net->delta * (d - net->delta / 2);
		}
	}
	return sum / (double)(ROWS * out);
}

static struct ae_net *make(const struct plain *plain, const struct ae_shape *shape)
{
	char text[300] = "";
	struct ae_net *net = NULL;
	for (int l = 0; l < LAYERS; l++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sdense %zu %s", l ? ", " : "",
			plain->units[l], plain->act[l]);
	if (ae_net_parse(&net, text, NULL, NULL, shape, &err) != 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	ae_net_init(net, 42);
	/* Biases that are not zero. */
	for (size_t i = 0; i < ae_net_params(net); i++) {
		const struct ae_param *p = ae_net_param(net, i);
		for (size_t j = 0; p->shape.rank == 1 && j < p->shape.dim[0]; j++)
			ae_net_weights(net)[p->offset + j] = (float)(0.2 * ae_rng_normal(3, i, j));
	}
	return net;
}

static void compare(const char *name, const struct plain *plain, const struct ae_shape *shape)
{
	size_t out = plain->units[LAYERS - 1];
	float *x = calloc(ROWS * plain->in, sizeof(*x)), *t = calloc(ROWS * out, sizeof(*t)),
	      *y = calloc(ROWS * out, sizeof(*y));
	for (size_t i = 0; i < ROWS * plain->in; i++)
		x[i] = (float)ae_rng_normal(1, 1, i);
	for (size_t i = 0; i < ROWS * out; i++)
		t[i] = (float)ae_rng_normal(1, 2, i);
	struct ae_net *net = make(plain, shape);
	size_t n = ae_net_weight_count(net);
	double *w = calloc(n, sizeof(*w));
	for (size_t i = 0; i < n; i++)
		w[i] = (double)ae_net_weights(net)[i];

	struct ae_infer *infer = NULL;
	CHECK(ae_infer_new(&infer, net, AE_NET_WHOLE, 2, &err) == 0, "%s", err.text);
	CHECK(ae_infer_rows(infer, x, AE_F32, ROWS, y, &err) == 0, "%s", err.text);
	for (size_t r = 0; r < ROWS; r++) {
		double expected[WIDEST];
		plain_row(plain, w, x + r * plain->in, expected);
		for (size_t o = 0; o < out; o++)
			CHECK(fabs((double)y[r * out + o] - expected[o]) < 2e-6 * (1 + fabs(expected[o])),
				"%s: row %zu: %.9g, not %.9g", name, r, (double)y[r * out + o], expected[o]);
	}
	ae_infer_free(infer);

	struct ae_train_settings settings = {
		.loss = plain->loss, .huber_delta = plain->delta, .optimizer = AE_SGD, .batch = 1000, .threads = 2};
	struct ae_train_data data = {.x = x, .x_type = AE_F32, .target = t, .target_type = AE_F32, .rows = ROWS};
	struct rows rows = {plain, x, t};
	struct ae_trainer *trainer = NULL;
	double loss, expected = plain_loss(&rows, w), *g = calloc(n, sizeof(*g));
	CHECK(ae_trainer_new(&trainer, net, &settings, &data, &err) == 0, "%s", err.text);
	CHECK(ae_trainer_evaluate(trainer, &data, &loss, &err) == 0, "%s", err.text);
	CHECK(fabs(loss - expected) < 1e-6 * expected, "%s: loss %.9g, not %.9g", name, loss, expected);
	ae_trainer_free(trainer);
	loss = gradcheck_step(net, &settings, &data, 0, name);
	CHECK(fabs(loss - expected) < 1e-6 * expected, "%s: loss %.9g, not %.9g", name, loss, expected);
	gradcheck_gradient(net, &settings, &data, g, name);
	gradcheck_compare(name, net, g, plain_loss, &rows,
		&(struct gradcheck_limits){.step = 1e-5, .absolute = 5e-7, .relative = 1e-5});
	free(g);
	ae_net_free(net);
	free(x);
	free(t);
	free(y);
	free(w);
	check_group(name);
}

int main(void)
{
	static const char *const acts[] = {"relu", "leakyrelu", "leakyrelu:0.05", "sigmoid", "tanh", "elu", "linear"};
	struct ae_shape shape = ae_shape_vector(5);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct plain plain = {5, {7, 18, 6}, {acts[i], acts[i], acts[i]}, AE_MSE, 1};
		compare(acts[i], &plain, &shape);
	}
	for (int i = 0; i < AE_LOSSES; i++) {
		struct plain plain = {5, {9, 3, 17}, {"tanh", "linear", "linear"}, (enum ae_loss)i, 0.7};
		compare(ae_loss_name((enum ae_loss)i), &plain, &shape);
	}
	/* Dense takes the values of a row in the row's order, whatever their shape. */
	struct ae_shape image = {.rank = 3, .dim = {2, 3, 4}}, window = {.rank = 2, .dim = {6, 4}};
	struct plain plain = {24, {5, 4, 24}, {"tanh", "relu", "sigmoid"}, AE_MSE, 1};
	compare("shape [2,3,4]", &plain, &image);
	compare("shape [6,4]", &plain, &window);
	return check_done();
}
