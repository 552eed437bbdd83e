/* SPDX-License-Identifier: MIT */
/* Option tables over getopt_long: help, parsing and errors. */
#include "cli/opt.h"

#include <float.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/number.h"
#include "core/version.h"
#include "io/aest.h"

/* ---- help ---- */

static void print_default(const struct ae_opt *o)
{
	char text[AE_NUMBER_TEXT];
	if (o->kind == AE_OPT_COUNT && *(const uint64_t *)o->value != UINT64_MAX)
		printf(" [%llu]", (unsigned long long)*(const uint64_t *)o->value);
	if (o->kind == AE_OPT_REAL && !isnan(*(const double *)o->value)) {
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

/* The help of a row, with the words of its table in the place of "%s". */
static char *help_of(const struct ae_opt *o, char *text, size_t size)
{
	char list[AE_WORDS_TEXT];
	const char *place = o->words ? strstr(o->help, "%s") : NULL;
	if (place)
		snprintf(text, size, "%.*s%s%s", (int)(place - o->help), o->help,
			ae_words_join(list, sizeof(list), o->words, "or"), place + 2);
	else
		snprintf(text, size, "%s", o->help);
	return text;
}

static void print_help(const struct ae_program *program)
{
	printf("usage: %s %s\n%s\n", program->name, program->synopsis, program->about);
	char help[1000];
	for (size_t i = 0; i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		if (o->kind == AE_OPT_RULE)
			continue;
		if (o->kind == AE_OPT_GROUP) {
			printf("\n%s:\n", o->help);
			continue;
		}
		print_row(o->letter, o->name, o->arg, help_of(o, help, sizeof(help)));
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

static bool is_named(const struct ae_opt *o, const char *name)
{
	return (o->name && strcmp(o->name, name) == 0) || (o->old_name && strcmp(o->old_name, name) == 0);
}

const char *ae_opt_shown_name(const struct ae_opt *o, char text[80])
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
		if (o->stands)
			o->stands();
		return 0;
	case AE_OPT_COUNT:
		if (ae_parse_u64(o->value, arg, o->low, o->high) == 0)
			return 0;
		return ae_fail_usage(err, "%s %s: expected a whole number from %llu to %llu",
			ae_opt_shown_name(o, name), arg, (unsigned long long)o->low, (unsigned long long)o->high);
	case AE_OPT_REAL:
		if (ae_parse_real(o->value, arg, o->least, o->most) == 0)
			return 0;
		if (o->least == -DBL_MAX && o->most == DBL_MAX)
			return ae_fail_usage(err, "%s %s: expected a number", ae_opt_shown_name(o, name), arg);
		ae_number_format_f64(least, o->least);
		ae_number_format_most(most, o->most);
		return ae_fail_usage(
			err, "%s %s: expected a number from %s to %s", ae_opt_shown_name(o, name), arg, least, most);
	case AE_OPT_TEXT:
		*(const char **)o->value = arg;
		return 0;
	case AE_OPT_LIST:
	case AE_OPT_STEP:
		list = o->value;
		if (list->count == AE_OPT_ITEMS)
			return ae_fail_usage(
				err, "%s stands more than %d times", ae_opt_shown_name(o, name), AE_OPT_ITEMS);
		list->names[list->count] = o->name;
		list->items[list->count++] = arg;
		return 0;
	default:
		return 0;
	}
}

/* The long name of the table nearest to the given one, NULL if none is near. Former names count too. */
static const char *nearest_name(const struct ae_program *program, const char *given)
{
	const char **names = calloc(2 * program->option_count + 2, sizeof(*names));
	size_t n = 0;
	if (!names)
		return NULL;
	for (size_t i = 0; i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		if (o->name)
			names[n++] = o->name;
		if (o->old_name)
			names[n++] = o->old_name;
	}
	names[n++] = "help";
	names[n++] = "version";
	const char *near = NULL; /* the shortest that begins so */
	for (size_t i = 0; *given && i < n; i++)
		if (strncmp(names[i], given, strlen(given)) == 0 && (!near || strlen(names[i]) < strlen(near)))
			near = names[i];
	if (!near)
		near = ae_nearest(given, names, n);
	free(names);
	for (size_t i = 0; near && i < program->option_count; i++)
		if (is_named(&program->options[i], near))
			return program->options[i].name;
	return near;
}

static int fail_unknown(const struct ae_program *program, const char *word, struct ae_error *err)
{
	char given[80];
	if (strncmp(word, "--", 2) != 0)
		return ae_fail_usage(err, "unknown option %s; %s --help lists them", word, program->name);
	snprintf(given, sizeof(given), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const char *near = nearest_name(program, given);
	if (near)
		return ae_fail_usage(err, "unknown option --%s; the nearest is --%s", given, near);
	return ae_fail_usage(err, "unknown option %s; %s --help lists them", word, program->name);
}

bool ae_opt_given(const struct ae_program *program, const char *name)
{
	for (size_t i = 0; i < program->option_count; i++)
		if (is_named(&program->options[i], name))
			return program->given[i];
	return false;
}

/* ---- rules ---- */

/* The next word of a list behind *at, NULL at its end. */
static const char *next_word(const char **at, char word[80])
{
	*at += strspn(*at, " ");
	size_t len = strcspn(*at, " ");
	snprintf(word, 80, "%.*s", (int)len, *at);
	*at += len;
	return len ? word : NULL;
}

static size_t place_of(const struct ae_program *program, const char *word)
{
	size_t i = 0;
	while (i < program->option_count && !is_named(&program->options[i], word) &&
		!(word[1] == '\0' && program->options[i].letter == word[0]))
		i++;
	return i;
}

/* The first option of a list that was given, or the number of all. */
static size_t first_given(const struct ae_program *program, const bool *given, const char *list)
{
	char word[80];
	while (next_word(&list, word)) {
		size_t i = place_of(program, word);
		if (i < program->option_count && given[i])
			return i;
	}
	return program->option_count;
}

static int fail_alone(
	const struct ae_program *program, const struct ae_opt *option, const char *others, struct ae_error *err)
{
	char text[300] = "", word[80], name[80];
	size_t len = 0;
	while (next_word(&others, word)) {
		size_t i = place_of(program, word);
		if (i < program->option_count && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", len ? " or " : "",
				ae_opt_shown_name(&program->options[i], name));
	}
	return ae_fail_usage(err, "%s goes with %s", ae_opt_shown_name(option, name), text);
}

static int check_rules(const struct ae_program *program, const bool *given, struct ae_error *err)
{
	char name[80], other_name[80];
	size_t none = program->option_count;
	for (size_t i = 0; i < none; i++) {
		const struct ae_opt *rule = &program->options[i];
		size_t this = rule->kind == AE_OPT_RULE ? first_given(program, given, rule->these) : none;
		if (this == none)
			continue;
		size_t other = first_given(program, given, rule->others);
		if (rule->excluded && other != none)
			return ae_fail_usage(err, "%s excludes %s",
				ae_opt_shown_name(&program->options[other], other_name),
				ae_opt_shown_name(&program->options[this], name));
		if (!rule->excluded && other == none)
			return fail_alone(program, &program->options[this], rule->others, err);
	}
	return 0;
}

/* ---- getopt ---- */

/* getopt_long returns LONG_BASE + the place in the table for a long option, the letter for a short one. */
enum { LONG_BASE = 1000 };

struct getopt_tables {
	struct option *longs;
	char *shorts;
};

static void free_tables(struct getopt_tables *tables)
{
	free(tables->longs);
	free(tables->shorts);
}

static int make_tables(struct getopt_tables *tables, const struct ae_program *program, struct ae_error *err)
{
	size_t n = program->option_count;
	struct option *next = tables->longs = ae_calloc(2 * n + 3, sizeof(*next), err);
	char *s = tables->shorts = ae_calloc(2 * n + 4, 1, err);
	if (!next || !s)
		return -1;
	*s++ = ':'; /* a missing argument is ':', not '?' */
	for (size_t i = 0; i < n; i++) {
		const struct ae_opt *o = &program->options[i];
		bool has_arg = o->kind != AE_OPT_FLAG && (o->kind != AE_OPT_STEP || o->arg);
		if (o->name)
			*next++ = (struct option){o->name, has_arg, NULL, LONG_BASE + (int)i};
		if (o->old_name)
			*next++ = (struct option){o->old_name, has_arg, NULL, LONG_BASE + (int)i};
		if (o->letter)
			*s++ = o->letter;
		if (o->letter && has_arg)
			*s++ = ':';
	}
	strcpy(s, "hV");
	*next++ = (struct option){"help", no_argument, NULL, 'h'};
	*next = (struct option){"version", no_argument, NULL, 'V'};
	return 0;
}

/* The error that getopt_long reported by the character c. */
static int fail_option(const struct ae_program *program, int c, const char *word, struct ae_error *err)
{
	char letter[3] = {'-', (char)optopt, '\0'};
	if (c == ':')
		return ae_fail_usage(err, "option %s needs an argument", word);
	if (optopt >= LONG_BASE || optopt == 'h' || optopt == 'V')
		return ae_fail_usage(err, "option %s takes no argument", word);
	return fail_unknown(program, optopt ? letter : word, err);
}

/* getopt_long takes the beginning of a long name for the name, in which a later option may change what it means. */
static int check_whole(const char *name, char *const *argv, struct ae_error *err)
{
	const char *word = argv[optind - (optarg && optarg == argv[optind - 1] ? 2 : 1)];
	size_t len = strcspn(word + 2, "=");
	if (strlen(name) == len)
		return 0;
	return ae_fail_usage(err, "unknown option --%.*s; the nearest is --%s", (int)len, word + 2, name);
}

static const struct ae_opt *option_of(const struct ae_program *program, int c)
{
	const struct ae_opt *o = program->options;
	if (c >= LONG_BASE)
		return o + (c - LONG_BASE);
	while (o->letter != c)
		o++;
	return o;
}

static enum ae_parsed parse_options(const struct ae_program *program, const struct getopt_tables *tables, int argc,
	char **argv, bool *given, struct ae_error *err)
{
	const int none = -1;
	int c, place = none; /* among the long options */
	opterr = 0;
	for (; (c = getopt_long(argc, argv, tables->shorts, tables->longs, &place)) != -1; place = none) {
		if (c != ':' && c != '?' && place != none && check_whole(tables->longs[place].name, argv, err) != 0)
			return AE_PARSED_FAIL;
		if (c == 'h' || c == 'V') {
			c == 'h' ? print_help(program) : print_version(program);
			return AE_PARSED_DONE;
		}
		if (c == ':' || c == '?') {
			(void)fail_option(program, c, argv[optind - 1], err);
			return AE_PARSED_FAIL;
		}
		const struct ae_opt *o = option_of(program, c);
		if (set_value(o, optarg, err) != 0)
			return AE_PARSED_FAIL;
		given[o - program->options] = true;
	}
	return check_rules(program, given, err) == 0 ? AE_PARSED_GO : AE_PARSED_FAIL;
}

enum ae_parsed ae_opt_parse(
	const struct ae_program *program, int argc, char **argv, int *operands, struct ae_error *err)
{
	struct getopt_tables tables = {0};
	enum ae_parsed parsed = AE_PARSED_FAIL;
	bool *given = ae_calloc(program->option_count, sizeof(*given), err);
	if (given && make_tables(&tables, program, err) == 0)
		parsed = parse_options(program, &tables, argc, argv, given, err);
	for (size_t i = 0; given && program->given && i < program->option_count; i++)
		program->given[i] |= given[i];
	*operands = optind;
	free(given);
	free_tables(&tables);
	return parsed;
}
