/* SPDX-License-Identifier: MIT */
/* Option tables: one a program, which drives getopt_long and makes --help. */
#ifndef AE_CLI_OPT_H
#define AE_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "core/thread_pool.h"
#include "io/signals.h"
#include "stream/reader.h"
#include "stream/writer.h"

enum ae_opt_kind {
	AE_OPT_FLAG,  /* bool */
	AE_OPT_COUNT, /* uint64_t in [low, high] */
	AE_OPT_REAL,  /* double in [least, most] */
	AE_OPT_TEXT,  /* const char * */
	AE_OPT_LIST,  /* struct ae_opt_list, one item each time the option stands */
	AE_OPT_STEP,  /* struct ae_opt_list of several options, in the order in which they stand */
	AE_OPT_GROUP, /* no option: a heading in --help */
	AE_OPT_RULE,  /* no option: which of them go together */
};

/* What a text says of files. A file that is written must not be one that is read, nor one that is written otherwise
   (ae_files_check), but for one that is written beside its place and takes that of its own original: an output of the
   kind AE_FILE_STREAM that of an operand, a new AE_FILE_MODEL that of an old one. */
enum ae_opt_file {
	AE_FILE_READ = 1 << 0,
	AE_FILE_WRITTEN = 1 << 1,
	AE_FILE_AT = 1 << 2 | AE_FILE_READ, /* a file only if it begins with "@" */
	AE_FILE_STREAM = 1 << 3,
	AE_FILE_MODEL = 1 << 4,
	AE_FILE_OLD_MODEL = AE_FILE_READ | AE_FILE_MODEL,
	AE_FILE_NEW_MODEL = AE_FILE_WRITTEN | AE_FILE_MODEL,
	AE_FILE_TRAINED = 1 << 5 | AE_FILE_NEW_MODEL, /* its name with .ckpt or .new may be written too */
	AE_FILE_INSTEAD = 1 << 6 | AE_FILE_WRITTEN,   /* "-": it is what the output has, and no other file */
	AE_FILE_NAMED = 1 << 7 | AE_FILE_READ,        /* a list of NAME=FILE */
};

enum { AE_OPT_ITEMS = 64 };

struct ae_opt_list {
	const char *items[AE_OPT_ITEMS]; /* NULL: the option has no argument */
	const char *names[AE_OPT_ITEMS]; /* of steps: of the option */
	size_t count;
};

/* One row: long name and letter (one of them may be NULL or 0), where the value goes, and its line of --help. The value
   before ae_opt_parse is called is the default, which --help shows; UINT64_MAX, NaN and NULL are none. Texts point into
   argv. */
struct ae_opt {
	const char *name;
	char letter;
	enum ae_opt_kind kind;
	void *value;
	const char *arg; /* what the argument is called in --help */
	const char *help;
	uint64_t low, high;
	double least, most;
	const char *old_name; /* a former long name: it keeps working, --help does not list it; may be NULL */
	unsigned file;        /* of enum ae_opt_file; 0: the text names none */
	ae_words *words;      /* the words that the argument may be: they replace "%s" in help; may be NULL */
	/* Of a rule, each options by name or letter with spaces between: these are an error without any of the others,
	   or, if it is `excluded`, with one of them. */
	const char *these, *others;
	bool excluded;
	void (*stands)(void); /* of a flag, called where it stands, before files are looked at; may be NULL */
};

struct ae_program {
	const char *name;
	const char *synopsis; /* after the name */
	const char *about;    /* one sentence */
	const struct ae_opt *options;
	size_t option_count;
	bool *given; /* NULL, or for each option: whether it stood among the arguments */
};

/* How parsing ended: an error, the program goes on, --help or --version has been printed. */
enum ae_parsed { AE_PARSED_FAIL = -1, AE_PARSED_GO = 0, AE_PARSED_DONE = 1 };

/* Reads the arguments; *operands is the index of the first operand in argv, which getopt_long may have reordered.
   AE_PARSED_DONE: --help or --version was printed. Errors are of status AE_STATUS_USAGE and name the option. */
enum ae_parsed ae_opt_parse(
	const struct ae_program *program, int argc, char **argv, int *operands, struct ae_error *err);

/* Whether the option of this long name was given (by its old name too); program->given is set. */
bool ae_opt_given(const struct ae_program *program, const char *name);

/* "--NAME", or "-L" for an option that has a letter alone. */
const char *ae_opt_shown_name(const struct ae_opt *option, char text[80]);

/* ---- options that mean the same everywhere ---- */

struct ae_common {
	struct ae_reader_options in;
	struct ae_writer_options out;
	const char *model;
	uint64_t threads;
	bool quiet, verbose;
	bool reload; /* the model anew, when its file has changed */
};

