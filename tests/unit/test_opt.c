/* SPDX-License-Identifier: MIT */
/* Option tables: former names, the words of a table in help and errors, getopt's own cases. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cli/opt.h"

static const char *colour(size_t i)
{
	static const char *const words[] = {"red", "green", "blue", NULL};
	return words[i];
}

static const char *one(size_t i)
{
	return i == 0 ? "alone" : NULL;
}

struct values {
	const char *act, *colour;
	uint64_t count;
	bool flag;
};

static bool given[5];

/* Parses the words of a command line, which begin with the program's name. */
static enum ae_parsed parse(struct values *v, char **argv, struct ae_error *err, int *operands)
{
	const struct ae_opt table[] = {
		AE_GROUP("All"),
		AE_RENAMED("hidden-act", "act", &v->act, "NAME", NULL, "activation"),
		AE_WORD("colour", 'k', &v->colour, "WORD", colour, "paint it %s; not only once"),
		AE_COUNT("count", 'n', &v->count, 1, 9, "N", "so many"),
		AE_FLAG("flag", 'f', &v->flag, "a flag"),
	};
	const struct ae_program program = {"try", "[options]", "Tries.", table, sizeof(table) / sizeof(*table), given};
	int argc = 0;
	while (argv[argc])
		argc++;
	memset(given, 0, sizeof(given));
	optind = 0;
	enum ae_parsed parsed = ae_opt_parse(&program, argc, argv, operands, err);
	CHECK(ae_opt_given(&program, "act") == ae_opt_given(&program, "hidden-act"), "one option by both names");
	return parsed;
}

#define PARSE(...) parse(&v, (char *[]){"try", __VA_ARGS__, NULL}, &err, &operands)

static void test_names(void)
{
	struct values v = {0};
	struct ae_error err;
	int operands;
	CHECK(PARSE("--act", "relu", "-f", "x") == AE_PARSED_GO && strcmp(v.act, "relu") == 0, "the former name");
	CHECK(given[1] && given[4] && !given[2] && v.flag && operands == 4, "given, operands %d", operands);
	CHECK(PARSE("--hidden-act=tanh") == AE_PARSED_GO && strcmp(v.act, "tanh") == 0, "the name");
	CHECK(PARSE("--ac", "elu") == AE_PARSED_FAIL && err.status == AE_STATUS_USAGE && strstr(err.text, "--"),
		"names are written in full: %s", err.text);
	CHECK(PARSE("a", "-kred", "-n", "3", "b") == AE_PARSED_GO && v.count == 3 && strcmp(v.colour, "red") == 0,
		"letters");
	CHECK(operands == 4, "operands %d", operands);
	CHECK(PARSE("--count=4", "-fn5", "--colour=red", "-fk", "blue") == AE_PARSED_GO && v.count == 5, "%s",
		err.text);
	CHECK(strcmp(v.colour, "blue") == 0 && operands == 6, "letters in one word after a name: operands %d",
		operands);
	check_group("options by name, former name and letter");
}

static void fails(const char *text, enum ae_parsed parsed, const struct ae_error *err)
{
	CHECK(parsed == AE_PARSED_FAIL && err->status == AE_STATUS_USAGE && strcmp(err->text, text) == 0,
		"expected \"%s\", got \"%s\"", text, err->text);
}

static void test_errors(void)
{
	struct values v = {0};
	struct ae_error err;
	int operands;
	fails("unknown option --coluor; the nearest is --colour", PARSE("--coluor", "red"), &err);
	fails("unknown option --acs; the nearest is --hidden-act", PARSE("--acs=red"), &err);
	fails("unknown option --zzzzzzzz; try --help lists them", PARSE("--zzzzzzzz"), &err);
	fails("unknown option -z; try --help lists them", PARSE("-z"), &err);
	fails("unknown option -z; try --help lists them", PARSE("-fz"), &err);
	fails("option -n needs an argument", PARSE("-n"), &err);
	fails("option --count needs an argument", PARSE("--count"), &err);
	fails("option --flag=1 takes no argument", PARSE("--flag=1"), &err);
	fails("option --help=1 takes no argument", PARSE("--help=1"), &err);
	fails("--count 10: expected a whole number from 1 to 9", PARSE("-n", "10"), &err);
	check_group("errors of options");
}

static enum ae_parsed parse_rules(char **argv, struct ae_error *err)
{
	bool a, b, c, d;
	const struct ae_opt table[] = {
		AE_FLAG("alpha", 'a', &a, ""),
		AE_FLAG("beta", 'b', &b, ""),
		AE_FLAG(NULL, 'c', &c, ""),
		AE_FLAG("delta", 0, &d, ""),
		AE_GOES_WITH("alpha beta", "c elsewhere delta"),
		AE_EXCLUDES("delta", "c"),
	};
	const struct ae_program program = {"try", "", "", table, sizeof(table) / sizeof(*table), NULL};
	int argc = 0, operands;
	while (argv[argc])
		argc++;
	optind = 0;
	return ae_opt_parse(&program, argc, argv, &operands, err);
}

#define RULES(...) parse_rules((char *[]){"try", __VA_ARGS__, NULL}, &err)

static void test_rules(void)
{
	struct ae_error err;
	fails("--beta goes with -c or --delta", RULES("-b"), &err);
	fails("--alpha goes with -c or --delta", RULES("-b", "x", "-a"), &err);
	fails("-c excludes --delta", RULES("--delta", "-cb"), &err);
	CHECK(RULES("-bc") == AE_PARSED_GO && RULES("--delta", "-a", "-b") == AE_PARSED_GO &&
			RULES("x") == AE_PARSED_GO,
		"options that go together: %s", err.text);
	check_group("which options go together");
}

static void test_help(void)
{
	struct values v = {0};
	struct ae_error err;
	int operands;
	char *text = NULL;
	size_t len;
	FILE *before = stdout, *memory = open_memstream(&text, &len);
	stdout = memory;
	enum ae_parsed parsed = PARSE("--help");
	stdout = before;
	fclose(memory);
	CHECK(parsed == AE_PARSED_DONE, "help ends the program");
	CHECK(strstr(text, "paint it red, green or blue; not only once"), "%s", text);
	CHECK(strstr(text, "--hidden-act NAME") && !strstr(text, "--act"), "%s", text);
	free(text);
	check_group("help");
}

static void test_words(void)
{
	struct ae_error err;
	char text[20];
	CHECK(strcmp(ae_words_join(text, sizeof(text), colour, "and"), "red, green and blue") == 0, "%s", text);
	CHECK(strcmp(ae_words_join(text, sizeof(text), one, "or"), "alone") == 0, "%s", text);
	CHECK(strcmp(ae_words_join(text, 8, colour, "or"), "red, gr") == 0, "%s", text);
	CHECK(ae_fail_word(&err, "colour", "gren", colour) == -1 && err.status == AE_STATUS_USAGE &&
			strcmp(err.text, "unknown colour \"gren\"; did you mean green?") == 0,
		"%s", err.text);
	(void)ae_fail_word(&err, "colour", "x", colour);
	CHECK(strcmp(err.text, "unknown colour \"x\": expected red, green or blue") == 0, "%s", err.text);
	check_group("words of a table");
}

int main(void)
{
	test_names();
	test_errors();
	test_rules();
	test_help();
	test_words();
	return check_done();
}
