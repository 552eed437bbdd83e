/* SPDX-License-Identifier: MIT */
/* A large run of numbers is read, summed and looked at piece by piece, each piece by one thread. */
#include "io/pieces.h"

#include <unistd.h>

#include "core/crc32.h"
#include "core/thread_pool.h"

/* Fewer are read as fast by one. */
enum { LEAST_PIECES = 4 };

struct job {
	int fd;
	off_t from;
	unsigned char *to;
	size_t len;
	enum ae_type type;
	struct ae_piece *pieces;
};

static void read_piece(void *arg, size_t task, int worker)
{
	const struct job *job = arg;
	size_t at = task * AE_PIECE_BYTES, len = job->len - at < AE_PIECE_BYTES ? job->len - at : AE_PIECE_BYTES;
	unsigned char *to = job->to + at;
	struct ae_piece *piece = &job->pieces[task];
	(void)worker;
	*piece = (struct ae_piece){.whole = ae_pread(job->fd, to, len, job->from + (off_t)at) == (ssize_t)len};
	if (!piece->whole)
		return;
	piece->sum = ae_crc32(0, to, len);
	piece->finite = job->type == AE_F32   ? ae_all_finite((const void *)to, len / sizeof(float))
			: job->type == AE_F64 ? ae_all_finite_f64((const void *)to, len / sizeof(double))
					      : false;
}

bool ae_pieces_read(struct ae_input *input, void *to, size_t len, enum ae_type type, struct ae_buf *pieces)
{
	struct ae_error ignored;
	size_t count = len / AE_PIECE_BYTES + (len % AE_PIECE_BYTES > 0);
	if (!input->pool || !input->regular || count < LEAST_PIECES || ae_thread_pool_threads(input->pool) == 1 ||
		ae_input_must_stop(input) || ae_input_lacks(input, len))
		return false;
	struct job job = {.fd = input->fd, .from = lseek(input->fd, 0, SEEK_CUR), .to = to, .len = len, .type = type};
	pieces->len = 0;
	if (job.from < 0 || ae_buf_reserve(pieces, count * sizeof(*job.pieces), &ignored) != 0)
		return false;
	pieces->len = count * sizeof(*job.pieces);
	job.pieces = (void *)pieces->data;
	ae_thread_pool_run(input->pool, read_piece, &job, count);
	for (size_t i = 0; i < count; i++)
		if (!job.pieces[i].whole)
			return false;
	if (lseek(input->fd, (off_t)len, SEEK_CUR) < 0)
		return false;
	input->taken += len;
	return true;
}
