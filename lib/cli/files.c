/* SPDX-License-Identifier: MIT */
/* Which files the arguments name, by device and inode, or by folder and name for one that is not there yet. */
#include "cli/files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/outfile.h"
#include "core/util.h"

enum { BESIDE = 2 };
static const char *const beside[BESIDE] = {".ckpt", ".new"};

/* What an argument names. `known` is false for a character device, such as /dev/null and terminals, or what cannot be
   told; for an input, which may come on the socket that the output goes to, it is true of regular files alone. */
struct named {
	const struct ae_opt *option; /* NULL: an operand, or a standard stream */
	const char *path;            /* "-": the standard stream */
	const char *suffix;          /* of the file's name, behind path */
	unsigned use;                /* as enum ae_opt_file has it */
	bool known;
	dev_t device;
	ino_t inode;             /* of the file, or of the folder that it will be in */
	char name[NAME_MAX + 1]; /* empty if the file is there */
};

/* ---- the identity of a file ---- */

static int identify_new(struct named *f, const char *path, struct ae_error *err)
{
	struct stat folder;
	char *target = ae_outfile_target(path, err);
	if (!target)
		return -1;
	char *slash = strrchr(target, '/');
	const char *name = slash ? slash + 1 : target;
	if (*name && strlen(name) <= NAME_MAX) {
		strcpy(f->name, name);
		if (slash)
			slash[1] = '\0';
		f->known = stat(slash ? target : ".", &folder) == 0;
		f->device = folder.st_dev;
		f->inode = folder.st_ino;
	}
	free(target);
	return 0;
}

static int identify(struct named *f, const char *path, struct ae_error *err)
{
	struct stat file;
	bool standard = strcmp(path, "-") == 0, written = f->use & AE_FILE_WRITTEN;
	if ((standard ? fstat(written ? STDOUT_FILENO : STDIN_FILENO, &file) : stat(path, &file)) != 0)
		return errno == ENOENT ? identify_new(f, path, err) : 0;
	f->known = S_ISREG(file.st_mode) || (written && !S_ISCHR(file.st_mode));
	f->device = file.st_dev;
	f->inode = file.st_ino;
	return 0;
}

static bool is_same(const struct named *a, const struct named *b)
{
	return a->known && b->known && a->device == b->device && a->inode == b->inode && strcmp(a->name, b->name) == 0;
}

/* ---- pairs ---- */

static const char *shown(const struct named *f, char text[80])
{
	return f->option ? ae_opt_shown_name(f->option, text) : "the output";
}

/* The output may take the input's place: it gets its name once everything was read. */
static bool may_replace(const struct named *output, const struct named *input)
{
	return output->use & input->use & (AE_FILE_STREAM | AE_FILE_MODEL) && strcmp(output->path, "-") != 0 &&
	       ae_outfile_descriptor(output->path) < 0;
}

static int check_input(const struct named *outputs, size_t count, const struct named *input, struct ae_error *err)
{
	char a[80], b[80];
	for (size_t i = 0; i < count; i++) {
		const struct named *output = &outputs[i];
		if ((input->option && input->option == output->option) || !is_same(output, input) ||
			may_replace(output, input))
			continue;
		if (!output->option)
			return ae_fail(err, "the output is one of the inputs");
		if (!input->option)
			return ae_fail(err, "%s %s%s: is the input", shown(output, a), output->path, output->suffix);
		return ae_fail(err, "%s %s%s: is the file of %s", shown(output, a), output->path, output->suffix,
			shown(input, b));
	}
	return 0;
}

static int check_outputs(const struct named *outputs, size_t count, bool streams, struct ae_error *err)
{
	char a[80], b[80];
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct named *f = &outputs[i], *other = &outputs[j];
			bool standard = strcmp(f->path, "-") == 0, descriptor = ae_outfile_descriptor(f->path) >= 0;
			bool both = standard && strcmp(other->path, "-") == 0;
			/* What a program prints for people may stand among lines that were sent there too. */
			bool mixed = !streams && !other->option && (standard || descriptor);
			if (mixed || (!both && !is_same(f, other)))
				continue;
			const char *of = !other->option ? "" : *other->suffix ? "one of the files of " : "the file of ";
			return ae_fail_usage(
				err, "%s %s%s: is %s%s", shown(f, a), f->path, f->suffix, of, shown(other, b));
		}
	return 0;
}

/* ---- arguments ---- */

