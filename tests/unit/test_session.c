/* SPDX-License-Identifier: MIT */
/* Training runs without a terminal: reports, stops, early stopping, the state they leave, error statistics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "train/mean_row.h"
#include "train/session.h"

enum { ROWS = 45, WIDTH = 6, VALID = 9 };

static struct ae_error err;
static float rows[ROWS * WIDTH];

static const struct ae_train_data data = {.x = rows, .x_type = AE_F32, .rows = ROWS - VALID};
static const struct ae_train_data valid = {.x = rows + (ROWS - VALID) * WIDTH, .x_type = AE_F32, .rows = VALID};

static struct ae_net *make_net(void)
{
	struct ae_net *net = NULL;
	struct ae_shape shape = ae_shape_vector(WIDTH);
	if (ae_net_parse(&net, "6-3-6", "tanh", "linear", &shape, &err) != 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	ae_net_init(net, 3);
	return net;
}

static struct ae_session *make_session(struct ae_net *net, const struct ae_session_options *options)
{
	struct ae_train_settings settings = {.huber_delta = 1,
		.epochs = 1,
		.optimizer = "adam",
		.lr = 0.05,
		.batch = 10,
		.shuffle = true,
		.threads = 1};
	struct ae_session *session = NULL;
	if (ae_session_new(&session, net, &settings, &data, options, &err) != 0) {
		printf("%s\n", err.text);
		exit(1);
	}
	return session;
}

struct seen {
	uint64_t stop_epoch;
	size_t stop_step;
	int answer;
	uint64_t epochs;
	size_t reports;
};

static int watch(void *arg, const struct ae_session_report *report, struct ae_error *e)
{
	struct seen *seen = arg;
	seen->reports++;
	seen->epochs += report->complete;
	CHECK(report->steps == 4 && report->epochs == 5 && report->loss > 0, "%zu steps, %d epochs, loss %g",
		report->steps, (int)report->epochs, report->loss);
	CHECK(report->epoch == seen->epochs + !report->complete, "epoch %d", (int)report->epoch);
	if (report->complete || report->epoch != seen->stop_epoch || report->step != seen->stop_step)
		return 0;
	return seen->answer < 0 ? ae_fail(e, "the callback's own error") : seen->answer;
}

/* The weights of a session that is stopped within epoch 3 are those after epoch 2, and its state goes on from there. */
static void stops(void)
{
	struct ae_net *whole = make_net(), *part = make_net();
	struct ae_session_options two = {.epochs = 2}, five = {.epochs = 5};
	struct ae_session *session = make_session(whole, &two);
	CHECK(ae_session_run(session, &err) == 0, "%s", err.text);
	ae_session_free(session);

	struct seen seen = {.stop_epoch = 3, .stop_step = 2, .answer = 1};
	five.progress = watch;
	five.arg = &seen;
	session = make_session(part, &five);
	CHECK(ae_session_run(session, &err) == 1, "not stopped");
	CHECK(seen.epochs == 2 && seen.reports == 2 * 5 + 2, "%d epochs, %zu reports", (int)seen.epochs, seen.reports);
	CHECK(memcmp(ae_net_weights(whole), ae_net_weights(part), ae_net_weight_count(part) * sizeof(float)) == 0,
		"other weights than after epoch 2");
	struct ae_train_state state;
	float *moments;
	CHECK(ae_session_resumable(session), "not resumable");
	CHECK(ae_session_take_state(session, &state, &moments, &err) == 0, "%s", err.text);
	ae_session_free(session);
	CHECK(state.epochs == 2 && state.steps == 8, "state of epoch %d, step %d", (int)state.epochs, (int)state.steps);

	five.progress = NULL;
	session = make_session(part, &five);
	CHECK(ae_session_restore(session, &state, &err) == 0, "%s", err.text);
	CHECK(ae_session_run(session, &err) == 0, "%s", err.text);
	ae_session_free(session);
	free(moments);
	struct ae_net *once = make_net();
	session = make_session(once, &five);
	CHECK(ae_session_run(session, &err) == 0, "%s", err.text);
	CHECK(memcmp(ae_net_weights(once), ae_net_weights(part), ae_net_weight_count(part) * sizeof(float)) == 0,
		"stopped and continued is not at one go");
	ae_session_free(session);
	ae_net_free(once);
	ae_net_free(whole);
	ae_net_free(part);
	check_group("a stop leaves the last complete epoch");
}

static void fails(void)
{
	struct ae_net *net = make_net();
	struct seen seen = {.stop_epoch = 1, .stop_step = 1, .answer = -1};
	struct ae_session_options options = {.epochs = 5, .progress = watch, .arg = &seen};
	struct ae_session *session = make_session(net, &options);
	CHECK(ae_session_run(session, &err) == -1, "did not fail");
	CHECK(strcmp(err.text, "the callback's own error") == 0, "%s", err.text);
	ae_session_free(session);
	ae_net_free(net);
	check_group("the callback's error is the session's");
}

