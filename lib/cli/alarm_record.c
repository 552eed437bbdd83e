/* SPDX-License-Identifier: MIT */
/* Records of episodes. */
#include "cli/alarm_record.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/json_text.h"

/* Longer texts are cut. */
enum { TIME_MOST = 47, NAME_MOST = 79 };

struct kept {
	unsigned char time_len;
	char time[TIME_MOST];
	struct {
		double share;
		unsigned char len;
		char name[NAME_MOST];
	} top[];
};

static bool is_single(const struct ae_schema *in, size_t column, bool text)
{
	return column != AE_NO_COLUMN && (in->cols[column].type == AE_TEXT) == text &&
	       ae_shape_size(&in->cols[column].shape) == 1;
}

void ae_alarm_find_columns(struct ae_alarm_columns *c, const struct ae_schema *in)
{
	*c = (struct ae_alarm_columns){.in = in, .time = ae_schema_find(in, AE_TIME)};
	if (c->time != AE_NO_COLUMN && ae_shape_size(&in->cols[c->time].shape) != 1)
		c->time = AE_NO_COLUMN;
	for (unsigned k = 0; k < AE_ALARM_TOP && c->tops == k; k++) {
		char name[40];
		snprintf(name, sizeof(name), "top%u", k + 1);
		c->top[k] = ae_schema_find_name(in, name, strlen(name));
		strcat(name, "_share");
		c->share[k] = ae_schema_find_name(in, name, strlen(name));
		c->tops += is_single(in, c->top[k], true) && c->share[k] != AE_NO_COLUMN &&
			   ae_shape_size(&in->cols[c->share[k]].shape) == 1;
	}
}

size_t ae_alarm_kept_size(const struct ae_alarm_columns *c)
{
	return sizeof(struct kept) + c->tops * sizeof(((struct kept *)NULL)->top[0]);
}

