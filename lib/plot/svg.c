/* SPDX-License-Identifier: MIT */
/* Edits the first lines of gnuplot's SVG. */
#include "plot/svg.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int add_escaped(struct ae_buf *out, const struct ae_buf *text, struct ae_error *err)
{
	int rc = 0;
	for (size_t i = 0; rc == 0 && i < text->len; i++) {
		unsigned char c = text->data[i];
		const char *entity = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
		rc = entity ? ae_buf_append(out, entity, strlen(entity), err) : ae_buf_append(out, &c, 1, err);
	}
	return rc;
}

/* Copies svg from *at up to `mark`, and moves *at behind `end`, which follows. */
static int copy_up_to(struct ae_buf *out, const struct ae_buf *svg, size_t *at, const char *mark, const char *end,
	struct ae_error *err)
{
	const unsigned char *start = svg->data + *at, *stop = svg->data + svg->len;
	const unsigned char *found = memmem(start, (size_t)(stop - start), mark, strlen(mark));
	const unsigned char *after = found ? memmem(found, (size_t)(stop - found), end, strlen(end)) : NULL;
	if (!after)
		return ae_fail(err, "gnuplot failed: its SVG has no %s", mark);
	*at = (size_t)(after - svg->data) + strlen(end);
	return ae_buf_append(out, start, (size_t)(found - start), err);
}

/* gnuplot leaves the > of a text as it is, which XML forbids behind ]]. There are no sections of CDATA that it ends. */
static int escape_ends(struct ae_buf *out, const struct ae_buf *svg, struct ae_error *err)
{
	static const char end[] = "]]>", escaped[] = "]]&gt;";
	size_t at = 0;
	while (memmem(svg->data + at, svg->len - at, end, strlen(end)))
		if (copy_up_to(out, svg, &at, end, end, err) != 0 ||
			ae_buf_append(out, escaped, strlen(escaped), err) != 0)
			return -1;
	return ae_buf_append(out, svg->data + at, svg->len - at, err);
}

/* Copies svg from `at` on, without the names that gnuplot gives to plots, which viewers show under the pointer. */
static int add_rest(struct ae_buf *out, const struct ae_buf *svg, size_t at, struct ae_error *err)
{
	static const char mark[] = "<title>gnuplot_plot_", end[] = "</title>";
	struct ae_buf rest = {0};
	int rc = 0;
	while (rc == 0 && memmem(svg->data + at, svg->len - at, mark, strlen(mark)))
		rc = copy_up_to(&rest, svg, &at, mark, end, err);
	if (rc == 0)
		rc = ae_buf_append(&rest, svg->data + at, svg->len - at, err);
	if (rc == 0)
		rc = escape_ends(out, &rest, err);
	ae_buf_free(&rest);
	return rc;
}

static int add_all(struct ae_buf *out, const struct ae_buf *svg, const struct ae_buf *title, unsigned width,
	unsigned height, struct ae_error *err)
{
	char size[60];
	size_t at = 0;
	snprintf(size, sizeof(size), "width=\"%u\" height=\"%u\"\n viewBox", width, height);
	if (copy_up_to(out, svg, &at, "width=\"", "viewBox", err) != 0 ||
		ae_buf_append(out, size, strlen(size), err) != 0 ||
		copy_up_to(out, svg, &at, "<title>", "</title>", err) != 0 ||
		ae_buf_append(out, "<title>", 7, err) != 0 || add_escaped(out, title, err) != 0 ||
		ae_buf_append(out, "</title>", 8, err) != 0)
		return -1;
	return add_rest(out, svg, at, err);
}

int ae_svg_finish(struct ae_buf *svg, const struct ae_buf *title, unsigned width, unsigned height, struct ae_error *err)
{
	struct ae_buf out = {0};
	int rc = add_all(&out, svg, title, width, height, err);
	ae_buf_free(rc == 0 ? svg : &out);
	if (rc == 0)
		*svg = out;
	return rc;
}

/* ---- in a page ---- */

/* An attribute after whose opening bytes an id stands, and what is written for it. */
static const struct {
	const char *found, *written;
} id_marks[] = {{" id='", " id='"}, {" id=\"", " id=\""}, {"xlink:href='#", "href='#"}, {"url(#", "url(#"}};
enum { ID_MARKS = sizeof(id_marks) / sizeof(*id_marks) };

/* Copies [at, end) with the prefix before ids. Only tags have any: what a text says stays. */
static int copy_prefixed(
	struct ae_buf *out, const unsigned char *at, const unsigned char *end, const char *prefix, struct ae_error *err)
{
	bool tag = false;
	int rc = 0;
	while (rc == 0 && at < end) {
		size_t mark = 0;
		while (tag && mark < ID_MARKS &&
			((size_t)(end - at) < strlen(id_marks[mark].found) ||
				memcmp(at, id_marks[mark].found, strlen(id_marks[mark].found)) != 0))
			mark++;
		if (tag && mark < ID_MARKS) {
			const char *written = id_marks[mark].written;
			at += strlen(id_marks[mark].found);
			if (ae_buf_append(out, written, strlen(written), err) != 0)
				return -1;
			rc = ae_buf_append(out, prefix, strlen(prefix), err);
			continue;
		}
		tag = *at == '<' || (tag && *at != '>');
		rc = ae_buf_append(out, at++, 1, err);
	}
	return rc;
}

static int embed(struct ae_buf *out, const struct ae_buf *svg, const char *prefix, struct ae_error *err)
{
	static const char head[] = "<svg role=\"img\" viewBox";
	struct ae_buf ignored = {0};
	size_t at = 0;
	int rc = copy_up_to(&ignored, svg, &at, "viewBox", "viewBox", err);
	if (rc == 0)
		rc = ae_buf_append(out, head, strlen(head), err);
	if (rc == 0)
		rc = copy_up_to(out, svg, &at, "\n xmlns=", ">", err);
	if (rc == 0)
		rc = ae_buf_append(out, ">", 1, err);
	if (rc == 0)
		rc = copy_up_to(out, svg, &at, "<desc>", "</desc>", err);
	ae_buf_free(&ignored);
	return rc == 0 ? copy_prefixed(out, svg->data + at, svg->data + svg->len, prefix, err) : -1;
}

int ae_svg_embed(struct ae_buf *svg, const char *prefix, struct ae_error *err)
{
	struct ae_buf out = {0};
	int rc = embed(&out, svg, prefix, err);
	ae_buf_free(rc == 0 ? svg : &out);
	if (rc == 0)
		*svg = out;
	return rc;
}
