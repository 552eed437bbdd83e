/* SPDX-License-Identifier: MIT */
/* Threads that share a network, each with its own ae_infer: every one gets the bits that one thread gets alone. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "core/rng.h"
#include "net/infer.h"
#include "net/net.h"

enum { THREADS = 4, ROWS = 50, TIMES = 40 };

struct job {
	const struct ae_net *net;
	const float *x;
	enum ae_net_part part;
	int threads; /* of its own pool */
	float *y;
	pthread_barrier_t *start;
	struct ae_error err;
	int rc;
};

/* Batches of 1, 2, 3 ... rows, so that the threads are in different places. */
static void *infer(void *arg)
{
	struct job *job = arg;
	struct ae_infer *infer = NULL;
	if (job->start)
		pthread_barrier_wait(job->start);
	job->rc = ae_infer_new(&infer, job->net, job->part, job->threads, &job->err);
	for (int t = 0; t < TIMES && job->rc == 0; t++) {
		size_t in = ae_shape_size(ae_infer_input(infer)), out = ae_shape_size(ae_infer_output(infer));
		for (size_t row = 0, n = 1; row < ROWS && job->rc == 0; row += n, n++) {
			n = row + n > ROWS ? ROWS - row : n;
			job->rc = ae_infer_rows(infer, job->x + row * in, AE_F32, n, job->y + row * out, &job->err);
		}
	}
	ae_infer_free(infer);
	return NULL;
}

static void shared(const char *text, const struct ae_shape *input)
{
	struct ae_error err;
	struct ae_net *net = NULL;
	if (ae_net_parse(&net, text, NULL, NULL, input, &err) != 0) {
		printf("not ok - %s: %s\n", text, err.text);
		exit(1);
	}
	ae_net_init(net, 3);
	size_t in = ae_shape_size(input), most = 4096;
	float *x = calloc(ROWS * in, sizeof(*x)), *alone = calloc(2 * ROWS * most, sizeof(*alone));
	for (size_t i = 0; i < ROWS * in; i++)
		x[i] = (float)ae_rng_normal(1, 1, i);
	for (int part = 0; part < 2; part++) {
		struct job one = {.net = net, .x = x, .part = (enum ae_net_part)part, .threads = 1};
		one.y = alone + (size_t)part * ROWS * most;
		infer(&one);
		CHECK(one.rc == 0, "%s: %s", text, one.err.text);
	}
	pthread_barrier_t start;
	pthread_barrier_init(&start, NULL, THREADS);
	struct job jobs[THREADS];
	pthread_t threads[THREADS];
	for (int i = 0; i < THREADS; i++) {
		jobs[i] = (struct job){.net = net, .x = x, .part = (enum ae_net_part)(i % 2), .threads = 1 + i / 2};
		jobs[i].y = calloc(ROWS * most, sizeof(float));
		jobs[i].start = &start;
		pthread_create(&threads[i], NULL, infer, &jobs[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		CHECK(jobs[i].rc == 0, "%s: %s", text, jobs[i].err.text);
		CHECK(memcmp(jobs[i].y, alone + (size_t)(i % 2) * ROWS * most, ROWS * most * sizeof(float)) == 0,
			"%s: thread %d has other bits", text, i);
		free(jobs[i].y);
	}
	pthread_barrier_destroy(&start);
	ae_net_free(net);
	free(x);
	free(alone);
	check_group(text);
}

int main(void)
{
	struct ae_shape vector = ae_shape_vector(30), image = {.rank = 3, .dim = {8, 8, 1}};
	shared("dense 12 relu | dense 30 sigmoid", &vector);
	shared("conv 4 3x3/2 relu batchnorm | convt 1 3x3/2 sigmoid", &image);
	return check_done();
}
