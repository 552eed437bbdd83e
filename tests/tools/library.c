/* SPDX-License-Identifier: MIT */
/* Drives the public library for tests/library.bats, as a program of a user would: built against an installed one.
     library recon|encode|verdict MODEL THREADS < rows.csv      prints floats, or score,verdict
     library threads MODEL < rows.csv                           two scorers of one model in two threads at once
     library model MODEL                                        what the model holds
     library train OUT KEY=VALUE... < rows.csv                  progress goes to standard error
     library errors MODEL                                       each call that must fail, with its message
   Rows are numbers without a header; an empty cell or nan is missing. The locale is the environment's. */
#include <aefilters.h>
#include <dlfcn.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ae_error err;

static void check(int rc, const char *what)
{
	if (rc == 0)
		return;
	fprintf(stderr, "%s: %s (status %d)\n", what, err.text, err.status);
	exit(err.status);
}

/* All numbers of standard input; *inputs is how many the first line has. */
static double *read_rows(size_t *rows, size_t *inputs)
{
	char *line = NULL;
	size_t size = 0, n = 0, cap = 0;
	double *x = NULL, *grown;
	for (*rows = 0; getline(&line, &size, stdin) > 0; ++*rows) {
		for (char *cell = line, *end; cell; cell = end ? end + 1 : NULL) {
			end = strchr(cell, ',');
			if (end)
				*end = '\0'; /* which is the decimal point of some locales */
			if (n == cap) {
				grown = realloc(x, (cap = 2 * cap + 1024) * sizeof(*x));
				if (!grown)
					exit(9);
				x = grown;
			}
			x[n++] = *cell == '\0' || *cell == '\n' ? NAN : strtod(cell, NULL);
		}
		if (*rows == 0)
			*inputs = n;
	}
	free(line);
	return x;
}

static struct ae_model *read_model(const char *path)
{
	struct ae_model *model;
	check(ae_model_read(&model, path, &err), "ae_model_read");
	return model;
}

static void apply(const char *what, const char *path, int threads)
{
	struct ae_model *model = read_model(path);
	struct ae_scorer *scorer;
	size_t rows, inputs, outputs = ae_model_outputs(model), latents = ae_model_latents(model);
	double *x = read_rows(&rows, &inputs);
	double *score = malloc(rows * sizeof(*score));
	float *values = malloc(rows * (outputs > latents ? outputs : latents) * sizeof(*values));
	unsigned char *verdict = malloc(rows);
	check(ae_scorer_new(&scorer, model, NULL, threads, &err), "ae_scorer_new");
	if (inputs != ae_model_inputs(model))
		exit(9);
	if (strcmp(what, "recon") == 0) {
		check(ae_scorer_reconstruct(scorer, x, rows, values, &err), "ae_scorer_reconstruct");
		fwrite(values, sizeof(*values), rows * outputs, stdout);
	} else if (strcmp(what, "encode") == 0) {
		check(ae_scorer_encode(scorer, x, rows, values, &err), "ae_scorer_encode");
		fwrite(values, sizeof(*values), rows * latents, stdout);
	} else {
		check(ae_scorer_score(scorer, x, rows, score, &err), "ae_scorer_score");
		check(ae_scorer_verdict(scorer, score, rows, verdict, &err), "ae_scorer_verdict");
		for (size_t i = 0; i < rows; i++)
			printf("%.17g,%u\n", score[i], verdict[i]);
	}
	free(x);
	free(score);
	free(values);
	free(verdict);
	ae_scorer_free(scorer);
	ae_model_free(model);
}

/* ---- threads ---- */

struct task {
	const struct ae_model *model;
	const double *x;
	size_t rows;
	double *score;
	struct ae_error err;
	int rc;
};

static void *score_often(void *arg)
{
	struct task *task = arg;
	struct ae_scorer *scorer;
	task->rc = ae_scorer_new(&scorer, task->model, NULL, 2, &task->err);
	if (task->rc != 0)
		return NULL;
	for (int i = 0; i < 50 && task->rc == 0; i++)
		task->rc = ae_scorer_score(scorer, task->x, task->rows, task->score, &task->err);
	ae_scorer_free(scorer);
	return NULL;
}

static void two_threads(const char *path)
{
	struct ae_model *model = read_model(path);
	struct task tasks[2];
	pthread_t threads[2];
	size_t rows, inputs;
	double *x = read_rows(&rows, &inputs);
	for (int i = 0; i < 2; i++) {
		/* The second one takes the second half of the rows. */
		tasks[i] = (struct task){.model = model, .x = x + (size_t)i * (rows / 2) * inputs};
		tasks[i].rows = i ? rows - rows / 2 : rows / 2;
		tasks[i].score = malloc(rows * sizeof(double));
		if (pthread_create(&threads[i], NULL, score_often, &tasks[i]) != 0)
			exit(9);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		err = tasks[i].err;
		check(tasks[i].rc, "ae_scorer_score");
		for (size_t row = 0; row < tasks[i].rows; row++)
			printf("%.17g\n", tasks[i].score[row]);
		free(tasks[i].score);
	}
	free(x);
	ae_model_free(model);
}

