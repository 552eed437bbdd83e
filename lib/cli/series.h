/* SPDX-License-Identifier: MIT */
/* Rows of a series, in groups that each have a state: what the programs have in common whose result depends on the
   rows before. The options, the group of a row, gaps in time, groups that are forgotten, and rows that are left out. */
#ifndef AE_CLI_SERIES_H
#define AE_CLI_SERIES_H

#include "cli/anew.h"
#include "cli/program.h"
#include "core/lock.h"
#include "core/msgpack.h"
#include "core/outfile.h"
#include "core/sha256.h"
#include "core/timestamp.h"
#include "model/grouping.h"
#include "stream/groups.h"

struct ae_series_options {
	const char *group, *max_gap, *state;
	uint64_t max_groups;
};
#define AE_SERIES_DEFAULTS                                                                                             \
	{                                                                                                              \
		.max_groups = 65536                                                                                    \
	}
/* Rows of a program's table. group_help: what is made of the rows of a group. */
#define AE_OPTIONS_SERIES(o_, group_help_)                                                                             \
	AE_TEXT_OPTION("group", 0, &(o_)->group, "COL", group_help_),                                                  \
		AE_TEXT_OPTION("max-gap", 0, &(o_)->max_gap, "T",                                                      \
			"a group starts anew after a longer time without a row, such as 90s or 1.5h"),                 \
		AE_COUNT("max-groups", 0, &(o_)->max_groups, 1, 1 << 24, "N",                                          \
			"beyond so many groups the one not seen for longest is forgotten"),                            \
		AE_FILE_OUT("state", 0, &(o_)->state, "FILE",                                                          \
			"go on from what FILE keeps of the rows before, and keep it there"),                           \
		AE_GOES_WITH("max-groups", "group model")

/* What is kept for a group. It is all zero for one that is new or starts anew. */
struct ae_series_group {
	uint64_t rows;       /* so far; the program counts them */
	struct ae_time time; /* of the last row, where it is timed */
	bool timed;
	size_t size; /* bytes that there are for values */
	_Alignas(max_align_t) unsigned char values[];
};

/* What a program keeps in the values of a group: numbers, and behind them, where a double may stand, what follows from
   them. Zeros are those of a group without rows. */
struct ae_series_layout {
	enum ae_type type;
	size_t count;
	size_t derived; /* bytes */
	/* What a group needs whose first number is this, at most these two and the more the larger it is: numbers, and
	   bytes behind them. The program calls ae_series_grow before the number becomes larger by one. NULL: all. */
	void (*needs)(void *arg, double first, size_t *count, size_t *derived);
	/* Makes the derived part, zeros, from numbers of a file, where there is as much room as `first` needs; false if
	   they cannot be any. NULL: nothing to make. */
	bool (*restore)(void *arg, unsigned char *values, double first);
	void *arg;
	const char *settings; /* of the program, which must be those of the file: "size 32, stride 1" */
	size_t column;        /* whose values they are */
	bool of_any_model;    /* they go on with the scores of another model, which is noted */
};

/* The episodes that ae-thresh keeps in the file of the state beside the groups of the series: groups of their own, and
   a map. */
struct ae_series_episodes {
	const struct ae_groups *(*groups)(const void *arg);
	/* Packs the map; packs the message of a group, an array announced with `closing` more elements (its checksum),
	   which the caller packs. */
	void (*pack)(const void *arg, struct ae_pack *pack);
	void (*pack_group)(
		const void *arg, struct ae_pack *pack, const void *key, size_t len, const void *state, size_t closing);
	/* Takes the map back, where nothing is kept yet, and then each message. other_model: the rows that it is of
	   were made by another model than those that come. */
	int (*take)(void *arg, const struct ae_value *map, bool other_model, struct ae_error *err);
	int (*take_group)(void *arg, const struct ae_value *message, struct ae_error *err);
	void *arg;
};

/* Start with program, common and options, and `episodes` where there are any, the rest zero. Freed with ae_series_free.
 */
