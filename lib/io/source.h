/* SPDX-License-Identifier: MIT */
/* The interface of an input format: it turns the bytes of an input into a schema and rows for the reader. */
#ifndef AE_IO_SOURCE_H
#define AE_IO_SOURCE_H

#include "io/batch.h"
#include "io/input.h"
#include "io/reading.h"

enum ae_missing { AE_MISSING_ERROR, AE_MISSING_SKIP, AE_MISSING_MASK, AE_MISSING_WAYS };

struct ae_left_out_news;
struct ae_order;

/* Names that the features of x shall have, in their order. */
struct ae_feature_names {
	char *const *names;
	size_t count;  /* 0: any names in any order */
	bool each;     /* they name every element, so the columns of text are found by them */
	bool optional; /* text may have none of them */
};

/* How text is to be understood; all strings belong to the caller and may be NULL. COLS are names, 1-based numbers,
   negative numbers from the end, or ranges (1-140), separated by commas. */
struct ae_reader_options {
	const char *format;    /* a name of an ae_input_format; NULL: by the first bytes */
	const char *delimiter; /* one character, "\t" allowed */
	bool no_header;
	bool numeric_header; /* the first row is the header though names in it are numbers */
	const char *header;  /* names for a file without header row, separated by commas */
	const char *x, *label, *id, *time, *pass, *target;
	/* If not NULL, text goes beside rows of these columns, which were read with the same lists: what is no name of
	   a column here says nothing, and columns named as an id, time or pass of text there are one too. Used until
	   the header is read. */
	const struct ae_schema *beside;
	const char *shape; /* of a row of x */
	bool f32;
	bool no_inputs; /* the program takes no x: columns without a role are passed through, whatever they hold */
	bool results;   /* the program takes what others made: so they are in text that holds err or pred and no recon,
			   and in text that holds recon, target or latent all but those that have the names of
			   recon or target */
	/* Columns that conditions name must hold numbers, as those of x do, also where they are passed through. The
	   names outlive the reader. */
	char *const *compared;
	size_t compared_count;
	/* Columns that a model does know, though they are no features: they stay out of ae_left_out's unknown ones.
	   Used until the header is read. */
	char *const *known;
	size_t known_count;
	const char *missing; /* a word of ae_missing_word */
	const char *on_bad;  /* a word of ae_on_bad_word */
	const char *rejects; /* file to which every line that is left out is appended */
	/* If not NULL, size_t: the rows of the last batch, in order, that the program leaves out too. The reader keeps
	   their lines likewise, and empties it. */
	struct ae_buf *rejected;
	bool whole_rows;   /* the program refuses --missing mask: errors do not name it */
	bool more_inputs;  /* another reader of this program has these options too, and may use those that this one
			      does not */
	bool shape_of_all; /* the program gives the shape to streams that have one */
	bool follows;      /* its rows go beside those of another reader, which decides when to stop: after SIGTERM it
			      reads on for up to a second, whatever its input is */
	bool lenient_eof;
	bool multiline;      /* cells of CSV may hold line ends */
	const char *na;      /* cells that mean a missing number, a list as in COLS */
	const char *comment; /* lines that begin so are no rows */
	uint64_t skip_lines; /* before the header of each input */
	bool units;          /* the line after a header is no row */
	/* If not NULL, called when the first of a kind is left out, and then once a second at most while it goes on. */
	void (*report)(void *arg, const struct ae_left_out_news *news);
	void *report_arg;
	ae_show_reading *show; /* NULL: nobody sees how far reading has come */
	void *show_arg;

	/* For text and AEST; the reader keeps copies of the names: */
	struct ae_feature_names features; /* of a model, by which x is found and put in order */
	bool pair; /* the features of target, recon and err come into the order of x, where they are the same set */
	/* Makes the scaler in a lineage that of an x whose features were put in order. Needed where the lineage is
	   used: NULL keeps it as it is. 0, or -1 and *err. */
	int (*reorder_lineage)(struct ae_buf *lineage, const struct ae_order *order, struct ae_error *err);
};

/* The same, checked. */
struct ae_text_rules {
	const struct ae_reader_options *options;
	char delimiter;
	enum ae_missing missing;
	bool skip_bad;
	struct ae_shape shape; /* rank 0 if not given */
	char **na;             /* further spellings of a missing number */
	size_t na_count;
	bool no_plain; /* no line of CSV takes the way of plain ones: for tests that compare */
};

/* What does not become a row: bad rows (--on-bad=skip), rows with a missing value (--missing=skip), and the lines "!"
   by which a program that wrote into this text says that it failed. And a key that is no column: the record becomes a
   row without it, and only the first such key is counted. */
enum ae_left_out_kind {
	AE_LEFT_OUT_BAD,
	AE_LEFT_OUT_MISSING,
	AE_LEFT_OUT_FAILED_RUN,
	AE_LEFT_OUT_KEY,
	AE_LEFT_OUT_KINDS
};

enum { AE_LEFT_OUT_TEXT = 240 };

/* Of one kind: how many, and why, as "line 3: expected 2 fields, got 3". */
struct ae_left_out_reasons {
	uint64_t count;
	char first[AE_LEFT_OUT_TEXT], last[AE_LEFT_OUT_TEXT];
	uint64_t line;      /* of the last one, if its text is not made yet */
	const char *column; /* then its name, which belongs to the source, else NULL */
};