/* Whether the option names a file: its path, or NULL. */
static const char *path_of(const struct ae_opt *o)
{
	const char *text = o->file && o->kind != AE_OPT_LIST ? *(const char *const *)o->value : NULL;
	if (text && (o->file & AE_FILE_AT) == AE_FILE_AT)
		return *text == '@' ? text + 1 : NULL;
	if (text && (o->file & AE_FILE_INSTEAD) == AE_FILE_INSTEAD && strcmp(text, "-") == 0)
		return NULL;
	return text;
}

/* Whether -o or --append send elsewhere what else goes to standard output; *streams: whether there is a -o. */
static bool writes_standard(const struct ae_program *program, bool *streams)
{
	bool elsewhere = false;
	*streams = false;
	for (size_t i = 0; i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		bool output = o->name && strcmp(o->name, "output") == 0;
		bool append = o->name && strcmp(o->name, "append") == 0;
		*streams |= output;
		elsewhere |= (output || append) && path_of(o);
	}
	return !elsewhere;
}

static int name_file(struct named *f, const struct ae_opt *option, const char *path, unsigned use, struct ae_error *err)
{
	*f = (struct named){.option = option, .path = path, .suffix = "", .use = use};
	return identify(f, path, err);
}

/* What ae-train may write beside its model. */
static int name_beside(struct named *f, const struct named *model, const char *suffix, struct ae_error *err)
{
	*f = (struct named){.option = model->option, .path = model->path, .suffix = suffix, .use = model->use};
	char *path = ae_concat(model->path, suffix, err);
	int rc = path ? identify(f, path, err) : -1;
	free(path);
	return rc;
}

static int name_outputs(
	struct named *outputs, size_t *count, bool *streams, const struct ae_program *program, struct ae_error *err)
{
	int rc = 0;
	*count = 0;
	if (writes_standard(program, streams))
		rc = name_file(&outputs[(*count)++], NULL, "-", AE_FILE_WRITTEN, err);
	for (size_t i = 0; rc == 0 && i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		const struct named *model = &outputs[*count];
		if (!(o->file & AE_FILE_WRITTEN) || !path_of(o))
			continue;
		rc = name_file(&outputs[(*count)++], o, path_of(o), o->file, err);
		for (size_t s = 0; rc == 0 && s < BESIDE && (o->file & AE_FILE_TRAINED) == AE_FILE_TRAINED; s++)
			rc = name_beside(&outputs[(*count)++], model, beside[s], err);
	}
	return rc;
}

static int check_list(const struct named *outputs, size_t count, const struct ae_opt *o, struct ae_error *err)
{
	const struct ae_opt_list *list = o->value;
	struct named input;
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < list->count; i++) {
		const char *equals = strchr(list->items[i], '=');
		if (equals && equals[1])
			rc = name_file(&input, o, equals + 1, AE_FILE_READ, err);
		if (rc == 0 && equals && equals[1])
			rc = check_input(outputs, count, &input, err);
	}
	return rc;
}

static int check(const struct ae_program *program, char *const *operands, size_t operand_count, struct named *outputs,
	struct ae_error *err)
{
	struct named input;
	size_t count;
	bool streams;
	int rc = name_outputs(outputs, &count, &streams, program, err);
	for (size_t i = 0; rc == 0 && i < program->option_count; i++) {
		const struct ae_opt *o = &program->options[i];
		if ((o->file & AE_FILE_NAMED) == AE_FILE_NAMED)
			rc = check_list(outputs, count, o, err);
		if (!(o->file & AE_FILE_READ) || !path_of(o))
			continue;
		rc = name_file(&input, o, path_of(o), o->file & ~(unsigned)AE_FILE_WRITTEN, err);
		if (rc == 0)
			rc = check_input(outputs, count, &input, err);
	}
	for (size_t i = 0; rc == 0 && i < (operand_count ? operand_count : 1); i++) {
		rc = name_file(&input, NULL, operand_count ? operands[i] : "-", AE_FILE_READ | AE_FILE_STREAM, err);
		if (rc == 0)
			rc = check_input(outputs, count, &input, err);
	}
	return rc == 0 ? check_outputs(outputs, count, streams, err) : -1;
}

int ae_files_check(const struct ae_program *program, char *const *operands, size_t count, struct ae_error *err)
{
	struct named *outputs = ae_calloc(program->option_count + 1 + BESIDE, sizeof(*outputs), err);
	int rc = outputs ? check(program, operands, count, outputs, err) : -1;
	free(outputs);
	return rc;
}
