/* SPDX-License-Identifier: MIT */
/* The minute's save of --state, by a clock that jumps: no state is ahead of its output. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "cli/series_filter.h"
#include "core/util.h"

static int64_t now;

/* More than a minute passes between any two looks at it. */
static int64_t jump(void)
{
	return now += 61000;
}

/* A filter that keeps the last value of each group. */
struct last {
	atomic_uint rows;
};

static int begin(struct ae_series_filter *f, const struct ae_reader *reader, struct ae_series_layout *layout,
	struct ae_error *err)
{
	(void)reader;
	*layout = (struct ae_series_layout){.type = AE_F64, .count = 1, .settings = "last"};
	return ae_schema_need(f->in, AE_ERR, &layout->column, err);
}

static int describe(const struct ae_series_filter *f, struct ae_schema *out, struct ae_error *err)
{
	(void)f, (void)out, (void)err;
	return 0;
}

static enum ae_series_made row(struct ae_series_filter *f, struct ae_series_group *group, const unsigned char *in,
	unsigned char *out, struct ae_error *err)
{
	struct last *last = f->own;
	(void)err;
	memcpy(group->values, in, f->in_bytes);
	memcpy(out, in, f->in_bytes);
	group->rows++;
	last->rows++;
	return AE_SERIES_MADE;
}

/* Writes two rows, waits until they went through the filter, and writes more. */
struct feed {
	struct last *last;
	int fd;
	const char *more;
};

static void *write_feed(void *arg)
{
	const struct feed *feed = arg;
	const char *rows = "id,err\na,1\nb,2\n";
	CHECK(write(feed->fd, rows, strlen(rows)) == (ssize_t)strlen(rows), "writes rows");
	while (feed->last->rows < 2)
		usleep(1000);
	CHECK(write(feed->fd, feed->more, strlen(feed->more)) == (ssize_t)strlen(feed->more), "writes more");
	close(feed->fd);
	return NULL;
}

static ino_t inode(const char *path)
{
	struct stat info;
	return stat(path, &info) == 0 ? info.st_ino : 0;
}

static bool are_equal(const char *a, const char *b)
{
	struct ae_buf one = {0}, two = {0};
	struct ae_error err;
	bool equal = ae_read_file(&one, a, &err) == 0 && ae_read_file(&two, b, &err) == 0 && one.len > 0 &&
		     one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
	ae_buf_free(&one);
	ae_buf_free(&two);
	return equal;
}

/* Two rows and then `more` go to this output, and what is kept of them to `state`. */
static int run(const char *output, const char *state, const char *more)
{
	static const struct ae_series_kind kind = {.begin = begin, .describe = describe, .row = row};
	struct ae_error err;
	struct last last = {0};
	char operand[40], *const operands[] = {operand};
	int ends[2];
	pthread_t thread;
	const struct ae_program program = {"ae-last", "", "", NULL, 0, NULL};
	const struct ae_common common = {
		.threads = 1, .quiet = true, .in.results = true, .out = {.csv = true, .path = output}};
	const struct ae_series_options options = {.group = "id", .state = state, .max_groups = 9};
	struct ae_series_filter f = {.kind = &kind,
		.own = &last,
		.series = {.program = &program, .common = &common, .options = &options, .clock = jump}};
	CHECK(pipe(ends) == 0, "pipe");
	struct feed feed = {&last, ends[1], more};
	snprintf(operand, sizeof(operand), "/dev/fd/%d", ends[0]);
	CHECK(pthread_create(&thread, NULL, write_feed, &feed) == 0, "thread");
	int rc = ae_series_filter_run(&f, NULL, operands, 1, &err);
	pthread_join(thread, NULL);
	close(ends[0]);
	bool named = output[0] != '/';
	for (int i = 0; i < 10000 && (rc == 0 || !named) && ae_series_settled(&f.series) != 0; i++)
		usleep(1000);
	ino_t before = inode(state);
	CHECK((rc != 0 && named) || (before && ae_series_settled(&f.series) == 0 && inode(state) == before),
		"without new rows nothing is written");
	ae_series_filter_free(&f);
	return rc;
}

int main(void)
{
	char folder[] = "/tmp/test_series.XXXXXX", output[40];
	int ends[2];
	CHECK(mkdtemp(folder) && chdir(folder) == 0 && pipe(ends) == 0, "a folder");
	snprintf(output, sizeof(output), "/dev/fd/%d", ends[1]);

	CHECK(run("o.csv", "all.state", "") == 0 && inode("all.state"), "a run that is whole keeps its state");
	CHECK(run("o2.csv", "named.state", "c,x\n") == -1, "a bad row");
	CHECK(inode("o2.csv") == 0 && inode("named.state") == 0, "neither output nor state");
	check_group("a run that fails has no state where its output has no name");

	CHECK(run(output, "seen.state", "c,x\n") == -1, "a bad row");
	CHECK(are_equal("seen.state", "all.state"), "the state is that of the rows that were written");
	check_group("rows that others have read are in the state of the minute");

	unlink("o.csv");
	unlink("all.state");
	unlink("seen.state");
	CHECK(chdir("/") == 0 && rmdir(folder) == 0, "nothing else is left");
	return check_done();
}
