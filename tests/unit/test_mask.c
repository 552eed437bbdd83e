/* SPDX-License-Identifier: MIT */
/* Training with missing values: what the trainer does against a plain computation in double precision, which leaves
   holes out by hand. */
#include "gradcheck.h"

enum { ROWS = 37, WIDTH = 5, HIDDEN = 4, WEIGHTS = WIDTH * HIDDEN + HIDDEN + HIDDEN * WIDTH + WIDTH };

static struct ae_error err;
static float x[ROWS * WIDTH], target[ROWS * WIDTH];
static double x64[ROWS * WIDTH], target64[ROWS * WIDTH];

static void make_rows(void)
{
	for (int i = 0; i < ROWS * WIDTH; i++) {
		x[i] = (float)sin(1.3 * i + 0.2);
		target[i] = (float)cos(0.7 * i);
		if (i % 7 == 3)
			x[i] = NAN;
		if (i % 5 == 1 || i / WIDTH == 20) /* a column, and a row as well */
			target[i] = NAN;
		x64[i] = (double)x[i];
		target64[i] = (double)target[i];
	}
}

/* ---- the plain computation ---- */

/* The loss of one value. */
static double measure(const char *loss, double y, double t)
{
	const double delta = 0.25, gap = y - t;
	if (strcmp(loss, "bce") == 0)
		return -(t * log(y) + (1 - t) * log(1 - y));
	if (strcmp(loss, "mse") == 0)
		return gap * gap;
	if (strcmp(loss, "mae") == 0)
		return fabs(gap);
	return fabs(gap) <= delta ? gap * gap / 2 : delta * (fabs(gap) - delta / 2);
}

struct rows {
	const char *loss;
	const float *in, *wanted;
};

/* 1 - cosine similarity over the values of a row that are there. */
static double angle(const double *y, const float *t)
{
	double dot = 0, yy = 0, tt = 0;
	for (int o = 0; o < WIDTH; o++) {
		if (isnan(t[o]))
			continue;
		dot += y[o] * (double)t[o];
		yy += y[o] * y[o];
		tt += (double)t[o] * (double)t[o];
	}
	return 1 - dot / sqrt(yy * tt);
}

/* The mean loss over the values of `wanted` that are there; the cosine's over the rows that have one. */
static double plain(void *arg, const double *w)
{
	const struct rows *rows = arg;
	const float *in = rows->in, *wanted = rows->wanted;
	const double *kernel1 = w, *bias1 = kernel1 + WIDTH * HIDDEN;
	const double *kernel2 = bias1 + HIDDEN, *bias2 = kernel2 + HIDDEN * WIDTH;
	bool by_row = strcmp(rows->loss, "cosine") == 0, logits = strcmp(rows->loss, "bce") == 0;
	double sum = 0;
	int observed = 0;
	for (int r = 0; r < ROWS; r++) {
		double hidden[HIDDEN], out[WIDTH];
		int there = 0;
		for (int h = 0; h < HIDDEN; h++) {
			double s = bias1[h];
			for (int i = 0; i < WIDTH; i++)
				if (!isnan(in[r * WIDTH + i]))
					s += (double)in[r * WIDTH + i] * kernel1[i * HIDDEN + h];
			hidden[h] = tanh(s);
		}
		for (int o = 0; o < WIDTH; o++) {
			double y = bias2[o];
			for (int h = 0; h < HIDDEN; h++)
				y += hidden[h] * kernel2[h * WIDTH + o];
			out[o] = logits ? 1 / (1 + exp(-y)) : y;
			if (isnan(wanted[r * WIDTH + o]))
				continue;
			there++;
			sum += by_row ? 0 : measure(rows->loss, out[o], (double)wanted[r * WIDTH + o]);
		}
		sum += by_row && there ? angle(out, wanted + r * WIDTH) : 0;
		observed += by_row ? there > 0 : there;
	}
	return sum / observed;
}

/* ---- the trainer ---- */