/* Copies as many whole characters as have room. */
static unsigned char copy(char *to, size_t most, const char *text, size_t len)
{
	size_t n = len < most ? len : most;
	while (n > 0 && n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
		n--;
	memcpy(to, text, n);
	return (unsigned char)n;
}

/* Shares are text where the stream is. */
static double share_of(const struct ae_column *column, const struct ae_data *data, size_t row)
{
	char number[AE_NUMBER_TEXT];
	size_t len;
	double share;
	const char *text = ae_data_cell(column, data, row, number, &len);
	return ae_number_parse(&share, text, len) == AE_NUMBER_OK ? share : NAN;
}

void ae_alarm_keep(const struct ae_alarm_columns *c, const struct ae_batch *in, size_t row, struct ae_episode_row *to)
{
	struct kept *kept = (void *)to->more;
	char number[AE_NUMBER_TEXT];
	size_t len;
	if (c->time != AE_NO_COLUMN) {
		const char *text = ae_data_cell(&c->in->cols[c->time], in->cols[c->time], row, number, &len);
		kept->time_len = copy(kept->time, TIME_MOST, text, len);
	}
	for (unsigned k = 0; k < c->tops; k++) {
		const char *name = ae_data_text(in->cols[c->top[k]], row, &len);
		kept->top[k].len = copy(kept->top[k].name, NAME_MOST, name, len);
		kept->top[k].share = share_of(&c->in->cols[c->share[k]], in->cols[c->share[k]], row);
	}
}

void ae_alarm_kept_pack(const struct ae_alarm_columns *c, struct ae_pack *pack, const unsigned char *more)
{
	const struct kept *kept = (const void *)more;
	ae_pack_array(pack, 2);
	ae_pack_bin(pack, kept->time, kept->time_len);
	ae_pack_array(pack, 2 * (size_t)c->tops);
	for (unsigned k = 0; k < c->tops; k++) {
		ae_pack_bin(pack, kept->top[k].name, kept->top[k].len);
		ae_pack_f64(pack, kept->top[k].share);
	}
}

static int take_text(char *to, size_t most, unsigned char *to_len, const struct ae_value *value)
{
	const unsigned char *bytes;
	size_t len;
	if (ae_value_bin(value, &bytes, &len) != 0 || len > most)
		return -1;
	memcpy(to, bytes, len);
	*to_len = (unsigned char)len;
	return 0;
}

int ae_alarm_kept_take(const struct ae_alarm_columns *c, unsigned char *more, const struct ae_value *value)
{
	struct kept *kept = (void *)more;
	const struct ae_value *tops = ae_value_at(value, 1);
	if (ae_value_count(value) != 2 || ae_value_count(tops) != 2 * (size_t)c->tops ||
		take_text(kept->time, TIME_MOST, &kept->time_len, ae_value_at(value, 0)) != 0)
		return -1;
	for (unsigned k = 0; k < c->tops; k++)
		if (take_text(kept->top[k].name, NAME_MOST, &kept->top[k].len, ae_value_at(tops, 2 * (size_t)k)) != 0 ||
			ae_value_f64(ae_value_at(tops, 2 * (size_t)k + 1), &kept->top[k].share) != 0)
			return -1;
	return 0;
}

static int add(struct ae_buf *out, struct ae_error *err, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int add(struct ae_buf *out, struct ae_error *err, const char *format, ...)
{
	char text[200];
	va_list args;
	va_start(args, format);
	int len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return ae_buf_append(out, text, (size_t)len, err);
}

/* A member whose value is a number; JSON knows none that is not finite. */
static int add_number(struct ae_buf *out, const char *before, double value, struct ae_error *err)
{
	char text[AE_NUMBER_TEXT] = "null";
	if (isfinite(value))
		ae_number_format_f64(text, value);
	return add(out, err, "%s%s", before, text);
}

/* Where a row stands: its time, if it has one, and its number. */
static int add_place(struct ae_buf *out, const struct ae_alarm_columns *c, const char *time, const char *name,
	const struct ae_episode_row *row, struct ae_error *err)
{
	const struct kept *kept = (const void *)row->more;
	if (c->time != AE_NO_COLUMN &&
		(add(out, err, ",\"%s\":", time) != 0 || ae_json_any_string(out, kept->time, kept->time_len, err) != 0))
		return -1;
	return add(out, err, ",\"%s_row\":%llu", name, (unsigned long long)row->number);
}

static int add_top(
	struct ae_buf *out, const struct ae_alarm_columns *c, const struct ae_episode_row *row, struct ae_error *err)
{
	const struct kept *kept = (const void *)row->more;
	bool first = true;
	if (c->tops == 0)
		return 0;
	if (add(out, err, ",\"top\":[") != 0)
		return -1;
	for (unsigned k = 0; k < c->tops; k++) {
		if (kept->top[k].len == 0) /* the row has no score per feature */
			continue;
		if (add(out, err, "%s{\"feature\":", first ? "" : ",") != 0 ||
			ae_json_any_string(out, kept->top[k].name, kept->top[k].len, err) != 0 ||
			add_number(out, ",\"share\":", kept->top[k].share, err) != 0 || add(out, err, "}") != 0)
			return -1;
		first = false;
	}
	return add(out, err, "]");
}

static int add_model(struct ae_buf *out, const unsigned char *digest, struct ae_error *err)
{
	char text[AE_DIGEST_TEXT];
	return digest ? add(out, err, ",\"model\":\"%s\"", ae_digest_format(text, digest, AE_DIGEST_SIZE)) : 0;
}

int ae_alarm_record(
	struct ae_buf *out, const struct ae_alarm_columns *c, const struct ae_alarm_event *event, struct ae_error *err)
{
	const struct ae_episode *e = event->episode;
	if (add(out, err, "{\"event\":\"%s\",\"id\":%llu", e->ended ? "end" : "start", (unsigned long long)event->id) !=
		0)
		return -1;
	if (event->group && (add(out, err, ",\"group\":") != 0 ||
				    ae_json_any_string(out, event->group, event->group_len, err) != 0))
		return -1;
	if (add_place(out, c, "start", "start", e->first, err) != 0 ||
		(e->ended && add_place(out, c, "end", "end", e->last, err) != 0))
		return -1;
	if (add(out, err, ",\"rows\":%llu", (unsigned long long)e->rows) != 0 ||
		(e->ended && e->on && add(out, err, ",\"open\":true") != 0) ||
		add_number(out, ",\"peak\":", e->peak->score, err) != 0 ||
		add_place(out, c, "peak_time", "peak", e->peak, err) != 0 ||
		add_number(out, ",\"threshold\":", e->peak->threshold, err) != 0 ||
		add_top(out, c, e->peak, err) != 0 || add_model(out, event->digest, err) != 0)
		return -1;
	return add(out, err, "}\n");
}
