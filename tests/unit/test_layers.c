/* SPDX-License-Identifier: MIT */
/* Activations and losses against a plain network in double precision written here: outputs, losses, and gradients
   against central differences of its loss. */
#include "gradcheck.h"
#include "kernels/dispatch.h"
#include "net/block.h"
#include "net/infer.h"
#include "net/layer_reduction.h"
#include "net/net_internal.h"

#define LAYERS 3
#define ROWS 37
#define WIDEST 64

struct plain {
	size_t in, units[LAYERS];
	const char *act[LAYERS];
	const char *loss;
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
			sum += strcmp(net->loss, "mse") == 0   ? d * d
			       : strcmp(net->loss, "mae") == 0 ? d
			       : d <= net->delta               ? d * d / 2
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

	struct ae_train_settings settings = {.loss = plain->loss,
		.huber_delta = plain->delta,
		.epochs = 1,
		.optimizer = "sgd",
		.batch = 1000,
		.threads = 2};
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
	static const char *const texts[] = {"dense 3", "conv 3 3x3", "convt 3 3x3/2", "conv1d 3 5/2", "convt1d 3 5/2",
		"dropout:0.5", "reshape 4x2x4"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strncmp(texts[i], name, strlen(name)) == 0 && strchr(" :", texts[i][strlen(name)]))
			return texts[i];
	return name;
}

/* The last op of a network that consists of that type, after a convolution if it cannot be the first, after a reshape
   if it takes a series. */
static struct ae_net *net_of(const struct ae_layer_ops *type, char *text, size_t size)
{
	struct ae_net *net = NULL;
	struct ae_shape image = {.rank = 3, .dim = {4, 4, 2}};
	snprintf(text, size, "%s%s |",
		strstr(type->name, "1d")       ? "reshape 8x4, "
		: type->flags & AE_LAYER_FIRST ? ""
					       : "conv 2 3x3 dropout:0.1 ",
		text_of(type->name));
	gradcheck_require(ae_net_parse(&net, text, NULL, NULL, &image, &err), text, &err);
	ae_net_init(net, 5);
	return net;
}

enum { BLOCKS = 2 };

static float *blocks_of(const struct ae_kernels *k, const struct ae_shape *shape)
{
	return ae_block_alloc(BLOCKS * ae_shape_size(shape) * k->lanes, &err);
}

/* Fills blocks: random values in `rows` rows, `padding` in the lanes after them. */
static void fill(float *block, const struct ae_kernels *k, const struct ae_shape *shape, size_t rows, float padding,
	uint64_t stream)
{
	size_t width = ae_shape_size(shape), lanes = k->lanes;
	for (size_t i = 0; i < BLOCKS * width * lanes; i++) {
		size_t row = i / (width * lanes) * lanes + i % lanes;
		block[i] = row < rows ? (float)ae_rng_normal(stream, row, i / lanes % width) : padding;
	}
}

/* forward() of one layer with only the pointers that inference gives it. */
static void infer_layer(const struct ae_layer *op, const struct ae_kernels *k, const float *weights, float padding,
	size_t rows, float *y)
{
	size_t out = ae_shape_size(&op->out), lanes = k->lanes;
	float *x = blocks_of(k, &op->in), *to = blocks_of(k, &op->out),
	      *workspace = ae_block_alloc(op->workspace, &err);
	fill(x, k, &op->in, rows, padding, 4);
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
	struct ae_net *net = net_of(type, text, sizeof(text));
	const struct ae_layer *op = ae_net_op(net, ae_net_ops(net) - 1);
	size_t rows = BLOCKS * k->lanes - 3, n = rows * ae_shape_size(&op->out);
	static float y[3][BLOCKS * AE_LANES_MAX * 256];
	infer_layer(op, k, ae_net_weights(net), 0, rows, y[0]);
	infer_layer(op, k, ae_net_weights(net), 1e3F, rows, y[1]);
	infer_layer(op, k, ae_net_weights(net), NAN, rows, y[2]);
	CHECK(memcmp(y[0], y[1], n * sizeof(float)) == 0 && memcmp(y[0], y[2], n * sizeof(float)) == 0,
		"%s, %s: padding lanes change other lanes", text, k->name);
	for (size_t i = 0; i < n; i++)
		CHECK(isfinite(y[0][i]), "%s, %s: %g", text, k->name, (double)y[0][i]);
	ae_net_free(net);
}

