/* SPDX-License-Identifier: MIT */
/* What is kept of a row for the record of an episode, and that record: an object of JSON, in one line. */
#ifndef AE_CLI_ALARM_RECORD_H
#define AE_CLI_ALARM_RECORD_H

#include "core/msgpack.h"
#include "core/sha256.h"
#include "io/batch.h"
#include "model/episodes.h"

enum { AE_ALARM_TOP = 3 };

/* Where it stands in the rows of a stream. */
struct ae_alarm_columns {
	const struct ae_schema *in;
	size_t time; /* AE_NO_COLUMN: none */
	size_t top[AE_ALARM_TOP], share[AE_ALARM_TOP];
	unsigned tops; /* how many of them there are, as `ae-err --top` makes them */
};

struct ae_alarm_event {
	const struct ae_episode *episode;
	uint64_t id;
	const char *group; /* NULL: none */
	size_t group_len;
	const unsigned char *digest; /* of the model; NULL: unknown */
};

void ae_alarm_find_columns(struct ae_alarm_columns *columns, const struct ae_schema *in);
/* Bytes that are kept of a row. */
size_t ae_alarm_kept_size(const struct ae_alarm_columns *columns);
void ae_alarm_keep(
	const struct ae_alarm_columns *columns, const struct ae_batch *in, size_t row, struct ae_episode_row *to);
/* The same as a value of a message: [time, [name, share, ...]]. The latter gives -1 if the value cannot be one. */
void ae_alarm_kept_pack(const struct ae_alarm_columns *columns, struct ae_pack *pack, const unsigned char *more);
int ae_alarm_kept_take(
	const struct ae_alarm_columns *columns, unsigned char *more, const struct ae_value *value) AE_MUST_CHECK;
/* Appends the record, with its newline. */
int ae_alarm_record(struct ae_buf *out, const struct ae_alarm_columns *columns, const struct ae_alarm_event *event,
	struct ae_error *err) AE_MUST_CHECK;

#endif