/* ---- models ---- */

static void describe(const char *path)
{
	struct ae_model *model = read_model(path);
	double threshold = NAN;
	size_t inputs = ae_model_inputs(model);
	printf("%s %zu %zu %zu", ae_version(), inputs, ae_model_latents(model), ae_model_outputs(model));
	printf(" %s", ae_model_threshold(model, &threshold) ? "threshold" : "none");
	printf(" %.17g", threshold);
	for (size_t i = 0; i <= inputs; i++)
		printf(" %s", ae_model_feature(model, i) ? ae_model_feature(model, i) : "-");
	printf("\n");
	ae_model_free(model);
}

static void set_option(struct ae_train_options *o, const char *key, const char *value)
{
	const struct {
		const char *key, **word;
		double *real;
		uint64_t *count;
		int *flag;
	} options[] = {{"net", &o->net, 0, 0, 0}, {"hidden-act", &o->hidden_act, 0, 0, 0},
		{"out-act", &o->out_act, 0, 0, 0}, {"shape", &o->shape, 0, 0, 0}, {"scaler", &o->scaler, 0, 0, 0},
		{"loss", &o->loss, 0, 0, 0}, {"optimizer", &o->optimizer, 0, 0, 0}, {"lr", 0, &o->lr, 0, 0},
		{"decay", 0, &o->decay, 0, 0}, {"momentum", 0, &o->momentum, 0, 0}, {"valid", 0, &o->valid, 0, 0},
		{"trim", 0, &o->trim, 0, 0}, {"epochs", 0, 0, &o->epochs, 0}, {"batch", 0, 0, &o->batch, 0},
		{"seed", 0, 0, &o->seed, 0}, {"warmup", 0, 0, &o->warmup, 0}, {"slices", 0, 0, &o->slices, 0},
		{"schedule", &o->schedule, 0, 0, 0}, {"weight-decay", 0, &o->weight_decay, 0, 0},
		{"patience", 0, 0, &o->patience, 0}, {"per-tensor", 0, 0, 0, &o->per_tensor},
		{"mask", 0, 0, 0, &o->mask}, {"strip", 0, 0, 0, &o->strip}, {"force", 0, 0, 0, &o->force},
		{"threads", 0, 0, 0, &o->threads}};
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (strcmp(key, options[i].key) != 0)
			continue;
		if (options[i].word)
			*options[i].word = value;
		if (options[i].real)
			*options[i].real = atof(value);
		if (options[i].count)
			*options[i].count = strtoull(value, NULL, 10);
		if (options[i].flag)
			*options[i].flag = atoi(value);
		return;
	}
	fprintf(stderr, "no option %s\n", key);
	exit(9);
}

static int on_epoch(void *arg, uint64_t epoch, double loss, double valid_loss)
{
	const uint64_t *stop = arg;
	fprintf(stderr, "%llu,%.9g,%.9g\n", (unsigned long long)epoch, loss, valid_loss);
	return epoch == *stop;
}

static void train(const char *out, char **settings, int count)
{
	struct ae_train_options options;
	const char *names[1000];
	struct ae_model *model;
	size_t rows, inputs;
	uint64_t stop = 0;
	void (*set_threads)(int) = NULL;
	int (*get_threads)(void) = NULL;
	ae_train_options_init(&options, sizeof(options));
	for (int i = 0; i < count; i++) {
		char *value = strchr(settings[i], '=');
		*value++ = '\0';
		if (strcmp(settings[i], "stop") == 0) {
			stop = strtoull(value, NULL, 10);
		} else if (strcmp(settings[i], "blas") == 0) {
			/* As a program that computes with OpenBLAS itself. */
			void *blas = dlopen("libopenblas.so.0", RTLD_NOW);
			void *set = blas ? dlsym(blas, "openblas_set_num_threads") : NULL;
			void *get = blas ? dlsym(blas, "openblas_get_num_threads") : NULL;
			if (!set || !get)
				exit(9);
			memcpy(&set_threads, &set, sizeof(set));
			memcpy(&get_threads, &get, sizeof(get));
			set_threads(atoi(value));
		} else if (strcmp(settings[i], "features") == 0) {
			size_t n = 0;
			for (char *name = strtok(value, ","); name; name = strtok(NULL, ","))
				names[n++] = name;
			options.features = names;
		} else {
			set_option(&options, settings[i], value);
		}
	}
	double *x = read_rows(&rows, &inputs);
	check(ae_model_train(&model, &options, x, rows, inputs, on_epoch, &stop, &err), "ae_model_train");
	if (get_threads)
		fprintf(stderr, "OpenBLAS: %d threads\n", get_threads());
	check(ae_model_write(model, out, &err), "ae_model_write");
	ae_model_free(model);
	free(x);
}

/* ---- errors ---- */

static void expect(int rc, const char *what)
{
	printf("%s: %d %d %s\n", what, rc, err.status, err.text);
	err = (struct ae_error){.status = 0};
}

static void train_two(struct ae_train_options *options, const double *x, size_t rows, size_t inputs, const char *what)
{
	struct ae_model *none;
	expect(ae_model_train(&none, options, x, rows, inputs, NULL, NULL, &err), what);
}