/* What was left out, for the program to report. */
struct ae_left_out {
	struct ae_left_out_reasons of[AE_LEFT_OUT_KINDS];
	struct ae_buf rejects; /* lines of rejected rows not written out yet, if rejects are kept */
	bool keep_rejects;
	/* Writes them out, for a source that waits for its header; NULL: nobody does. */
	int (*write)(void *arg, struct ae_error *err);
	void *write_arg;
	bool keep_rows;        /* those of other rows stand among them until the program has seen the batch */
	struct ae_buf records; /* then: struct ae_left_out_record, of which records the lines are */
	uint64_t unknown;      /* columns of the first text that no feature of a model names: they are passed through */
	struct ae_buf unknown_names; /* "a", "b" and so on, without a NUL; only the first ones */
};

struct ae_left_out_record {
	size_t row; /* of the batch that is read, from 1, which may be left out yet; 0: it is left out */
	size_t end; /* in rejects */
};

/* Keeps the bytes of a record, if they are wanted; row as above. */
int ae_left_out_keep(
	struct ae_left_out *left_out, const void *bytes, size_t len, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* The program has seen the batch: of its rows, only the lines of rows[n] stay, from 0 and in order. */
void ae_left_out_sift(struct ae_left_out *left_out, const size_t *rows, size_t n);
/* Writes out what has gathered, if that is much. Before the header only: then no row waits for the program. */
int ae_left_out_write(struct ae_left_out *left_out, struct ae_error *err) AE_MUST_CHECK;
/* Counts one more, and keeps why. */
void ae_left_out_add(struct ae_left_out *left_out, enum ae_left_out_kind kind, const char *reason);
/* Counts one more row for a missing value; its text is made when it is asked for. `column` lives as long as the source.
 */
void ae_left_out_add_missing(struct ae_left_out *left_out, uint64_t line, const char *column);
/* Why the last one of this kind was left out; valid until the next call of these functions. */
const char *ae_left_out_last(struct ae_left_out *left_out, enum ae_left_out_kind kind);

/* What a reader has to say of it while it reads. */
struct ae_left_out_news {
	enum ae_left_out_kind kind;
	bool first;       /* of this kind, and text is about it */
	uint64_t count;   /* how many since the last report */
	const char *text; /* of the last one: "FILE: line 3: expected 2 fields, got 3" */
};

/* Batches end at this many rows or at the row that reaches this many bytes. */
enum { AE_BATCH_ROWS = 4096, AE_BATCH_BYTES = 1 << 20 };

enum ae_read {
	AE_READ_FAIL = -1,
	AE_READ_END = 0,      /* proven end of the stream */
	AE_READ_ROWS = 1,     /* rows are there */
	AE_READ_BOUNDARY = 2, /* one stream has ended and another follows */
};

/* One open input of some format. header() is called first and again after AE_READ_BOUNDARY; it fills an empty schema.
   rows() appends to `rows` until the batch is full or no more input is waiting; it blocks only while `rows` is empty.
   AE_READ_END and AE_READ_BOUNDARY come with empty `rows` only. AE_READ_ROWS may too, where much was left out, so that
   it can be reported meanwhile. A source belongs to one thread, as its input does.
   Errors name line or row and column, not the file. */
struct ae_source {
	void *state;
	int (*header)(void *state, struct ae_input *input, struct ae_schema *schema, struct ae_error *err);
	enum ae_read (*rows)(void *state, struct ae_input *input, const struct ae_schema *schema, struct ae_rows *rows,
		struct ae_error *err);
	void (*free)(void *state);
	bool stopped; /* the stream's end says that its writer was stopped */
	bool text;    /* or an array: carries no lineage */
};

/* The error of an input without a byte: of a pipe it is mostly that the program before failed. Returns -1. */
int ae_source_fail_empty(const struct ae_input *input, struct ae_error *err);

/* ---- what sources of arrays share ---- */

/* Waits for more bytes of a header. The end of the input is an error that names the format. */
int ae_source_more_header(struct ae_input *input, const char *format, struct ae_error *err) AE_MUST_CHECK;
/* Adds column x of --shape if that is given, else of `shape`. They must hold equally many values; the error calls what
   has them `row` ("an image"). */
struct ae_column *ae_source_add_x(struct ae_schema *schema, const struct ae_text_rules *rules, enum ae_type type,
	const struct ae_shape *shape, const char *row, struct ae_error *err) AE_MUST_CHECK;
/* Of a row of x, counted from 1: n floats of that type are finite, or NaN where --missing mask is given; else an error
   that names row and column. */
int ae_source_check_row(const struct ae_text_rules *rules, const unsigned char *values, enum ae_type type, size_t n,
	uint64_t row, struct ae_error *err) AE_MUST_CHECK;
/* Whether a batch of rows of that many bytes ends here. */
bool ae_source_is_full(const struct ae_rows *rows, size_t row_size);
/* The part of rows() for when the bytes at hand hold no further row. True: more have come. False: *got is what rows()
   returns, AE_READ_END only without rows, and then it is the caller's to say whether the input may end here. */
bool ae_source_more_rows(
	struct ae_input *input, const struct ae_rows *rows, enum ae_read *got, struct ae_error *err) AE_MUST_CHECK;

/* Rows of equal size, as many as the header says. */
struct ae_array {
	const char *format; /* for messages */
	uint64_t rows;
	size_t row_size; /* in the file */
	uint64_t read;   /* rows read so far */
};

/* Checks, after the header, that a regular file holds the first row, before anything is made in the size of a row that
   is announced and not there. */
int ae_source_array_check(
	const struct ae_array *array, const struct ae_input *input, struct ae_error *err) AE_MUST_CHECK;
/* An ae_source's rows(): add() appends the values of one row to x. An array that is cut or followed by something is an
   error. */
enum ae_read ae_source_array_rows(struct ae_array *array, struct ae_input *input, struct ae_rows *rows,
	int (*add)(void *arg, struct ae_data *x, const unsigned char *row, struct ae_error *err), void *arg,
	struct ae_error *err);

#endif