/* Validation rows that training makes worse: the first epoch stays the best. */
static void patience(void)
{
	static float far[VALID * WIDTH];
	struct ae_train_data against = {
		.x = rows, .x_type = AE_F32, .target = far, .target_type = AE_F32, .rows = VALID};
	for (int i = 0; i < VALID * WIDTH; i++)
		far[i] = -rows[i];
	struct ae_net *one = make_net(), *net = make_net();
	struct ae_session_options options = {.epochs = 1};
	struct ae_session *session = make_session(one, &options);
	CHECK(ae_session_result(session).epochs == 0, "before the first epoch");
	CHECK(ae_session_run(session, &err) == 0, "%s", err.text);
	struct ae_session_result of_one = ae_session_result(session);
	CHECK(of_one.epochs == 1 && of_one.kept == 1, "kept %d of %d", (int)of_one.kept, (int)of_one.epochs);
	ae_session_free(session);
	options = (struct ae_session_options){.epochs = 50, .valid = against, .patience = 2};
	session = make_session(net, &options);
	CHECK(ae_session_run(session, &err) == 0, "%s", err.text);
	struct ae_session_result result = ae_session_result(session);
	CHECK(result.epochs == 3 && result.kept == 1, "kept %d of %d", (int)result.kept, (int)result.epochs);
	CHECK(result.loss == of_one.loss, "%g, not the loss of epoch 1, %g", result.loss, of_one.loss);
	CHECK(!isnan(result.valid_loss) && isnan(of_one.valid_loss), "%g, %g", result.valid_loss, of_one.valid_loss);
	CHECK(!ae_session_resumable(session), "the state of epoch 3 is taken for that of epoch 1");
	CHECK(memcmp(ae_net_weights(net), ae_net_weights(one), ae_net_weight_count(net) * sizeof(float)) == 0,
		"other weights than after epoch 1");
	ae_session_free(session);
	options.valid = valid;
	options.epochs = 3;
	session = make_session(net, &options);
	CHECK(ae_session_run(session, &err) == 0 && ae_session_resumable(session), "falling losses are not resumable");
	ae_session_free(session);
	ae_net_free(net);
	ae_net_free(one);
	check_group("patience");
}

/* A network of zeros gives 0: the errors are the absolute values of the target. */
static void error_stats(void)
{
	struct ae_net *net = make_net();
	double mean[WIDTH], sd[WIDTH], mean_row[WIDTH];
	float holes[ROWS * WIDTH];
	memset(ae_net_weights(net), 0, ae_net_weight_count(net) * sizeof(float));
	memcpy(holes, rows, sizeof(holes));
	for (int r = 0; r < ROWS; r += 7)
		holes[r * WIDTH + 2] = NAN;
	struct ae_train_data d = {.x = holes, .x_type = AE_F32, .rows = ROWS};
	CHECK(ae_train_error_stats(net, &d, 2, mean, sd, mean_row, NULL, &err) == 0, "%s", err.text);
	for (int c = 0; c < WIDTH; c++) {
		double sum = 0, squares = 0, values = 0;
		int n = 0;
		for (int r = 0; r < ROWS; r++)
			if (!isnan(holes[r * WIDTH + c])) {
				sum += fabs((double)holes[r * WIDTH + c]);
				values += (double)holes[r * WIDTH + c];
				n++;
			}
		for (int r = 0; r < ROWS; r++)
			if (!isnan(holes[r * WIDTH + c]))
				squares += pow(fabs((double)holes[r * WIDTH + c]) - sum / n, 2);
		CHECK(fabs(mean[c] - sum / n) < 1e-12 && fabs(sd[c] - sqrt(squares / n)) < 1e-12,
			"column %d: %g and %g, not %g and %g", c, mean[c], sd[c], sum / n, sqrt(squares / n));
		CHECK(fabs(mean_row[c] - values / n) < 1e-12, "column %d: mean %g, not %g", c, mean_row[c], values / n);
	}
	ae_net_free(net);
	check_group("statistics of the training errors");
}

/* The loss of a row of zeros is the mean of the squares; told early, it is a lower bound above what was asked for. */
static void row_loss(void)
{
	const double zeros[WIDTH] = {0};
	struct ae_shape out = ae_shape_vector(WIDTH);
	struct ae_train_settings settings = ae_train_defaults;
	struct ae_train_data d = {.x = rows, .x_type = AE_F32, .rows = ROWS};
	double sum = 0, loss;
	settings.loss = "mse";
	for (int i = 0; i < ROWS * WIDTH; i++)
		sum += (double)rows[i] * (double)rows[i];
	double exact = sum / (ROWS * WIDTH);
	for (double share = 0; share < 1.3; share += 0.1) {
		CHECK(ae_train_row_loss(&settings, &out, zeros, &d, share * exact, &loss, &err) == 0, "%s", err.text);
		if (share < 0.95)
			CHECK(loss > share * exact && loss < exact * (1 + 1e-12), "%g of %g: %g", share, exact, loss);
		if (share > 1.05 || share == 0)
			CHECK(share > 0 ? fabs(loss - exact) < 1e-12 : loss < exact / 2, "%g: %g", share, loss);
	}
	check_group("the loss of one row against all");
}

int main(void)
{
	for (int i = 0; i < ROWS * WIDTH; i++)
		rows[i] = (float)(sin(0.37 * i) + 0.3 * (i % WIDTH));
	stops();
	fails();
	patience();
	error_stats();
	row_loss();
	return check_done();
}
