/* SPDX-License-Identifier: MIT */
/* The formats that streams come in and go out in: a row of a table each. A new format is a source file of its own that
   defines one of these structs, its name below and its row in format.c; options, help and errors follow from the
   tables. */
#ifndef AE_IO_FORMAT_H
#define AE_IO_FORMAT_H

#include "io/encoder.h"
#include "io/source.h"

/* ---- input ---- */

/* Whether bytes are the beginning of a format's input. */
enum ae_begins {
	AE_BEGINS_NO,
	AE_BEGINS_MORE, /* so far; more bytes tell */
	AE_BEGINS_YES,
};

struct ae_input_format {
	const char *name; /* the word of -I */
	char delimiter;   /* of text, where -d does not say another; '\0' for all else */
	bool records;     /* of cells: the options for text say which column is what */
	/* Looks at the first bytes of an input, at least one. What it says other than AE_BEGINS_MORE holds for whatever
	   follows. NULL: only -I chooses this format. */
	enum ae_begins (*begins)(const unsigned char *bytes, size_t len);
	/* Makes the source, which is freed by its own free(). rules and left_out outlive it; left_out is counted up. */
	int (*open)(struct ae_source *source, const struct ae_text_rules *rules, struct ae_left_out *left_out,
		struct ae_error *err);
};

extern const struct ae_input_format ae_csv_input, ae_tsv_input, ae_aest_input, ae_npy_input, ae_idx_input, ae_pnm_input;
extern const struct ae_input_format ae_jsonl_input, ae_msgpack_input;
extern const struct ae_input_format ae_raw_f32_input, ae_raw_f64_input, ae_raw_s16_input, ae_raw_u8_input;

/* The names of the table, for help and errors. */
ae_words ae_input_format_name;
/* NULL: no format has this name. */
const struct ae_input_format *ae_input_format_find(const char *name);
/* Tells the format by the first bytes of an input. NULL: more bytes must come, but never if the input has ended. The
   format of an input is the same however its bytes arrive. Bytes that no format recognises are CSV, or, if no text
   begins so, AEST, whose source then says what is wrong. */
const struct ae_input_format *ae_input_format_detect(const unsigned char *bytes, size_t len, bool ended);

/* ---- output ---- */

struct ae_output_format {
	const char *name;              /* the word of -O */
	const char *const suffixes[4]; /* of names of files, with the dot; NULL ends them */
	bool batches;                  /* a reader sees where a batch ends */
	/* A reader sees that a stream that was cut off is not whole. In formats without that, the writer ends a stream
	   that fails with "!", which no reader takes for a row. */
	bool shows_cut;
	bool lines;         /* rows are lines, and that "!" is one too */
	const char *limits; /* NULL, or why scaled values cannot be written: "PNM holds 0 to maxval" */
	/* Makes the encoder, which is freed by its own free(). */
	int (*open)(struct ae_encoder *encoder, struct ae_error *err);
};

extern const struct ae_output_format ae_csv_output, ae_tsv_output, ae_aest_output, ae_npy_output, ae_pnm_output;
extern const struct ae_output_format ae_jsonl_output, ae_msgpack_output;

/* The names of the table, for help and errors. */
ae_words ae_output_format_name;
/* NULL: no format has this name. */
const struct ae_output_format *ae_output_format_find(const char *name);
/* The format that a path's suffix names, in either case, or NULL. */
const struct ae_output_format *ae_output_format_of_path(const char *path);
/* The suffix of a path's last part, with its dot, or NULL. ".csv" alone and "name." have none. */
const char *ae_path_suffix(const char *path);
/* All suffixes of the table, for errors. */
ae_words ae_output_suffix;

#endif
