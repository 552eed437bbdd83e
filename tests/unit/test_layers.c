/* SPDX-License-Identifier: MIT */
/* Activations and losses against a plain network in double precision written here: outputs, losses, and gradients
   against central differences of its loss. */
#include "gradcheck.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "net/infer.h"
#include "net/net_internal.h"

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
	if (strcmp(name, "gelu") == 0)
		return x * erfc(-x / sqrt(2)) / 2;
	if (strcmp(name, "silu") == 0)
		return x / (1 + exp(-x));
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

/* How each layer type is written after an image [4,4,2]; types that are missing here are their name alone. */
static const char *text_of(const char *name)
{
	static const char *const texts[] = {"dense 3", "conv 3 3x3", "convt 3 3x3/2", "dropout:0.5", "reshape 4x2x4"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strncmp(texts[i], name, strlen(name)) == 0 && strchr(" :", texts[i][strlen(name)]))
			return texts[i];
	return name;
}

/* forward() of one layer with only the pointers that inference gives it; `padding` fills the padding lanes. */
static void infer_layer(const struct ae_layer *op, const struct ae_kernels *k, const float *weights, float padding,
	size_t rows, float *y)
{
	enum { BLOCKS = 2 };
	size_t in = ae_shape_size(&op->in), out = ae_shape_size(&op->out), lanes = k->lanes;
	float *x = ae_block_alloc(BLOCKS * in * lanes, &err), *to = ae_block_alloc(BLOCKS * out * lanes, &err),
	      *workspace = ae_block_alloc(op->workspace, &err);
	for (size_t i = 0; i < BLOCKS * in * lanes; i++) {
		size_t row = i / (in * lanes) * lanes + i % lanes, value = i / lanes % in;
		x[i] = row < rows ? (float)ae_rng_normal(4, row, value) : padding;
	}
	for (size_t i = 0; i < op->workspace; i++)
		workspace[i] = NAN;
	struct ae_layer_blocks at = {.kernels = k,
		.weights = weights + op->offset,
		.blocks = BLOCKS,
		.rows = rows,
		.x = x,
		.y = to,
		.workspace = workspace};
	op->type->forward(op, &at);
	for (size_t row = 0; row < rows; row++)
		for (size_t o = 0; o < out; o++)
			y[row * out + o] = to[(row / lanes * out + o) * lanes + row % lanes];
	free(x);
	free(to);
	free(workspace);
}

static void infer_type(const struct ae_layer_ops *type, const struct ae_kernels *k)
{
	char text[64];
	struct ae_net *net = NULL;
	struct ae_shape image = {.rank = 3, .dim = {4, 4, 2}};
	snprintf(text, sizeof(text), "%s%s |", type->flags & AE_LAYER_FIRST ? "" : "conv 2 3x3 dropout:0.1 ",
		text_of(type->name));
	gradcheck_require(ae_net_parse(&net, text, NULL, NULL, &image, &err), text, &err);
	ae_net_init(net, 5);
	const struct ae_layer *op = ae_net_op(net, ae_net_ops(net) - 1);
	size_t rows = 2 * k->lanes - 3, n = rows * ae_shape_size(&op->out);
	static float y[3][2 * AE_LANES_MAX * 256];
	infer_layer(op, k, ae_net_weights(net), 0, rows, y[0]);
	infer_layer(op, k, ae_net_weights(net), 1e3F, rows, y[1]);
	infer_layer(op, k, ae_net_weights(net), NAN, rows, y[2]);
	CHECK(memcmp(y[0], y[1], n * sizeof(float)) == 0 && memcmp(y[0], y[2], n * sizeof(float)) == 0,
		"%s, %s: padding lanes change other lanes", text, k->name);
	for (size_t i = 0; i < n; i++)
		CHECK(isfinite(y[0][i]), "%s, %s: %g", text, k->name, (double)y[0][i]);
	ae_net_free(net);
}

/* Every layer type in inference: without the pointers of training, and whatever padding lanes and workspace hold. */
static void inference(void)
{
	const struct ae_layer_ops *type;
	for (size_t i = 0; (type = ae_layer_type(i)); i++)
		for (unsigned isa = 0; ae_isa_name(isa); isa++)
			if (ae_isa_get(isa) && !(type->flags & AE_LAYER_IDENTITY))
				infer_type(type, ae_isa_get(isa));
	check_group("every layer with the pointers of inference");
}

int main(void)
{
	inference();
	static const char *const acts[] = {
		"relu", "leakyrelu", "leakyrelu:0.05", "sigmoid", "tanh", "elu", "gelu", "silu", "linear"};
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
