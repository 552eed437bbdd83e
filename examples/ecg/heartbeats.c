/* SPDX-License-Identifier: MIT */
/* heartbeats: made-up electrocardiograms, as CSV on standard output.
 *
 * A row is one beat of 140 samples and its label, 1 normal or 0 abnormal, without a header: the layout of the ECG5000
 * set as the TensorFlow tutorials serve it. The samples cover one cycle, R peak a little after its first third, with
 * mean 0 and standard deviation 1 in every row.
 *
 * The waves P, Q, R, S and T are Gaussians on the phase of the cycle, after P. E. McSharry, G. D. Clifford, L.
 * Tarassenko and L. A. Smith, "A dynamical model for generating synthetic electrocardiogram signals", IEEE Transactions
 * on Biomedical Engineering 50(3), 2003. Of that model this keeps the waves, the T wave's shift with the heart rate
 * (Bazett's square root) and the baseline that wanders with the breath; a beat at a time needs no differential
 * equation.
 *
 * Equal options give equal bytes on every machine: the random numbers are this file's own, and so is the exponential,
 * since a C library's may differ in the last bit from one processor to the next. (Compile with -ffp-contract=off.)
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 140 };

static const double BEFORE_R = 0.36; /* the part of the cycle that comes before the R peak */

/* ---- random numbers -------------------------------------------------------------------------------------------- */

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t random_bits(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* in [0, 1) */
static double uniform(uint64_t *state)
{
	return (double)(random_bits(state) >> 11) * 0x1p-53;
}

static double between(uint64_t *state, double low, double high)
{
	return low + (high - low) * uniform(state);
}

/* Mean 0, standard deviation 1: twelve uniform numbers added up, so as to need neither logarithm nor cosine. */
static double normal(uint64_t *state)
{
	double sum = -6;

	for (int i = 0; i < 12; i++)
		sum += uniform(state);
	return sum;
}

/* e^x from additions and multiplications alone: a Taylor series near 0, then squared. */
static double exponential(double x)
{
	double u = x / 64, term = 1, sum = 1;

	for (int i = 1; i <= 16; i++) {
		term *= u / i;
		sum += term;
	}
	for (int i = 0; i < 6; i++)
		sum *= sum;
	return sum;
}

/* A factor around 1 whose logarithm has this standard deviation. */
static double factor(uint64_t *state, double deviation)
{
	return exponential(deviation * normal(state));
}

/* ---- one beat -------------------------------------------------------------------------------------------------- */

/* A T wave rises slowly and falls fast: two Gaussians. */
enum wave_name { P, Q, R, S, T, AFTER_T, WAVES };

struct wave {
	double height; /* millivolt */
	double at;     /* seconds after the R peak */
	double width;  /* seconds, one standard deviation of the Gaussian */
};

struct beat {
	struct wave wave[WAVES];
	double last_t;    /* height of the T wave of the beat before */
	double cycle;     /* seconds from this R peak to the next */
	double since;     /* seconds from the last R peak to this one */
	double st;        /* millivolt by which the ST segment is lifted */
	double noise;     /* standard deviation of the electrode's noise, millivolt */
	double breath;    /* height of the baseline's wander, millivolt */
	double breath_at; /* where in the breath the beat starts, in turns */
};

static double wave_value(const struct wave *wave, double height, double seconds)
{
	double d = (seconds - wave->at) / wave->width;

	return fabs(d) > 7 ? 0 : height * exponential(-d * d / 2);
}

/* From 0 to 1 around `at`, within about four times `width`. */
static double step(double seconds, double at, double width)
{
	double d = (seconds - at) / width;

	return d > 30 ? 1 : d < -30 ? 0 : 1 / (1 + exponential(-d));
}

/* A sine by its parabolas (turns in, -1 to 1 out), near enough for a breath. */
static double swing(double turns)
{
	double x = turns - floor(turns);

	return x < 0.5 ? 16 * x * (0.5 - x) : -16 * (x - 0.5) * (1 - x);
}

static struct beat normal_beat(uint64_t *random)
{
	static const struct wave healthy[WAVES] = {
		[P] = {0.13, -0.170, 0.023},
		[Q] = {-0.14, -0.030, 0.011},
		[R] = {1.00, 0.000, 0.013},
		[S] = {-0.26, 0.032, 0.013},
		[T] = {0.24, 0.270, 0.050},
		[AFTER_T] = {0.13, 0.315, 0.030},
	};
	/* Most beats are alike and well recorded, a few are neither: the long tail that every real record has. */
	double odd = uniform(random) < 0.05 ? between(random, 1.6, 4.5) : 1;
	double spread = odd * factor(random, 0.12);
	struct beat beat;
	double t_height = factor(random, 0.16 * spread), t_width = factor(random, 0.05 * spread);
	double t_shift = 0.008 * spread * normal(random);

	beat.cycle = 0.84 * factor(random, 0.06 * spread);
	beat.since = beat.cycle * factor(random, 0.02);
	for (int i = 0; i < WAVES; i++) {
		struct wave *wave = &beat.wave[i];

		*wave = healthy[i];
		wave->height *= factor(random, (i == R ? 0.05 : 0.10) * spread);
		wave->width *= factor(random, 0.05 * spread);
		wave->at += (i == P ? 0.007 : 0.001) * spread * normal(random);
	}
	for (int i = T; i <= AFTER_T; i++) {
		beat.wave[i].height *= t_height;
		beat.wave[i].width *= t_width;
		beat.wave[i].at = (beat.wave[i].at + t_shift) * sqrt(beat.cycle / 0.84);
	}
	beat.last_t = beat.wave[T].height * factor(random, 0.05);
	beat.st = 0.012 * spread * normal(random);
	beat.noise = 0.0207 * odd * factor(random, 0.12);
	beat.breath = 0.06 * odd * factor(random, 0.12);
	beat.breath_at = uniform(random);
	return beat;
}

/* A ventricular beat: early, without a P wave, wide, and its T wave against its QRS. */
static void make_ventricular(struct beat *beat, uint64_t *random)
{
	double wide = between(random, 1.8, 3.2);
	double size = between(random, 0.9, 1.5);

	beat->since *= between(random, 0.60, 0.80);
	beat->cycle *= between(random, 1.05, 1.30);
	beat->wave[P].height = 0;
	beat->wave[Q].height *= between(random, 0, 0.5);
	for (int i = Q; i <= S; i++) {
		beat->wave[i].width *= wide;
		beat->wave[i].at *= wide;
	}
	beat->wave[R].height *= size;
	beat->wave[S].height *= between(random, 1, 2.5);
	beat->wave[T].height *= -between(random, 0.8, 1.8);
	beat->wave[AFTER_T].height *= -between(random, 0.8, 1.8);
	beat->st -= between(random, 0, 0.10);
}

static void make_st_elevated(struct beat *beat, uint64_t *random)
{
	beat->st += between(random, 0.13, 0.40);
	beat->wave[T].height *= between(random, 1, 1.4);
	beat->wave[S].height *= between(random, 0.2, 1);
}

static void make_t_inverted(struct beat *beat, uint64_t *random)
{
	double turn = between(random, -1.2, -0.2);

	beat->wave[T].height *= turn;
	beat->wave[AFTER_T].height *= turn;
	beat->last_t *= turn;
}

/* An atrial beat: early, so that an odd P wave sits on the T wave of the beat before, and the QRS may be slow. */
static void make_atrial(struct beat *beat, uint64_t *random)
{
	double wide = between(random, 1.1, 1.7);

	beat->since *= between(random, 0.46, 0.62);
	beat->cycle *= between(random, 1.0, 1.15);
	beat->wave[P].height *= between(random, -1.5, -0.5);
	beat->wave[P].at += between(random, 0.02, 0.06);
	for (int i = Q; i <= S; i++)
		beat->wave[i].width *= wide;
}

static void make_abnormal(struct beat *beat, uint64_t *random)
{
	double kind = uniform(random);

	if (kind < 0.60)
		make_ventricular(beat, random);
	else if (kind < 0.78)
		make_st_elevated(beat, random);
	else if (kind < 0.95)
		make_t_inverted(beat, random);
	else
		make_atrial(beat, random);
}

static void draw(const struct beat *beat, uint64_t *random, double *sample)
{
	double wander = 0; /* slow noise of the electrode's contact */

	for (int i = 0; i < SAMPLES; i++) {
		double phase = (double)i / SAMPLES - BEFORE_R;
		double seconds = phase * beat->cycle;
		double value = 0;

		for (int w = 0; w < WAVES; w++)
			value += wave_value(&beat->wave[w], beat->wave[w].height, seconds);
		value += wave_value(&beat->wave[T], beat->last_t, seconds + beat->since);
		value += beat->st * (step(seconds, 0.04, 0.008) - step(seconds, beat->wave[T].at + 0.03, 0.02));
		value += beat->breath * swing(beat->breath_at + seconds / 4);
		wander = 0.9 * wander + 0.4 * beat->noise * normal(random);
		sample[i] = value + wander + beat->noise * normal(random);
	}
}

static void standardise(double *sample)
{
	double mean = 0, square = 0;

	for (int i = 0; i < SAMPLES; i++)
		mean += sample[i] / SAMPLES;
	for (int i = 0; i < SAMPLES; i++) {
		sample[i] -= mean;
		square += sample[i] * sample[i] / SAMPLES;
	}
	for (int i = 0; i < SAMPLES; i++)
		sample[i] /= sqrt(square);
}

/* ---- the program ----------------------------------------------------------------------------------------------- */

static const char usage[] = "usage: heartbeats [-n ROWS] [-s SEED] [-a FRACTION]\n";

static _Noreturn void wrong(char option, const char *text)
{
	fprintf(stderr, "heartbeats: -%c: \"%s\" will not do\n%s", option, text, usage);
	exit(2);
}

static uint64_t whole_number(char option, const char *text)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || strchr(text, '-') != NULL)
		wrong(option, text);
	return number;
}

