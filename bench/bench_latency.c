/* SPDX-License-Identifier: MIT */
/* How long one row takes through pipelines: bench_latency ROWS.csv COUNT NAME COMMAND [NAME COMMAND ...], each command
   a pipeline of the shell that gives a line for each line. They take turns, COUNT rows each with a gap between rows and
   COUNT without; the first is what the others are held against. "bench_latency copy" is the barest filter there is. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* TURN rows of a pipeline are measured before the next one's turn, after WARM that are not. */
enum { TURN = 100, WARM = 10, GAP_NS = 1000000, CHAINS = 8, LINE = 1 << 16 };

struct chain {
	const char *name;
	int to, from;
	pid_t shell;
	size_t row;    /* the next one */
	double *times; /* in microseconds */
	size_t count;
};

struct rows {
	char *text, **line; /* each with its newline, the first the header; line[count] is the end */
	size_t count;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_latency: %s\n", what);
	exit(1);
}

static int copy(void)
{
	char block[LINE];
	ssize_t n;
	while ((n = read(STDIN_FILENO, block, sizeof(block))) > 0)
		if (write(STDOUT_FILENO, block, (size_t)n) != n)
			return 1;
	return n != 0;
}

static void read_rows(struct rows *rows, const char *path)
{
	FILE *file = fopen(path, "r");
	size_t cap = 0;
	if (!file || getdelim(&rows->text, &cap, '\0', file) < 0)
		die("cannot read the rows");
	fclose(file);
	for (char *at = rows->text, *end;; at = end + 1) {
		if (rows->count % 1024 == 0)
			rows->line = realloc(rows->line, (rows->count + 1024) * sizeof(*rows->line));
		if (!rows->line)
			die("out of memory");
		rows->line[rows->count] = at;
		end = strchr(at, '\n');
		if (!end)
			break;
		rows->count++;
	}
	if (rows->count < 2)
		die("no rows");
}

static void start(struct chain *chain, const char *command)
{
	int in[2], out[2];
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		die("no pipe");
	chain->shell = fork();
	if (chain->shell < 0)
		die("no process");
	if (chain->shell == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	chain->to = in[1];
	chain->from = out[0];
}

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Sends lines [first, end) and waits for as many. */
static double ask(const struct chain *chain, const struct rows *rows, size_t first, size_t end)
{
	const char *line = rows->line[first];
	size_t len = (size_t)(rows->line[end] - line), wanted = end - first;
	char block[LINE];
	double begin = now_us();
	if (write(chain->to, line, len) != (ssize_t)len)
		die("cannot write to a pipeline");
	while (wanted > 0) {
		ssize_t n = read(chain->from, block, sizeof(block));
		if (n <= 0)
			die("a pipeline ended");
		for (ssize_t i = 0; i < n; i++)
			wanted -= block[i] == '\n' && wanted > 0;
	}
	return now_us() - begin;
}

static void turn(struct chain *chain, const struct rows *rows, size_t most, bool gap)
{
	const struct timespec pause = {.tv_nsec = GAP_NS};
	for (size_t i = 0; i < WARM + TURN && chain->count < most; i++) {
		if (chain->row >= rows->count)
			chain->row = 1;
		if (gap)
			nanosleep(&pause, NULL);
		double us = ask(chain, rows, chain->row, chain->row + 1);
		chain->row++;
		if (i >= WARM)
			chain->times[chain->count++] = us;
	}
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* By rank: that of which `share` are at most so large. */
static double quantile(const struct chain *chain, double share)
{
	return chain->times[(size_t)(share * (double)(chain->count - 1) + 0.5)];
}

static void measure(struct chain *chains, size_t n, const struct rows *rows, size_t most, bool gap)
{
	for (size_t i = 0; i < n; i++)
		chains[i].count = 0;
	while (chains[n - 1].count < most)
		for (size_t i = 0; i < n; i++)
			turn(&chains[i], rows, most, gap);
	printf("%-28s %8s %8s %8s   p50 above, p99 by that of %s\n",
		gap ? "a row each millisecond, us" : "back to back, us", "p50", "p99", "max", chains[0].name);
	for (size_t i = 0; i < n; i++) {
		qsort(chains[i].times, chains[i].count, sizeof(double), by_size);
		double p50 = quantile(&chains[i], 0.5), p99 = quantile(&chains[i], 0.99);
		printf("  %-26s %8.1f %8.1f %8.1f", chains[i].name, p50, p99, quantile(&chains[i], 1));
		if (i > 0)
			printf("   %+9.1f  %14.2f", p50 - quantile(&chains[0], 0.5), p99 / quantile(&chains[0], 0.99));
		printf("\n");
	}
}

/* A pipeline whose output nobody reads would fail, so it is read to its end. */
static bool ends_well(const struct chain *chain)
{
	char block[LINE];
	int status;
	close(chain->to);
	while (read(chain->from, block, sizeof(block)) > 0)
		continue;
	close(chain->from);
	if (waitpid(chain->shell, &status, 0) == chain->shell && status == 0)
		return true;
	fprintf(stderr, "bench_latency: %s: failed at its end\n", chain->name);
	return false;
}

int main(int argc, char **argv)
{
	struct chain chains[CHAINS] = {{0}};
	struct rows rows = {0};
	size_t n = argc < 5 ? 0 : (size_t)(argc - 3) / 2;
	if (argc == 2 && strcmp(argv[1], "copy") == 0)
		return copy();
	long most = n ? atol(argv[2]) : 0;
	if (n == 0 || argc % 2 == 0 || n > CHAINS || most < 1)
		die("usage: bench_latency ROWS.csv COUNT NAME COMMAND [NAME COMMAND ...]");
	read_rows(&rows, argv[1]);
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < n; i++) {
		chains[i].name = argv[3 + 2 * i];
		chains[i].row = 2;
		chains[i].times = malloc((size_t)most * sizeof(double));
		if (!chains[i].times)
			die("out of memory");
		start(&chains[i], argv[4 + 2 * i]);
		(void)ask(&chains[i], &rows, 0, 2);
	}
	measure(chains, n, &rows, (size_t)most, true);
	measure(chains, n, &rows, (size_t)most, false);
	int failed = 0;
	for (size_t i = 0; i < n; i++) {
		failed |= !ends_well(&chains[i]);
		free(chains[i].times);
	}
	free(rows.line);
	free(rows.text);
	return failed;
}
