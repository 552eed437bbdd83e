/* SPDX-License-Identifier: MIT */
/* A program's name and its arguments, a line each: the program parses them, and goes on without input and with no file
   of theirs. The Makefile compiles the programs for this, with AE_PROGRAMS, and --wrap brings ae_program_start here. */
#include "fuzz.h"

#include <getopt.h>
#include <string.h>

#include "cli/files.h"
#include "cli/program.h"

#define PROGRAM(name_) int name_##_main(int argc, char **argv);
AE_PROGRAMS
#undef PROGRAM

static const struct {
	const char *name;
	int (*main)(int argc, char **argv);
} programs[] = {
#define PROGRAM(name_) {#name_, name_##_main},
	AE_PROGRAMS
#undef PROGRAM
};

bool __wrap_ae_program_start(const struct ae_program *program, int argc, char **argv, int *operands, int *status);

/* A file of the arguments becomes none, or one that is empty. */
static void forget_file(const struct ae_opt *o)
{
	if (o->kind != AE_OPT_TEXT || !o->file)
		return;
	const char **text = o->value;
	if (*text && (o->file != AE_FILE_AT || **text == '@'))
		*text = o->file == AE_FILE_AT ? "@/dev/null" : "/dev/null";
}

bool __wrap_ae_program_start(const struct ae_program *program, int argc, char **argv, int *operands, int *status)
{
	struct ae_error err = {0};
	enum ae_parsed parsed = ae_opt_parse(program, argc, argv, operands, &err);
	*status = 0;
	FUZZ_CHECK(parsed != AE_PARSED_FAIL || (err.status == AE_STATUS_USAGE && *err.text), "%s", err.text);
	if (parsed != AE_PARSED_GO)
		return false;
	FUZZ_CHECK(*operands >= 1 && *operands <= argc, "operand %d of %d", *operands, argc);
	if (ae_files_check(program, argv + *operands, (size_t)(argc - *operands), &err) != 0)
		return false;
	for (size_t i = 0; i < program->option_count; i++)
		forget_file(&program->options[i]);
	*operands = argc;
	return true;
}

/* Standard input is empty, and what the program prints is lost. */
static void run(int (*program)(int argc, char **argv), int argc, char **argv)
{
	static FILE *null;
	FILE *before = stderr;
	if (!null) {
		null = fopen("/dev/null", "r+");
		FUZZ_CHECK(null && dup2(fileno(null), STDIN_FILENO) >= 0 && dup2(fileno(null), STDOUT_FILENO) >= 0,
			"no /dev/null");
	}
	stderr = null;
	optind = 0;
	program(argc, argv);
	stderr = before;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum { ARGUMENTS = 64 };
	struct ae_error err;
	char *text = ae_strndup((const char *)data, size, &err), *rest = text, *argv[ARGUMENTS + 1] = {0};
	int argc = 0;
	while (argc < ARGUMENTS && rest)
		argv[argc++] = strsep(&rest, "\n");
	for (size_t i = 0; argc && i < sizeof(programs) / sizeof(*programs); i++)
		if (strcmp(argv[0], programs[i].name) == 0)
			run(programs[i].main, argc, argv);
	free(text);
	return 0;
}
