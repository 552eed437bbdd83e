/* SPDX-License-Identifier: MIT */
/* score: rows of a CSV file in, one score a row out, by the C library. The scores have the same bits as those of
     ae-normalize -m MODEL | ae-recon -m MODEL | ae-err
   Build: cc score.c -o score $(pkg-config --cflags --libs aefilters)
   Use: score MODEL < rows.csv, where a row is as many numbers as the model has inputs, and an empty cell is missing. */
#include <aefilters.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 1024 }; /* scored at once */

/* The cells of a line into x[inputs]; -1 if it has other than that many numbers. */
static int parse(char *line, double *x, size_t inputs)
{
	line[strcspn(line, "\r\n")] = '\0';
	for (size_t i = 0; i < inputs; i++) {
		char *end = line + strcspn(line, ","), last = *end, *rest;
		*end = '\0';
		x[i] = end == line ? NAN : strtod(line, &rest);
		if (end != line && rest != end)
			return -1;
		if ((last == ',') != (i + 1 < inputs))
			return -1;
		line = end + 1;
	}
	return 0;
}

static int score(struct ae_scorer *scorer, size_t inputs, double *x, struct ae_error *err)
{
	double scores[ROWS];
	char *line = NULL;
	size_t size = 0, rows = 0, number = 0;
	int rc = 0;
	while (rc == 0) {
		int more = getline(&line, &size, stdin) >= 0;
		if (more && parse(line, x + rows++ * inputs, inputs) != 0) {
			err->status = 1;
			snprintf(err->text, sizeof(err->text), "line %zu: not %zu numbers", number + 1, inputs);
			rc = -1;
			break;
		}
		number += (size_t)more;
		if (more && rows < ROWS)
			continue;
		rc = ae_scorer_score(scorer, x, rows, scores, err);
		for (size_t i = 0; rc == 0 && i < rows; i++)
			printf("%.17g\n", scores[i]);
		rows = 0;
		if (!more)
			break;
	}
	free(line);
	return rc;
}

int main(int argc, char **argv)
{
	struct ae_error err;
	struct ae_model *model = NULL;
	struct ae_scorer *scorer = NULL;
	double *x = NULL;
	if (argc != 2) {
		fprintf(stderr, "usage: score MODEL < rows.csv\n");
		return 2;
	}
	int rc = ae_model_read(&model, argv[1], &err);
	if (rc == 0)
		rc = ae_scorer_new(&scorer, model, NULL, 1, &err);
	if (rc == 0) {
		size_t inputs = ae_model_inputs(model);
		x = malloc(ROWS * inputs * sizeof(*x));
		rc = x ? score(scorer, inputs, x, &err) : -1;
		if (!x)
			strcpy(err.text, "out of memory");
	}
	if (rc != 0)
		fprintf(stderr, "score: %s\n", err.text);
	free(x);
	ae_scorer_free(scorer);
	ae_model_free(model);
	return rc == 0 && fflush(stdout) == 0 ? 0 : 1;
}