static void feature_errors(struct ae_train_options *options, const double *x)
{
	const char *missing[] = {"a", NULL}, *empty[] = {"", "b"}, *twice[] = {"a", "a"}, *lines[] = {"a", "b\nc"};
	const char *const *all[] = {missing, empty, twice, lines};
	for (int i = 0; i < 4; i++) {
		options->features = all[i];
		train_two(options, x, 1, 2, "features");
	}
	options->features = NULL;
}

/* Sizes that the library does not know, and those of struct members that a later version may have added. */
static void size_errors(struct ae_train_options *options, const double *x)
{
	struct {
		struct ae_train_options options;
		char later[8];
	} later;
	size_t size = options->size;
	ae_train_options_init(&later.options, sizeof(later));
	if (later.options.size != sizeof(later) || memcmp(later.later, "\0\0\0\0\0\0\0", 8) != 0)
		exit(9);
	train_two(&later.options, x, 1, 2, "later size");
	options->size = 0;
	train_two(options, x, 1, 2, "no size");
	options->size = offsetof(struct ae_train_options, threads);
	train_two(options, x, 1, 2, "small size");
	options->size = size;
}

static void limit_errors(struct ae_train_options *options, const double *x)
{
	train_two(options, x, 1, 0, "no inputs");
	train_two(options, x, 1, ((size_t)1 << 32) + 4, "many inputs");
	train_two(options, x, SIZE_MAX / 8, 2, "many rows");
	options->threads = -1;
	train_two(options, x, 1, 2, "threads");
	options->threads = 257;
	train_two(options, x, 1, 2, "threads");
	options->threads = 0;
	options->epochs = 0;
	train_two(options, x, 1, 2, "epochs");
	options->epochs = 1;
	options->slices = 0;
	train_two(options, x, 1, 2, "slices");
	options->slices = 16;
}

static void errors(const char *path)
{
	struct ae_model *model = read_model(path), *none;
	struct ae_scorer *scorer;
	size_t n = ae_model_inputs(model);
	double *x = calloc(2 * n, sizeof(*x)), score[2] = {0, 0};
	unsigned char verdict[2];
	struct ae_train_options options;
	ae_train_options_init(&options, sizeof(options));
	options.net = "3-1-3";
	expect(ae_model_read(&none, "no.aem", &err), "read");
	expect(ae_model_write(model, "no/folder.aem", &err), "write");
	expect(ae_scorer_new(&scorer, model, "mean", 1, &err), "metric");
	expect(ae_scorer_new(&scorer, model, NULL, -1, &err), "threads");
	expect(ae_scorer_new(&scorer, model, NULL, 257, &err), "threads");
	check(ae_scorer_new(&scorer, model, NULL, 1, &err), "ae_scorer_new");
	ae_scorer_limit_memory(scorer, 1000);
	expect(ae_scorer_score(scorer, x, 2, score, &err), "memory");
	ae_scorer_limit_memory(scorer, 100 << 20);
	expect(ae_scorer_score(scorer, x, 2, score, &err), "more memory");
	x[n + 2] = INFINITY;
	expect(ae_scorer_score(scorer, x, 2, score, &err), "infinite");
	x[n + 2] = 0;
	expect(ae_scorer_verdict(scorer, score, 2, verdict, &err), "verdict");
	ae_scorer_free(scorer);
	train_two(&options, x, 1, 2, "inputs");
	x[1] = -1e30;
	options.net = "2-1-2";
	train_two(&options, x, 1, 2, "beyond");
	options.scaler = "minmax";
	train_two(&options, x, 1, 2, "beyond, scaled");
	options.scaler = NULL;
	x[1] = 0;
	options.net = "2-1-2 relu";
	train_two(&options, x, 1, 2, "net");
	options.net = "2-1-2";
	train_two(&options, x, 0, 2, "rows");
	options.loss = "nothing";
	train_two(&options, x, 1, 2, "loss");
	options.loss = NULL;
	options.scaler = "div:0";
	train_two(&options, x, 1, 2, "scaler");
	options.scaler = NULL;
	options.shape = "3,1";
	train_two(&options, x, 1, 2, "shape");
	options.shape = NULL;
	options.lr = NAN;
	train_two(&options, x, 1, 2, "lr");
	options.lr = 0.001;
	feature_errors(&options, x);
	size_errors(&options, x);
	limit_errors(&options, x);
	x[0] = NAN;
	train_two(&options, x, 1, 2, "missing");
	free(x);
	ae_model_free(model);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	if (!setlocale(LC_ALL, ""))
		return 8;
	if (strcmp(what, "threads") == 0)
		two_threads(argv[2]);
	else if (strcmp(what, "model") == 0)
		describe(argv[2]);
	else if (strcmp(what, "train") == 0)
		train(argv[2], argv + 3, argc - 3);
	else if (strcmp(what, "errors") == 0)
		errors(argv[2]);
	else if (argc == 4)
		apply(what, argv[2], atoi(argv[3]));
	else
		return 9;
	return 0;
}