/* The rows of a table. The last arguments set the members that only one kind has. */
#define AE_ROW(kind_, name_, letter_, value_, arg_, help_, ...)                                                        \
	{                                                                                                              \
		.name = (name_), .letter = (letter_), .kind = (kind_), .value = (value_), .arg = (arg_),               \
		.help = (help_), __VA_ARGS__                                                                           \
	}
#define AE_FLAG(name_, letter_, value_, help_) AE_ROW(AE_OPT_FLAG, name_, letter_, value_, NULL, help_, .words = NULL)
#define AE_TEXT_OPTION(name_, letter_, value_, arg_, help_)                                                            \
	AE_ROW(AE_OPT_TEXT, name_, letter_, value_, arg_, help_, .words = NULL)
/* A text that names a file: use_ is of enum ae_opt_file. */
#define AE_FILE(name_, letter_, value_, use_, arg_, help_)                                                             \
	AE_ROW(AE_OPT_TEXT, name_, letter_, value_, arg_, help_, .file = (use_))
#define AE_FILE_IN(name_, letter_, value_, arg_, help_) AE_FILE(name_, letter_, value_, AE_FILE_READ, arg_, help_)
#define AE_FILE_OUT(name_, letter_, value_, arg_, help_) AE_FILE(name_, letter_, value_, AE_FILE_WRITTEN, arg_, help_)
/* A text that is one of the words of a table. The program that looks it up refuses others (ae_fail_word). */
#define AE_WORD(name_, letter_, value_, arg_, words_, help_)                                                           \
	AE_ROW(AE_OPT_TEXT, name_, letter_, value_, arg_, help_, .words = (words_))
/* A text whose option had another long name before. */
#define AE_RENAMED(name_, old_name_, value_, arg_, words_, help_)                                                      \
	AE_ROW(AE_OPT_TEXT, name_, 0, value_, arg_, help_, .words = (words_), .old_name = (old_name_))
/* A list of NAME=FILE that are read. */
#define AE_FILE_LIST(name_, letter_, value_, arg_, help_)                                                              \
	AE_ROW(AE_OPT_LIST, name_, letter_, value_, arg_, help_, .file = AE_FILE_NAMED)
#define AE_LIST(name_, letter_, value_, arg_, help_)                                                                   \
	AE_ROW(AE_OPT_LIST, name_, letter_, value_, arg_, help_, .words = NULL)
/* One of the options that share a list; arg_ NULL: it has no argument. words_ as of AE_WORD. */
#define AE_STEP(name_, value_, arg_, words_, help_)                                                                    \
	AE_ROW(AE_OPT_STEP, name_, 0, value_, arg_, help_, .words = (words_))
#define AE_COUNT(name_, letter_, value_, low_, high_, arg_, help_)                                                     \
	AE_ROW(AE_OPT_COUNT, name_, letter_, value_, arg_, help_, .low = (low_), .high = (high_))
#define AE_REAL(name_, letter_, value_, least_, most_, arg_, help_)                                                    \
	AE_ROW(AE_OPT_REAL, name_, letter_, value_, arg_, help_, .least = (least_), .most = (most_))
/* Options that would change nothing. What the program's table does not have of the others is not named. */
#define AE_GOES_WITH(these_, others_)                                                                                  \
	{                                                                                                              \
		.kind = AE_OPT_RULE, .these = (these_), .others = (others_)                                            \
	}
#define AE_EXCLUDES(these_, others_)                                                                                   \
	{                                                                                                              \
		.kind = AE_OPT_RULE, .these = (these_), .others = (others_), .excluded = true                          \
	}
#define AE_GROUP(text_)                                                                                                \
	{                                                                                                              \
		.kind = AE_OPT_GROUP, .help = (text_)                                                                  \
	}