static struct ae_net *make_net_for(const char *out)
{
	struct ae_net *net = NULL;
	struct ae_shape shape = ae_shape_vector(WIDTH);
	if (ae_net_parse(&net, "5-4-5", "tanh", out, &shape, &err) != 0 || ae_net_weight_count(net) != WEIGHTS) {
		printf("%s\n", err.text);
		exit(1);
	}
	for (int j = 0; j < WEIGHTS; j++)
		ae_net_weights(net)[j] = (float)(sin(2.1 * j + 1) / 2);
	return net;
}

static struct ae_net *make_net(void)
{
	return make_net_for("linear");
}

static struct ae_train_settings with(const char *loss, bool mask)
{
	return (struct ae_train_settings){.loss = loss,
		.huber_delta = 0.25,
		.epochs = 1,
		.optimizer = "sgd",
		.lr = 1,
		.batch = ROWS,
		.mask = mask,
		.threads = 1};
}

static double evaluate(struct ae_net *net, const struct ae_train_settings *settings, const struct ae_train_data *data)
{
	struct ae_trainer *trainer = NULL;
	double loss = NAN;
	gradcheck_require(ae_trainer_new(&trainer, net, settings, data, &err), "trainer", &err);
	CHECK(ae_trainer_evaluate(trainer, data, &loss, &err) == 0, "%s", err.text);
	ae_trainer_free(trainer);
	return loss;
}

static void against_plain(
	const char *loss, const struct ae_train_data *data, const float *in, const float *wanted, const char *what)
{
	double w[WEIGHTS], g[WEIGHTS];
	struct ae_net *net = make_net_for(strcmp(loss, "bce") == 0 ? "sigmoid" : "linear");
	struct ae_train_settings settings = with(loss, true);
	struct rows rows = {loss, in, wanted};
	char name[80];
	snprintf(name, sizeof(name), "%s, loss %s", what, loss);
	for (int j = 0; j < WEIGHTS; j++)
		w[j] = (double)ae_net_weights(net)[j];
	double expected = plain(&rows, w), got = gradcheck_step(net, &settings, data, 0, name);
	CHECK(fabs(got - expected) < 1e-6, "%s: %.9f, not %.9f", name, got, expected);
	got = evaluate(net, &settings, data);
	CHECK(fabs(got - expected) < 1e-6, "%s: evaluated as %.9f, not %.9f", name, got, expected);
	gradcheck_gradient(net, &settings, data, g, name);
	gradcheck_compare(name, net, g, plain, &rows, &(struct gradcheck_limits){.step = 1e-6, .absolute = 1e-6});
	ae_net_free(net);
}

static void numbers(void)
{
	static const char *const losses[] = {"mse", "mae", "huber"};
	const struct ae_train_data itself = {.x = x, .x_type = AE_F32, .rows = ROWS};
	const struct ae_train_data other = {
		.x = x, .x_type = AE_F32, .target = target, .target_type = AE_F32, .rows = ROWS};
	const struct ae_train_data wide = {
		.x = x64, .x_type = AE_F64, .target = target64, .target_type = AE_F64, .rows = ROWS};
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		against_plain(losses[i], &itself, x, x, "x against itself");
		against_plain(losses[i], &other, x, target, "x against target");
		against_plain(losses[i], &wide, x, target, "f64");
	}
	static float shares[ROWS * WIDTH]; /* what bce takes */
	const struct ae_train_data binary = {
		.x = x, .x_type = AE_F32, .target = shares, .target_type = AE_F32, .rows = ROWS};
	for (int i = 0; i < ROWS * WIDTH; i++)
		shares[i] = (target[i] + 1) / 2;
	against_plain("bce", &binary, x, shares, "x against target");
	against_plain("cosine", &itself, x, x, "x against itself");
	against_plain("cosine", &wide, x, target, "f64");
	check_group("loss and gradient over the cells that are there");
}