/* Where a layer's flags allow the driver to put y and dx. */
enum placing { APART, FORWARD_IN_PLACE, BACKWARD_IN_PLACE, DX_OVER_X, PLACINGS };

/* A layer in training: one slice is the whole batch. */
struct run {
	const struct ae_layer *op;
	const struct ae_layer_reduction *reduction;
	struct ae_layer_blocks at;
	struct ae_layer_reduction_args all;
	float *x, *y, *dx, *weights, *stats;
	float unread; /* at most this is written to what the flags say is not read */
};

static void overwrite(float *values, size_t n, float value)
{
	for (size_t i = 0; i < n; i++)
		values[i] = value * (float)ae_rng_uniform(6, 0, i);
}

static void begin(struct run *run, const struct ae_layer *op, const struct ae_kernels *k, const float *weights,
	enum placing placing, float unread)
{
	static const struct ae_layer_reduction none;
	static const struct ae_layer_training training = {1, 2};
	size_t rows = BLOCKS * k->lanes - 3;
	run->op = op;
	run->reduction = op->type->reduction ? op->type->reduction : &none;
	run->unread = unread;
	run->x = blocks_of(k, &op->in);
	run->y = blocks_of(k, &op->out);
	run->dx = blocks_of(k, &op->in);
	run->weights = ae_block_alloc(op->weights, &err);
	run->stats = ae_block_alloc(op->batch_stats, &err);
	memcpy(run->weights, weights + op->offset, op->weights * sizeof(float));
	run->at = (struct ae_layer_blocks){.kernels = k,
		.weights = run->weights,
		.blocks = BLOCKS,
		.rows = rows,
		.batch_rows = rows,
		.x = run->x,
		.y = placing == FORWARD_IN_PLACE ? run->x : run->y,
		.dy = blocks_of(k, &op->out),
		.saved = ae_block_alloc(BLOCKS * k->lanes * op->saved, &err),
		.partials = ae_block_alloc(op->partials, &err),
		.workspace = ae_block_alloc(op->workspace, &err),
		.batch_stats = run->stats,
		.training = &training};
	run->at.dx = placing == BACKWARD_IN_PLACE ? run->at.dy : placing == DX_OVER_X ? run->x : run->dx;
	run->all = (struct ae_layer_reduction_args){run->at.partials, 1, rows, rows, run->weights, run->stats};
	fill(run->x, k, &op->in, rows, 3, 4);
	overwrite(run->at.workspace, op->workspace, unread);
}

static void end(struct run *run)
{
	float *const memory[] = {run->x, run->y, run->dx, run->weights, run->stats, run->at.dy, run->at.saved,
		run->at.partials, run->at.workspace};
	for (size_t i = 0; i < sizeof(memory) / sizeof(memory[0]); i++)
		free(memory[i]);
}

static void run_forward(struct run *run)
{
	struct ae_layer_blocks at = run->at;
	at.dy = at.dx = NULL;
	if (run->reduction->partial_forward)
		run->reduction->partial_forward(run->op, &at);
	if (run->op->reduces_forward)
		run->reduction->reduce_forward(run->op, &run->all);
	run->op->type->forward(run->op, &at);
}

static void run_backward(struct run *run)
{
	const struct ae_layer *op = run->op;
	const struct ae_kernels *k = run->at.kernels;
	unsigned needs = op->type->flags & (AE_LAYER_BACKWARD_NEEDS_INPUT | AE_LAYER_BACKWARD_NEEDS_OUTPUT);
	fill(run->at.dy, k, &op->out, run->at.rows, 0, 5);
	if (run->at.y != run->x && !(needs & AE_LAYER_BACKWARD_NEEDS_OUTPUT))
		overwrite(run->y, ae_layer_floats(&run->at, &op->out), run->unread);
	if (run->reduction->partial_backward)
		run->reduction->partial_backward(op, &run->at);
	if (op->reduces_backward)
		run->reduction->reduce_backward(op, &run->all);
	if (run->at.y != run->x && !(needs & AE_LAYER_BACKWARD_NEEDS_INPUT))
		overwrite(run->x, ae_layer_floats(&run->at, &op->in), run->unread);
	op->type->backward(op, &run->at);
}