/* The second for a program whose --missing has more words than ae_missing_word. */
#define AE_OPTIONS_INPUT(in_) AE_OPTIONS_INPUT_MISSING(in_, ae_missing_word)
#define AE_OPTIONS_INPUT_MISSING(in_, missing_words_)                                                                  \
	AE_GROUP("Input"),                                                                                             \
		AE_WORD(NULL, 'I', &(in_)->format, "FMT", ae_input_format_name,                                        \
			"input format %s; default: by the first bytes"),                                               \
		AE_FLAG("no-header", 'H', &(in_)->no_header, "text has no header row"),                                \
		AE_TEXT_OPTION("header", 0, &(in_)->header, "A,B,C", "text has no header row; these are the names"),   \
		AE_FLAG("numeric-header", 0, &(in_)->numeric_header,                                                   \
			"the first row is the header, though names in it are numbers"),                                \
		AE_TEXT_OPTION("delimiter", 'd', &(in_)->delimiter, "C", "delimiter of text input; default: comma"),   \
		AE_COUNT("skip-lines", 0, &(in_)->skip_lines, 0, INT64_MAX, "N",                                       \
			"leave out N lines before the header of each file"),                                           \
		AE_TEXT_OPTION("comment", 0, &(in_)->comment, "C", "leave out the lines that begin with C"),           \
		AE_FLAG("units", 0, &(in_)->units, "the line after the header holds units: leave it out"),             \
		AE_FLAG("multiline", 0, &(in_)->multiline,                                                             \
			"quoted cells of CSV may hold line ends, read and written"),                                   \
		AE_TEXT_OPTION("x", 0, &(in_)->x, "COLS", "the model's inputs; every other column is passed through"), \
		AE_TEXT_OPTION("label", 0, &(in_)->label, "COL", "the truth, never fed to the network"),               \
		AE_TEXT_OPTION("id", 0, &(in_)->id, "COLS", "record ids, carried through"),                            \
		AE_TEXT_OPTION("time", 0, &(in_)->time, "COLS", "time stamps, carried through"),                       \
		AE_TEXT_OPTION("pass", 0, &(in_)->pass, "COLS", "other columns to carry through"),                     \
		AE_TEXT_OPTION(                                                                                        \
			"target", 0, &(in_)->target, "COLS", "what the reconstruction is held against, if not x"),     \
		AE_TEXT_OPTION("shape", 0, &(in_)->shape, "H,W,C", "shape of a row of x"),                             \
		AE_FLAG("f32", 0, &(in_)->f32, "text numbers become f32 instead of f64"),                              \
		AE_WORD("missing", 0, &(in_)->missing, "HOW", missing_words_,                                          \
			"missing values in text: %s; default: error"),                                                 \
		AE_TEXT_OPTION(                                                                                        \
			"na", 0, &(in_)->na, "WORDS", "cells that mean a missing number, as an empty one does"),       \
		AE_WORD("on-bad", 0, &(in_)->on_bad, "HOW", ae_on_bad_word, "bad rows of text: %s; default: error"),   \
		AE_FILE_OUT("rejects", 0, &(in_)->rejects, "FILE", "append every line that =skip leaves out here"),    \
		AE_FLAG("lenient-eof", 0, &(in_)->lenient_eof, "accept a last row without newline")

#define AE_OPTIONS_OUTPUT(out_)                                                                                        \
	AE_GROUP("Output"),                                                                                            \
		AE_FILE("output", 'o', &(out_)->path, AE_FILE_WRITTEN | AE_FILE_STREAM, "FILE",                        \
			"write to FILE, which appears when it is whole"),                                              \
		AE_FILE_OUT("append", 0, &(out_)->append, "FILE", "text goes to the end of FILE, a log, as it comes"), \
		AE_WORD(NULL, 'O', &(out_)->format, "FMT", ae_output_format_name, "output format %s"),                 \
		AE_FLAG("csv", 'c', &(out_)->csv, "same as -O csv"),                                                   \
		AE_FLAG("tsv", 't', &(out_)->tsv, "same as -O tsv"),                                                   \
		AE_FLAG("headerless", 0, &(out_)->headerless, "rows of CSV and TSV alone, without a line of names"),   \
		AE_COUNT("batch-rows", 0, &(out_)->batch_rows, 0, UINT32_MAX, "N",                                     \
			"exactly N rows a batch; 0: as they come")

/* Of a program that may be the first of a chain; its -m is common_->model. SIGHUP may come before anything is read. */
#define AE_OPTION_RELOAD(common_)                                                                                      \
	AE_ROW(AE_OPT_FLAG, "reload", 0, &(common_)->reload, NULL,                                                     \
		"take up a new model in the file of -m, for the whole chain: SIGHUP at once",                          \
		.stands = ae_signals_take_reloads),                                                                    \
		AE_GOES_WITH("reload", "model"), AE_EXCLUDES("reload", "fit compare invert")

#define AE_OPTIONS_COMMON(common_)                                                                                     \
	AE_GROUP("Common"),                                                                                            \
		AE_COUNT("threads", 'j', &(common_)->threads, 1, AE_THREADS_MAX, "N",                                  \
			"worker threads; no result depends on them"),                                                  \
		AE_FLAG("quiet", 'q', &(common_)->quiet, "print nothing but errors"),                                  \
		AE_FLAG("verbose", 'v', &(common_)->verbose, "print what was done")

#endif