static double fraction(char option, const char *text)
{
	char *end;
	double number = strtod(text, &end);

	if (end == text || *end != '\0' || !(number >= 0 && number <= 1))
		wrong(option, text);
	return number;
}

int main(int argc, char **argv)
{
	uint64_t rows = 4998, seed = 1;
	double abnormal = 0.416;
	int option;

	while ((option = getopt(argc, argv, "n:s:a:h")) != -1) {
		switch (option) {
		case 'n':
			rows = whole_number('n', optarg);
			break;
		case 's':
			seed = whole_number('s', optarg);
			break;
		case 'a':
			abnormal = fraction('a', optarg);
			break;
		case 'h':
			fputs(usage, stdout);
			return fflush(stdout) == 0 ? 0 : 1;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return 2;
	}

	/* Selection sampling: so many of the rows that are left are to be abnormal, in random order, without a list. */
	uint64_t left = (uint64_t)(abnormal * (double)rows + 0.5);

	for (uint64_t row = 0; row < rows && !ferror(stdout); row++) {
		int ill = uniform(&seed) * (double)(rows - row) < (double)left;
		struct beat beat = normal_beat(&seed);
		double sample[SAMPLES];

		if (ill) {
			left--;
			make_abnormal(&beat, &seed);
		}
		draw(&beat, &seed, sample);
		standardise(sample);
		for (int i = 0; i < SAMPLES; i++)
			printf("%.8g,", sample[i]);
		printf("%d\n", !ill);
	}
	if (ferror(stdout) || fclose(stdout) != 0) {
		fprintf(stderr, "heartbeats: <stdout>: %s\n", strerror(errno));
		return 1;
	}
	return 0;
}
