/* SPDX-License-Identifier: MIT */
/* The lines of a log, read where they stand. */
#include "stream/log_file.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/jsonl.h"
#include "stream/log_order.h"

/* So much of a header stands in an error. */
enum { SHOWN = 200 };

/* ---- lines ---- */

struct lines {
	int fd;
	off_t at; /* of the buffer in the file */
	struct ae_buf buf;
	size_t next; /* the part of the buffer that has not been taken */
};

/* 1 and the next line, newline included, which lives until the next call; 0 and the rest of the file, which has none;
   -1 and *err. */
static int next_line(struct lines *l, const char **line, size_t *len, struct ae_error *err)
{
	enum { AT_ONCE = 1 << 16 };
	for (;;) {
		size_t have = l->buf.len - l->next;
		const char *from = l->buf.data ? (const char *)l->buf.data + l->next : "";
		const char *newline = have ? memchr(from, '\n', have) : NULL;
		*line = from;
		*len = newline ? (size_t)(newline - from) + 1 : have;
		if (newline) {
			l->next += *len;
			return 1;
		}
		if (l->next > 0)
			memmove(l->buf.data, l->buf.data + l->next, have);
		l->at += (off_t)l->next;
		l->buf.len = have;
		l->next = 0;
		size_t more = have > AT_ONCE ? have : AT_ONCE;
		if (ae_buf_reserve(&l->buf, more, err) != 0)
			return -1;
		ssize_t n = ae_pread(l->fd, l->buf.data + have, more, l->at + (off_t)have);
		if (n < 0)
			return ae_fail_errno(err, "cannot read");
		*line = (const char *)l->buf.data;
		if (n == 0)
			return 0;
		l->buf.len += (size_t)n;
	}
}

static size_t bare_length(const char *line, size_t len)
{
	len -= len > 0 && line[len - 1] == '\n';
	return len - (len > 0 && line[len - 1] == '\r');
}

static bool is_mark(const char *line, size_t len)
{
	return bare_length(line, len) == 1 && *line == '!';
}

/* ---- the end ---- */

/* How the file ends as far as its last bytes tell. */
static int find_tail(int fd, enum ae_log_end *end, off_t *size, struct ae_error *err)
{
	struct stat st;
	char tail[4];
	if (fstat(fd, &st) != 0)
		return ae_fail_errno(err, "cannot read");
	*size = st.st_size;
	*end = AE_LOG_EMPTY;
	if (st.st_size == 0)
		return 0;
	size_t n = st.st_size < 4 ? (size_t)st.st_size : 4;
	ssize_t got = ae_pread(fd, tail, n, st.st_size - (off_t)n);
	if (got != (ssize_t)n)
		return got < 0 ? ae_fail_errno(err, "cannot read") : ae_fail(err, "somebody cuts it meanwhile");
	bool ended = tail[n - 1] == '\n';
	const char *last = memrchr(tail, '\n', n - 1);
	last = last ? last + 1 : n < 4 ? tail : NULL; /* NULL: the last line is longer than a mark */
	bool mark = last && is_mark(last, (size_t)(tail + n - last));
	*end = mark ? (ended ? AE_LOG_MARKED : AE_LOG_MARKED_OPEN) : ended ? AE_LOG_WHOLE : AE_LOG_CUT;
	return 0;
}

/* Reads on to the last line, by the rules of records. */
static int read_cells(int fd, struct ae_log_cells *cells, struct ae_error *err)
{
	struct lines lines = {.fd = fd, .at = cells->at};
	const char *line;
	size_t len;
	int rc = cells->csv ? 0 : ae_csv_new(&cells->csv, ',', err);
	while (rc == 0 && (rc = next_line(&lines, &line, &len, err)) == 1) {
		bool mark = is_mark(line, len);
		rc = mark && cells->open ? ae_csv_drop(cells->csv, err) : 0;
		int got = mark || rc != 0 ? 1 : ae_csv_line(cells->csv, line, len, err);
		cells->open = got == 0;
		if (got < 0 && got != AE_CSV_INVALID)
			rc = -1;
	}
	cells->at = lines.at + (off_t)lines.next;
	ae_buf_free(&lines.buf);
	return rc;
}