/* Columns that are never observed leave the weights that lead to them alone. */
static void no_gradient(void)
{
	float hollow[ROWS * WIDTH];
	for (int i = 0; i < ROWS * WIDTH; i++)
		hollow[i] = i % WIDTH == 2 ? NAN : (float)cos(0.7 * i);
	const struct ae_train_data data = {
		.x = x, .x_type = AE_F32, .target = hollow, .target_type = AE_F32, .rows = ROWS};
	struct ae_net *net = make_net(), *same = make_net();
	const float *w = ae_net_weights(net) + WIDTH * HIDDEN + HIDDEN,
		    *before = w - ae_net_weights(net) + ae_net_weights(same);
	struct ae_train_settings settings = with("mse", true);
	gradcheck_step(net, &settings, &data, 1, "hollow");
	for (int h = 0; h <= HIDDEN; h++) /* the last one is the bias */
		for (int o = 0; o < WIDTH; o++)
			CHECK((w[h * WIDTH + o] == before[h * WIDTH + o]) == (o == 2), "weight %d to %d: %g, was %g", h,
				o, (double)w[h * WIDTH + o], (double)before[h * WIDTH + o]);
	ae_net_free(net);
	ae_net_free(same);
	check_group("no gradient from holes in the target");
}

/* Without a hole the mask changes no bit. */
static void no_holes(void)
{
	float whole[ROWS * WIDTH];
	for (int i = 0; i < ROWS * WIDTH; i++)
		whole[i] = (float)cos(0.7 * i);
	const struct ae_train_data data = {.x = whole, .x_type = AE_F32, .rows = ROWS};
	struct ae_net *plain_net = make_net(), *masked = make_net();
	struct ae_train_settings without = with("mse", false), with_mask = with("mse", true);
	double a = evaluate(plain_net, &without, &data), b = evaluate(masked, &with_mask, &data);
	double one = gradcheck_step(plain_net, &without, &data, 1, "without a mask");
	double two = gradcheck_step(masked, &with_mask, &data, 1, "with a mask");
	CHECK(memcmp(&one, &two, sizeof(one)) == 0 && memcmp(&a, &b, sizeof(a)) == 0, "loss %.17g, not %.17g", two,
		one);
	CHECK(memcmp(ae_net_weights(plain_net), ae_net_weights(masked), WEIGHTS * sizeof(float)) == 0, "other weights");
	ae_net_free(plain_net);
	ae_net_free(masked);
	check_group("without holes a mask changes nothing");
}

/* Batches differ in how many values they hold: the loss of an epoch is the mean over all values. */
static void batches(void)
{
	const struct ae_train_data data = {
		.x = x, .x_type = AE_F32, .target = target, .target_type = AE_F32, .rows = ROWS};
	double w[WEIGHTS];
	struct ae_net *net = make_net();
	for (int j = 0; j < WEIGHTS; j++)
		w[j] = (double)ae_net_weights(net)[j];
	struct rows rows = {"mse", x, target};
	double expected = plain(&rows, w);
	for (size_t batch = 1; batch <= ROWS; batch += 6) {
		struct ae_train_settings settings = {.loss = "mse",
			.optimizer = "sgd",
			.lr = 0,
			.epochs = 1,
			.batch = batch,
			.mask = true,
			.threads = 2};
		struct ae_trainer *trainer = NULL;
		double loss = 0;
		CHECK(ae_trainer_new(&trainer, net, &settings, &data, &err) == 0, "%s", err.text);
		CHECK(ae_trainer_epoch(trainer, NULL, NULL, &loss) == 0, "%s", err.text);
		CHECK(fabs(loss - expected) < 1e-6, "batch %zu: loss %.9f, not %.9f", batch, loss, expected);
		ae_trainer_free(trainer);
	}
	for (int j = 0; j < WEIGHTS; j++)
		CHECK(w[j] == (double)ae_net_weights(net)[j], "weight %d is %g", j, (double)ae_net_weights(net)[j]);
	ae_net_free(net);
	check_group("batches of different numbers of values");
}

int main(void)
{
	make_rows();
	numbers();
	no_gradient();
	no_holes();
	batches();
	return check_done();
}