struct ae_series {
	const struct ae_program *program;
	const struct ae_common *common;
	const struct ae_series_options *options;
	struct ae_grouping by; /* of the options, or of the step of a model */
	const struct ae_schema *in;
	const char *name;   /* of the input */
	size_t group, time; /* columns */
	struct ae_series_layout layout;
	const struct ae_series_episodes *episodes; /* NULL: none are kept */
	unsigned char columns[AE_DIGEST_SIZE];     /* of the state, as its file has it */
	char *settings;                            /* likewise */
	struct ae_buf lineage;                     /* what of it decides the values of the rows (lineage_values.h) */
	size_t size;                               /* of the values of a new group */
	struct ae_groups *groups;
	uint64_t done;      /* rows of the stream before the batch */
	uint64_t forgotten; /* groups of the stream, of which `anew` knows */
	struct ae_anew anew;
	uint64_t gaps, bad, good; /* of all streams: gaps, rows left out as bad, and others */
	bool begun;               /* there was a stream */
	int64_t (*clock)(void);   /* milliseconds; NULL: ae_clock_ms */
	int64_t saved;            /* when the state was, by the clock */
	bool unsaved;             /* it has changed since */
	pid_t writing;            /* the process that writes it, unless 0 or -1 */
	struct ae_name_lock lock; /* of the state, from the start on */
	struct ae_outfile file;   /* of the state, at the end */
	bool open;                /* it is */
	bool told_unit;           /* what a number is taken for that is a time */
	struct ae_buf rejected;   /* size_t: bad rows, for a filter's `rejected` */
	/* The group of the last row, and what it was before: its values where it began anew, after a gap. */
	struct {
		struct ae_series_group *group;
		uint64_t rows;
		struct ae_time time;
		bool timed, is_new, began_anew;
		struct ae_buf values;
	} asked;
	struct ae_buf dropped; /* size_t: rows of the batch that are left out */
	struct ae_rows kept;   /* the others, if there are any of either */
};

/* --max-gap; NULL leaves *ns as it is. */
int ae_max_gap_parse(int64_t *ns, const char *text, struct ae_error *err) AE_MUST_CHECK;
/* Checks the options, whether the state can be written, and that no other program keeps its own there, which none can
   from then on. Before anything else. */
int ae_series_start(struct ae_series *series, struct ae_error *err) AE_MUST_CHECK;
/* The failure of an option that needs times, where no column has them. */
int ae_series_no_time(const char *option, struct ae_error *err);
/* Each stream begins anew, but for the first one with --state, and for one that goes on from the one before
   (ae_reader_goes_on) with the same settings: finds its columns. The layout is copied; what it points
   at outlives the series. Errors do not name the input. */
int ae_series_begin(struct ae_series *series, const struct ae_reader *reader, const struct ae_series_layout *layout,
	struct ae_error *err) AE_MUST_CHECK;
/* The group of the next row of a batch; every row is asked for, in order. 1; 0 for a row that is left out, because its
   time is none or runs backwards; -1 and *err. The pointer lives until the next call. */
int ae_series_row(struct ae_series *series, const struct ae_batch *in, size_t row, struct ae_series_group **group,
	struct ae_error *err) AE_MUST_CHECK;
/* The row that was asked for last is bad: as ae_series_row, by --on-bad. Its values have changed nothing; what its
   group, or its time, did is undone. */
int ae_series_bad(struct ae_series *series, const struct ae_batch *in, size_t row, const char *what,
	struct ae_error *err) AE_MUST_CHECK;
/* Makes room in the group that was asked for last, which may move, for a first number that is larger by one. */
int ae_series_grow(struct ae_series *series, struct ae_series_group **group, struct ae_error *err) AE_MUST_CHECK;
/* What the layout says of a group whose first number is this: how many numbers, and all bytes. */
size_t ae_series_needs(const struct ae_series *series, double first, size_t *bytes);
/* Leaves out the row that was asked for last. */
int ae_series_drop(struct ae_series *series, size_t row, struct ae_error *err) AE_MUST_CHECK;
/* After the rows of a batch: those that were not left out, until the next batch. NULL and *err on failure. */
const struct ae_batch *ae_series_kept(
	struct ae_series *series, const struct ae_batch *in, struct ae_error *err) AE_MUST_CHECK;
/* A filter's idle(): the milliseconds until it is to be called again, or 0. */
int ae_series_idle(struct ae_series *series);
/* A filter's settled(): writes the state, where it has changed, once a minute. It never is ahead of the output then. A
   process does it that has our memory as it is now, since no row shall wait for a disk. */
int ae_series_settled(struct ae_series *series);
/* A filter's end(): writes the state. `also` of the filter is what ae_series_also gives, so that the state gets its
   name with the output, both or none. */
int ae_series_last(struct ae_series *series, struct ae_error *err) AE_MUST_CHECK;
struct ae_outfile *ae_series_also(struct ae_series *series);
/* Notes after a run without an error what there is to say of groups, gaps and rows that were left out. */
void ae_series_note(const struct ae_series *series);
void ae_series_free(struct ae_series *series);

#endif