int ae_log_find_end(int fd, struct ae_log_cells *cells, enum ae_log_end *end, off_t *size, struct ae_error *err)
{
	if (find_tail(fd, end, size, err) != 0)
		return -1;
	if (!cells || *end == AE_LOG_EMPTY)
		return 0;
	if (*size < cells->at) { /* it was cut and grows anew */
		ae_log_cells_free(cells);
		*cells = (struct ae_log_cells){0};
	}
	if (read_cells(fd, cells, err) != 0)
		return -1;
	if (*end == AE_LOG_WHOLE && cells->open)
		*end = AE_LOG_IN_CELL;
	return 0;
}

void ae_log_cells_free(struct ae_log_cells *cells)
{
	ae_csv_free(cells->csv);
	cells->csv = NULL;
}

const char *ae_log_before_header(enum ae_log_end end)
{
	switch (end) {
	case AE_LOG_CUT:
		return "!\n!\n"; /* the cut line, and the mark that says that it is no row */
	case AE_LOG_IN_CELL:
		return "!\n";
	case AE_LOG_MARKED_OPEN:
		return "\n";
	default:
		return "";
	}
}

/* ---- the header ---- */

struct check {
	struct ae_csv *csv;
	struct ae_csv_names names; /* of the rows */
	struct ae_order *order;    /* of those in the log's header */
	const struct ae_buf *header;
	bool objects, multiline;
	struct ae_buf keys, found; /* of objects: of the sample, and of the log's first one */
	bool partial;              /* that one is not whole */
	struct ae_buf shown;       /* the log's first record, a newline at its end */
};

/* As compare says. */
static int compare_keys(struct check *c, const char *line, size_t len)
{
	struct ae_error invalid;
	c->found.len = 0;
	c->partial = ae_jsonl_names(line, len, &c->found, &invalid) != 0;
	bool same = !c->partial && c->found.len == c->keys.len;
	return same && (c->keys.len == 0 || memcmp(c->found.data, c->keys.data, c->keys.len) == 0) ? 1 : -1;
}

/* Whether a header has our names, in any order, each once. */
static bool has_names(struct check *c, const struct ae_cell *fields, size_t n)
{
	struct ae_error no_memory;
	const struct ae_cell *names = (const void *)c->names.fields.data;
	return n > 1 && n == c->names.fields.len / sizeof(*names) &&
	       ae_log_order_find(c->order, names, fields, n, &no_memory) == 1;
}

/* Takes a line, which ends in a newline, of the log's first record: 1 it is the header, 0 it goes on, -1 another. */
static int compare(struct check *c, const char *line, size_t len)
{
	struct ae_error invalid;
	ae_order_free(c->order);
	size_t n;
	if (c->objects)
		return compare_keys(c, line, len);
	int rc = ae_csv_line(c->csv, line, len, &invalid);
	if (rc == 0 && c->multiline)
		return 0;
	const struct ae_cell *fields = ae_csv_fields(c->csv, &n);
	return rc == 1 && (ae_csv_names_equal(&c->names, fields, n) || has_names(c, fields, n)) ? 1 : -1;
}

static int keep_names(struct check *c, struct ae_error *err)
{
	int rc = 0;
	if (c->objects)
		return ae_jsonl_names((const char *)c->header->data, c->header->len, &c->keys, err) == 0 ? 0 : -1;
	for (const char *at = (const char *)c->header->data, *end = at + c->header->len; rc == 0 && at < end;) {
		size_t len = (size_t)((const char *)memchr(at, '\n', (size_t)(end - at)) - at) + 1;
		rc = ae_csv_line(c->csv, at, len, err);
		at += len;
	}
	size_t n;
	const struct ae_cell *fields = ae_csv_fields(c->csv, &n);
	return rc < 0 ? -1 : ae_csv_names_set(&c->names, fields, n, err);
}