static void run_weight_gradient(struct run *run, float *g)
{
	const struct ae_layer *op = run->op;
	struct ae_layer_gradient to = {.kernels = run->at.kernels,
		.x = run->x,
		.saved = run->at.saved,
		.partials = run->at.partials,
		.batch_stats = run->stats,
		.blocks = BLOCKS,
		.slices = 1,
		.g = g};
	for (size_t p = 0; p < op->params; p++)
		to.to += op->param[p].trained ? ae_shape_size(&op->param[p].shape) : 0;
	if (op->type->flags & (AE_LAYER_FORWARD_IN_PLACE | AE_LAYER_DX_OVER_X))
		overwrite(run->x, ae_layer_floats(&run->at, &op->in), run->unread);
	else
		fill(run->x, run->at.kernels, &op->in, run->at.rows, 3, 4);
	if (op->type->weight_gradient)
		op->type->weight_gradient(op, &to);
}

/* dx, and the weight gradient after it. */
static void train_layer(const struct ae_layer *op, const struct ae_kernels *k, const float *weights,
	enum placing placing, float unread, float *result)
{
	struct run run;
	begin(&run, op, k, weights, placing, unread);
	size_t in = ae_layer_floats(&run.at, &op->in);
	run_forward(&run);
	run_backward(&run);
	memcpy(result, run.at.dx, in * sizeof(*result));
	run_weight_gradient(&run, result + in);
	end(&run);
}

/* Where y and dx may lie by the flags changes no bit of the gradients, nor does what by the flags is not read. */
static void flags_of_type(const struct ae_layer_ops *type, const struct ae_kernels *k)
{
	static const unsigned flag[PLACINGS] = {
		0, AE_LAYER_FORWARD_IN_PLACE, AE_LAYER_BACKWARD_IN_PLACE, AE_LAYER_DX_OVER_X};
	static const float unread[] = {0, NAN, 1e3F};
	static float result[2][BLOCKS * AE_LANES_MAX * 64 + 1024];
	char text[64];
	struct ae_net *net = net_of(type, text, sizeof(text));
	const struct ae_layer *op = ae_net_op(net, ae_net_ops(net) - 1);
	memset(result, 0, sizeof(result));
	train_layer(op, k, ae_net_weights(net), APART, 0, result[0]);
	for (int placing = APART; placing < PLACINGS; placing++) {
		if ((type->flags & flag[placing]) != flag[placing] ||
			(placing == FORWARD_IN_PLACE && type->flags & AE_LAYER_BACKWARD_NEEDS_INPUT))
			continue;
		for (int i = 0; i < 3; i++) {
			train_layer(op, k, ae_net_weights(net), (enum placing)placing, unread[i], result[1]);
			CHECK(memcmp(result[0], result[1], sizeof(result[0])) == 0, "%s, %s, placing %d, unread %g",
				text, k->name, placing, (double)unread[i]);
		}
	}
	ae_net_free(net);
}

static void every_type(void (*fn)(const struct ae_layer_ops *type, const struct ae_kernels *k), const char *what)
{
	const struct ae_layer_ops *type;
	for (size_t i = 0; (type = ae_layer_type(i)); i++)
		for (unsigned isa = 0; ae_isa_name(isa); isa++)
			if (ae_isa_get(isa) && !(type->flags & AE_LAYER_IDENTITY))
				fn(type, ae_isa_get(isa));
	check_group(what);
}

int main(void)
{
	every_type(infer_type,
		"every layer with the pointers of inference, and whatever padding lanes and workspace hold");
	every_type(flags_of_type, "every layer's flags are true");
	static const char *const acts[] = {
		"relu", "leakyrelu", "leakyrelu:0.05", "sigmoid", "tanh", "elu", "gelu", "silu", "linear"};
	struct ae_shape shape = ae_shape_vector(5);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct plain plain = {5, {7, 18, 6}, {acts[i], acts[i], acts[i]}, "mse", 1};
		compare(acts[i], &plain, &shape);
	}
	static const char *const losses[] = {"mse", "mae", "huber"};
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		struct plain plain = {5, {9, 3, 17}, {"tanh", "linear", "linear"}, losses[i], 0.7};
		compare(losses[i], &plain, &shape);
	}
	/* Dense takes the values of a row in the row's order, whatever their shape. */
	struct ae_shape image = {.rank = 3, .dim = {2, 3, 4}}, window = {.rank = 2, .dim = {6, 4}};
	struct plain plain = {24, {5, 4, 24}, {"tanh", "relu", "sigmoid"}, "mse", 1};
	compare("shape [2,3,4]", &plain, &image);
	compare("shape [6,4]", &plain, &window);
	return check_done();
}
