/* SPDX-License-Identifier: MIT */
/* The model of a header, held against the file of -m. */
#include "cli/carried.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/util.h"
#include "model/model.h"

static int open_regular(const char *path)
{
	struct stat info;
	return path && stat(path, &info) == 0 && S_ISREG(info.st_mode) ? ae_open(path, O_RDONLY | O_NONBLOCK, 0) : -1;
}

void ae_carried_start(struct ae_carried *c, const struct ae_program *program, const char *path, bool threshold_alone)
{
	*c = (struct ae_carried){
		.program = program, .path = path, .threshold_alone = threshold_alone, .fd = open_regular(path)};
}

void ae_carried_end(struct ae_carried *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* Whether a file holds these bytes and no others. */
static bool holds(int fd, const struct ae_buf *model)
{
	unsigned char part[16384];
	struct stat info;
	if (fd < 0 || fstat(fd, &info) != 0 || info.st_size != (off_t)model->len)
		return false;
	for (size_t at = 0; at < model->len;) {
		ssize_t got = ae_pread(fd, part, sizeof(part), (off_t)at);
		if (got <= 0 || (size_t)got > model->len - at || memcmp(part, model->data + at, (size_t)got) != 0)
			return false;
		at += (size_t)got;
	}
	return true;
}

static bool is_in_file(const struct ae_carried *c, const struct ae_buf *model)
{
	if (holds(c->fd, model))
		return true;
	int now = open_regular(c->path);
	bool same = holds(now, model);
	if (now >= 0)
		close(now);
	return same;
}

/* ---- names ---- */

/* Adds the parts of a path that lead somewhere. */
static void add_parts(struct ae_sha256 *sha, const char *path)
{
	for (size_t len; *path; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len > 0 && !(len == 1 && *path == '.'))
			ae_sha256_field(sha, path, len);
	}
}

int ae_carried_name(struct ae_buf *of, const char *path, struct ae_error *err)
{
	unsigned char digest[AE_DIGEST_SIZE];
	struct utsname machine = {0};
	struct ae_sha256 sha = {0};
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	(void)uname(&machine);
	ae_sha256_init(&sha);
	ae_sha256_field(&sha, machine.nodename, strlen(machine.nodename));
	if (here)
		add_parts(&sha, here);
	add_parts(&sha, path);
	ae_sha256_final(&sha, digest);
	free(here);
	return ae_buf_set(of, digest, sizeof(digest), err);
}

/* Whether the model was that of this file when the chain began; it is said. */
static int take_replaced(bool *taken, const struct ae_carried *c, const struct ae_reader *reader, struct ae_error *err)
{
	static const struct ae_common loud = {0}; /* it may be another chain's, stored and read again */
	struct ae_buf of = {0};
	if (ae_carried_name(&of, c->path, err) != 0)
		return -1;
	*taken = ae_buf_equal(&of, &ae_reader_schema(reader)->model_of);
	ae_buf_free(&of);
	if (*taken)
		ae_note(c->program, &loud,
			"%s: carries the model that %s held when the chain began: it is used, and not what %s holds by "
			"now",
			ae_reader_name(reader), c->path, c->path);
	return 0;
}

/* ---- streams ---- */

/* Whether the file of -m is a threshold that stands alone, or the only one that there is. */
static int has_own_threshold(bool *own, const struct ae_carried *c, const struct ae_buf *model, struct ae_error *err)
{
	const struct ae_model_from file = {.path = c->path}, header = {c->path, model->data, model->len};
	struct ae_model *named = NULL, *carried = NULL;
	*own = false;
	if (!c->threshold_alone)
		return 0;
	int rc = ae_model_read_applied(&carried, &header, NULL, err);
	if (rc == 0)
		rc = ae_model_read_applied(&named, &file, NULL, err);
	if (rc == 0)
		*own = !carried->threshold || !named->net;
	ae_model_free(named);
	ae_model_free(carried);
	return rc;
}

static int drop(struct ae_reader *reader, struct ae_error *err)
{
	static const struct ae_buf none = {0};
	return ae_reader_put_model(reader, ae_reader_schema(reader)->continued, &none, &none, err);
}

int ae_carried_follow(struct ae_carried *c, struct ae_reader *reader, struct ae_error *err)
{
	const struct ae_schema *in = ae_reader_schema(reader);
	unsigned char digest[AE_DIGEST_SIZE];
	struct ae_sha256 sha;
	bool own;
	if (in->model.len == 0)
		return 0;
	if (ae_reader_is_stored(reader))
		return drop(reader, err);
	if (!c->path)
		return 0;
	ae_sha256_init(&sha);
	ae_sha256_update(&sha, in->model.data, in->model.len);
	ae_sha256_final(&sha, digest);
	bool good = (c->used && (in->continued || memcmp(digest, c->digest, sizeof(digest)) == 0)) ||
		    is_in_file(c, &in->model);
	if (!good && take_replaced(&good, c, reader, err) != 0)
		return -1;
	if (good) {
		c->used = true;
		memcpy(c->digest, digest, sizeof(digest));
		return 0;
	}
	if (has_own_threshold(&own, c, &in->model, err) != 0)
		return -1;
	if (own)
		return drop(reader, err);
	return ae_fail(err,
		"%s: carries another model, of --reload, than %s: -m names that of the first program; of a stream that "
		"is read from its file -m may name any",
		ae_reader_name(reader), c->path);
}