static int fail_header(const struct check *c, bool whole, struct ae_error *err)
{
	const char *has = c->shown.data ? (const char *)c->shown.data : "";
	size_t len = bare_length(has, c->shown.len), own = bare_length((const char *)c->header->data, c->header->len);
	const char *advice = (*has == '{') == c->objects ? "other columns go to another file"
			     : c->objects                ? "-c and -t append to a log of CSV or TSV"
							 : "-O jsonl appends to one of JSON lines";
	return ae_fail(err, "begins with \"%.*s%s\", and these rows %s \"%.*s%s\": %s", len > SHOWN ? SHOWN : (int)len,
		has, len > SHOWN || !whole ? "..." : "", c->objects ? "are like" : "have the header",
		own > SHOWN ? SHOWN : (int)own, (const char *)c->header->data, own > SHOWN ? "..." : "", advice);
}

/* The file ends before its first record does: its rest is nothing, a mark, our header without newline, or an object
   that was cut. */
static int check_rest(
	struct check *c, const struct lines *l, const char *rest, size_t len, off_t *lone, struct ae_error *err)
{
	if (len == 0 || is_mark(rest, len))
		return 0;
	struct ae_buf line = {0};
	int rc = ae_buf_append(&line, rest, len, err);
	if (rc == 0)
		rc = ae_buf_append(&line, "\n", 1, err);
	int same = rc == 0 ? compare(c, (const char *)line.data, line.len) : 0;
	bool cut = c->objects && c->partial && *rest == '{';
	if (same == 1 && !c->objects)
		*lone = l->at + (off_t)(l->next + len);
	else if (rc == 0 && same != 1 && !cut)
		rc = ae_buf_append(&c->shown, rest, len, err) == 0 ? fail_header(c, false, err) : -1;
	ae_buf_free(&line);
	return rc;
}

/* Reads the log as far as its first record that is not cut. */
static int find_header(struct check *c, struct lines *l, off_t *lone, struct ae_error *err)
{
	const char *line;
	size_t len;
	int same = 0, rc; /* same: as compare says, of the record at hand */
	while ((rc = next_line(l, &line, &len, err)) == 1) {
		if (is_mark(line, len)) { /* of a run that failed before it had a header, or cut it */
			if (same == 0 && ae_csv_drop(c->csv, err) != 0)
				return -1;
			same = 0;
			c->shown.len = 0;
			continue;
		}
		if (same != 0)
			break;
		size_t bare = bare_length(line, len), bom = l->at == 0 && line == (const char *)l->buf.data &&
									    len > 3 &&
									    memcmp(line, "\xef\xbb\xbf", 3) == 0
								    ? 3
								    : 0;
		if (ae_buf_append(&c->shown, line, len, err) != 0)
			return -1;
		same = compare(c, line + bom, len - bom);
		if (same != 0 && (bare == 0 || line[bare - 1] != '!'))
			break; /* it was not cut */
	}
	if (rc < 0)
		return -1;
	if (same == 0 || (rc == 0 && is_mark(line, len)))
		return check_rest(c, l, line, len, lone, err);
	return same == 1 ? 0 : fail_header(c, true, err);
}

int ae_log_check_header(int fd, const struct ae_log_text *text, const struct ae_buf *header, off_t *lone,
	struct ae_order *order, struct ae_error *err)
{
	struct check c = {.header = header, .order = order, .objects = text->objects, .multiline = text->multiline};
	struct lines lines = {.fd = fd};
	*lone = 0;
	int rc = ae_csv_new(&c.csv, text->tsv ? '\t' : ',', err);
	if (rc == 0 && text->tsv)
		ae_csv_use_escapes(c.csv);
	if (rc == 0)
		rc = keep_names(&c, err);
	if (rc == 0)
		rc = find_header(&c, &lines, lone, err);
	ae_csv_free(c.csv);
	ae_csv_names_free(&c.names);
	ae_buf_free(&c.keys);
	ae_buf_free(&c.found);
	ae_buf_free(&c.shown);
	ae_buf_free(&lines.buf);
	return rc;
}
