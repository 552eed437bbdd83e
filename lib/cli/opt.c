/* SPDX-License-Identifier: MIT */
#include "cli/opt.h"

#include <float.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "io/aest.h"

#ifndef AE_VERSION
#define AE_VERSION "0.1"
#endif

/* ---- help ---- */

static void print_default(const struct ae_opt *o)
{
	char text[AE_NUMBER_TEXT];
	if (o->kind == AE_OPT_COUNT && *(const uint64_t *)o->value != UINT64_MAX)
		printf(" [%llu]", (unsigned long long)*(const uint64_t *)o->value);
	if (o->kind == AE_OPT_REAL) {
		ae_number_format_f64(text, *(const double *)o->value);
		printf(" [%s]", text);
	}
	if (o->kind == AE_OPT_TEXT && *(const char *const *)o->value)
		printf(" [%s]", *(const char *const *)o->value);
}

static void print_row(char letter, const char *name, const char *arg, const char *help)
{
	char left[80];
	int used = snprintf(left, sizeof(left), letter ? "-%c" : "  ", letter);
	if (name)
		used += snprintf(left + used, sizeof(left) - (size_t)used, letter ? ", --%s" : "  --%s", name);
	if (arg)
		snprintf(left + used, sizeof(left) - (size_t)used, " %s", arg);
	printf("  %-26s %s", left, help);
}

static void print_help(const struct ae_program *program)
{
	printf("usage: %s %s\n%s\n", program->name, program->synopsis, program->about);
	for (size_t i = 0; i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		if (o->kind == AE_OPT_GROUP) {
			printf("\n%s:\n", o->help);
			continue;
		}
		print_row(o->letter, o->name, o->arg, o->help);
		print_default(o);
		printf("\n");
	}
	print_row('h', "help", NULL, "show this help\n");
	print_row('V', "version", NULL, "show the version\n");
}

static void print_version(const struct ae_program *program)
{
	printf("%s (aefilters) %s, AEST version %d\n", program->name, AE_VERSION, AE_AEST_VERSION);
}

/* ---- parsing ---- */

static const char *shown_name(const struct ae_opt *o, char text[80])
{
	if (o->name)
		snprintf(text, 80, "--%s", o->name);
	else
		snprintf(text, 80, "-%c", o->letter);
	return text;
}

static int set_value(const struct ae_opt *o, const char *arg, struct ae_error *err)
{
	char name[80], least[AE_NUMBER_TEXT], most[AE_NUMBER_TEXT];
	struct ae_opt_list *list;
	switch (o->kind) {
	case AE_OPT_FLAG:
		*(bool *)o->value = true;
		return 0;
	case AE_OPT_COUNT:
		if (ae_parse_u64(o->value, arg, o->low, o->high) == 0)
			return 0;
		return ae_fail_usage(err, "%s %s: expected a whole number from %llu to %llu", shown_name(o, name), arg,
			(unsigned long long)o->low, (unsigned long long)o->high);
	case AE_OPT_REAL:
		if (ae_parse_real(o->value, arg, o->least, o->most) == 0)
			return 0;
		if (o->least == -DBL_MAX && o->most == DBL_MAX)
			return ae_fail_usage(err, "%s %s: expected a number", shown_name(o, name), arg);
		ae_number_format_f64(least, o->least);
		ae_number_format_f64(most, o->most);
		return ae_fail_usage(
			err, "%s %s: expected a number from %s to %s", shown_name(o, name), arg, least, most);
	case AE_OPT_TEXT:
		*(const char **)o->value = arg;
		return 0;
	case AE_OPT_LIST:
		list = o->value;
		if (list->count == AE_OPT_ITEMS)
			return ae_fail_usage(err, "%s stands more than %d times", shown_name(o, name), AE_OPT_ITEMS);
		list->items[list->count++] = arg;
		return 0;
	default:
		return 0;
	}
}

static int fail_unknown(const struct ae_program *program, const char *word, struct ae_error *err)
{
	if (strncmp(word, "--", 2) != 0)
		return ae_fail_usage(err, "unknown option %.2s; %s --help lists them", word, program->name);
	char *given = strndup(word + 2, strcspn(word + 2, "="));
	const char **names = calloc(program->option_count + 3, sizeof(*names));
	size_t n = 0;
	for (size_t i = 0; names && i < program->option_count; i++)
		if (program->options[i].name)
			names[n++] = program->options[i].name;
	const char *near = NULL;
	if (names && given) {
		names[n++] = "help";
		names[n++] = "version";
		near = ae_nearest(given, names);
	}
	if (near)
		ae_fail_usage(err, "unknown option --%s; the nearest is --%s", given, near);
	else
		ae_fail_usage(err, "unknown option %s; %s --help lists them", word, program->name);
	free(given);
	free(names);
	return -1;
}

bool ae_opt_given(const struct ae_program *program, const char *name)
{
	for (size_t i = 0; i < program->option_count; i++)
		if (program->options[i].name && strcmp(program->options[i].name, name) == 0)
			return program->given[i];
	return false;
}

enum { LONG_BASE = 1000 };

enum ae_parsed ae_opt_parse(
	const struct ae_program *program, int argc, char **argv, int *operands, struct ae_error *err)
{
	size_t n = program->option_count;
	struct option *longs = ae_calloc(n + 3, sizeof(*longs), err);
	char *shorts = ae_calloc(2 * n + 4, 1, err), *s = shorts;
	if (!longs || !shorts)
		goto fail;
	size_t count = 0;
	*s++ = ':';
	for (size_t i = 0; i < n; i++) {
		const struct ae_opt *o = &program->options[i];
		bool has_arg = o->kind != AE_OPT_FLAG;
		if (o->name)
			longs[count++] = (struct option){o->name, has_arg, NULL, LONG_BASE + (int)i};
		if (o->letter) {
			*s++ = o->letter;
			if (has_arg)
				*s++ = ':';
		}
	}
	strcpy(s, "hV");
	longs[count++] = (struct option){"help", no_argument, NULL, 'h'};
	longs[count] = (struct option){"version", no_argument, NULL, 'V'};
	opterr = 0;
	for (;;) {
		int before = optind ? optind : 1;
		int c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == -1)
			break;
		if (c == 'h' || c == 'V') {
			c == 'h' ? print_help(program) : print_version(program);
			free(longs);
			free(shorts);
			return AE_PARSED_DONE;
		}
		if (c == ':') {
			ae_fail_usage(err, "option %s needs an argument", argv[optind - 1]);
			goto fail;
		}
		if (c == '?') {
			const char *word = argv[optind - 1];
			char letter[3] = {'-', (char)optopt, '\0'};
			if (optopt >= LONG_BASE)
				ae_fail_usage(err, "option %s takes no argument", word);
			else if (optopt && strncmp(argv[before] ? argv[before] : "", "--", 2) != 0)
				fail_unknown(program, letter, err);
			else
				fail_unknown(program, word, err);
			goto fail;
		}
		const struct ae_opt *o = c >= LONG_BASE ? &program->options[c - LONG_BASE] : program->options;
		while (c < LONG_BASE && o->letter != c)
			o++;
		if (set_value(o, optarg, err) != 0)
			goto fail;
		if (program->given)
			program->given[o - program->options] = true;
	}
	*operands = optind;
	free(longs);
	free(shorts);
	return AE_PARSED_GO;
fail:
	free(longs);
	free(shorts);
	return AE_PARSED_FAIL;
}
