/* SPDX-License-Identifier: MIT */
/* What the machine can do at most, measured as the programs are:
     bench_machine [TURNS]      multiply-adds on one and on two threads, copying and reading memory, a pipe: the best
     bench_machine move RATIO   copies standard input to standard output, RATIO bytes for each: a filter without work */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

enum { BLOCK = 1 << 16, CHAINS = 12, STEPS = 20000000, MEMORY = 1 << 28, PIPE = 1 << 30 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Independent chains of multiply-adds, enough to keep all units busy; the sum keeps them from being left out. */
#define LOOP(name_, attributes_, vector_, lanes_, set_, step_)                                                         \
	attributes_ static double name_(void)                                                                          \
	{                                                                                                              \
		const vector_ a = set_(0.999f), b = set_(0.001f);                                                      \
		vector_ sum[CHAINS];                                                                                   \
		float values[(lanes_)], total = 0;                                                                     \
		for (int i = 0; i < CHAINS; i++)                                                                       \
			sum[i] = b;                                                                                    \
		for (long step = 0; step < STEPS; step++)                                                              \
			_Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++) sum[i] = step_(sum[i], a, b);        \
		for (int i = 0; i < CHAINS; i++) {                                                                     \
			memcpy(values, &sum[i], sizeof(values));                                                       \
			for (int lane = 0; lane < (lanes_); lane++)                                                    \
				total += values[lane];                                                                 \
		}                                                                                                      \
		return total > 1e30f ? 0 : 2.0 * CHAINS * (lanes_)*STEPS;                                              \
	}

#if defined(__x86_64__) || defined(__i386__)
LOOP(avx512, __attribute__((target("avx512f"))), __m512, 16, _mm512_set1_ps, _mm512_fmadd_ps)
LOOP(avx2, __attribute__((target("avx2,fma"))), __m256, 8, _mm256_set1_ps, _mm256_fmadd_ps)
#endif
typedef float four __attribute__((vector_size(16)));
#define FOUR(x) ((four){x, x, x, x})
#define FOUR_STEP(x, y, z) ((x) * (y) + (z))
LOOP(generic, , four, 4, FOUR, FOUR_STEP)

static double (*choose(void))(void)
{
#if defined(__x86_64__) || defined(__i386__)
	if (__builtin_cpu_supports("avx512f"))
		return avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return avx2;
#endif
	return generic;
}

static void *run(void *arg)
{
	double *flops = arg;
	*flops = choose()();
	return NULL;
}

/* GFLOP/s of so many threads. */
static double multiply_adds(int threads, int turns)
{
	double best = 0;
	for (int turn = 0; turn < turns; turn++) {
		pthread_t id[2];
		double flops[2] = {0}, start = now();
		for (int i = 0; i < threads; i++)
			if (pthread_create(&id[i], NULL, run, &flops[i]) != 0)
				exit(1);
		for (int i = 0; i < threads; i++)
			pthread_join(id[i], NULL);
		double rate = (flops[0] + flops[1]) / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	return best;
}

/* GB/s that one thread copies, or only reads, in memory. */
static double memory(int copies, int turns)
{
	uint64_t *from = malloc(MEMORY), *to = malloc(MEMORY);
	double best = 0;
	if (!from || !to)
		exit(1);
	memset(from, 1, MEMORY);
	memset(to, 1, MEMORY);
	for (int turn = 0; turn < turns; turn++) {
		double start = now();
		if (copies)
			memcpy(to, from, MEMORY);
		uint64_t sum = 0;
		for (size_t i = 0; !copies && i < MEMORY / sizeof(*from); i++)
			sum += from[i];
		__asm__ volatile("" ::"r"(sum), "r"(to) : "memory");
		double rate = MEMORY / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	free(from);
	free(to);
	return best;
}

/* GB/s through a pipe between two processes. */
static double through_pipe(int turns)
{
	static char block[BLOCK];
	double best = 0;
	for (int turn = 0; turn < turns; turn++) {
		int ends[2];
		ssize_t n;
		double start = now();
		if (pipe(ends) != 0)
			exit(1);
		pid_t child = fork();
		if (child == 0) {
			close(ends[0]);
			for (long sent = 0; sent < PIPE; sent += n)
				if ((n = write(ends[1], block, sizeof(block))) <= 0)
					_exit(1);
			_exit(0);
		}
		close(ends[1]);
		while ((n = read(ends[0], block, sizeof(block))) > 0)
			;
		close(ends[0]);
		waitpid(child, NULL, 0);
		double rate = PIPE / (now() - start) * 1e-9;
		best = rate > best ? rate : best;
	}
	return best;
}

static int move(double ratio)
{
	static char block[BLOCK];
	double due = 0;
	ssize_t n;
	while ((n = read(STDIN_FILENO, block, sizeof(block))) > 0)
		for (due += ratio * (double)n; due >= 1;) {
			ssize_t sent = write(STDOUT_FILENO, block, due < BLOCK ? (size_t)due : BLOCK);
			if (sent <= 0)
				return 1;
			due -= (double)sent;
		}
	return n < 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "move") == 0)
		return move(atof(argv[2]));
	int turns = argc > 1 ? atoi(argv[1]) : 5;
	if (argc > 2 || turns < 1) {
		fprintf(stderr, "usage: bench_machine [TURNS] or move RATIO\n");
		return 2;
	}
	printf("{\"fma1\": %.1f, \"fma2\": %.1f, ", multiply_adds(1, turns), multiply_adds(2, turns));
	printf("\"copy\": %.2f, \"read\": %.2f, \"pipe\": %.2f}\n", memory(1, turns), memory(0, turns),
		through_pipe(turns));
	return 0;
}
