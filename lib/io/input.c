/* SPDX-License-Identifier: MIT */
/* Input from a descriptor: poll, then read. */
#include "io/input.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "core/stop.h"
#include "io/signals.h"

/* A read of less than EMPTIED_BYTES has emptied a pipe. More may only have emptied what a pipe holds, with its writer
   waiting: those that write much at once write at least so much. */
enum { READ_BYTES = 256 * 1024, EMPTIED_BYTES = 4096 };

int ae_input_open(struct ae_input *input, const char *path, struct ae_error *err)
{
	bool standard = !path || strcmp(path, "-") == 0;
	*input = (struct ae_input){.output_fd = -1, .fd = STDIN_FILENO};
	ae_signals_hold();
	if (!standard) {
		input->fd = ae_open(path, O_RDONLY, 0);
		if (input->fd < 0 && errno == EINTR && ae_stop_asked())
			return ae_fail_terminated(err, "%s: stopped before it could be opened", path);
		if (input->fd < 0)
			return ae_fail_errno(err, "%s", path);
		input->owned = true;
	}
	struct stat info;
	if (fstat(input->fd, &info) == 0 && S_ISDIR(info.st_mode)) {
		errno = EISDIR;
		return ae_fail_errno(err, "%s", standard ? "<stdin>" : path);
	}
	input->name = ae_strdup(standard ? "<stdin>" : path, err);
	input->regular = S_ISREG(info.st_mode);
	input->drains = !input->regular;
	return input->name ? 0 : -1;
}

/* Polls input and output for so many milliseconds, 0 not at all, -1 for ever. After SIGTERM what still comes is read
   whoever reads the output, and a write says what is lost. */
static int poll_for(const struct ae_input *input, struct pollfd fds[2], int ms)
{
	fds[0] = (struct pollfd){.fd = input->fd, .events = POLLIN};
	fds[1] = (struct pollfd){.fd = ae_stop_asked() ? -1 : input->output_fd};
	return poll(fds, 2, ms);
}

bool ae_input_must_stop(const struct ae_input *input)
{
	return ae_stop_asked() && (!input->drains || ae_stop_age() >= AE_INPUT_DRAIN_MS);
}

/* Waits for bytes, the end, SIGTERM or a dead reader. 1 go and read, 0 nothing there, -1 error. */
static int wait_for_bytes(struct ae_input *input, bool wait, struct ae_error *err)
{
	struct pollfd fds[2];
	bool emptied = input->emptied && !ae_stop_asked();
	if (emptied && !wait)
		return 0;
	int n = emptied && input->idle ? 0 : poll_for(input, fds, wait && !input->idle ? -1 : 0);
	if (n == 0 && wait && input->idle && !ae_input_must_stop(input)) {
		int ms = input->idle(input->idle_arg, err);
		if (ms < 0)
			return -1;
		n = poll_for(input, fds, ms > 0 ? ms : -1);
	}
	if (ae_input_must_stop(input)) {
		input->stopped = true;
		return 0;
	}
	if (n < 0)
		return errno == EINTR ? 0 : ae_fail_errno(err, "cannot wait for input");
	if (fds[0].revents != 0)
		return 1;
	if (fds[1].revents & (POLLERR | POLLNVAL)) {
		errno = EPIPE;
		return ae_fail_errno(err, "<stdout>");
	}
	return 0;
}

/* Waits until it is time to read: AE_FILL_MORE. */
static enum ae_fill wait_to_read(struct ae_input *input, bool wait, struct ae_error *err)
{
	while (!input->ended && !input->stopped) {
		int ready = wait_for_bytes(input, wait, err);
		if (ready < 0)
			return AE_FILL_FAIL;
		if (ready > 0)
			return AE_FILL_MORE;
		if (!wait && !input->stopped)
			return AE_FILL_IDLE;
	}
	return AE_FILL_END;
}

/* Reads once: the bytes, 0 if there were none, -1 and *err. */
static ssize_t read_once(struct ae_input *input, const struct iovec *parts, int count, struct ae_error *err)
{
	ssize_t got = count == 1 ? read(input->fd, parts->iov_base, parts->iov_len) : readv(input->fd, parts, count);
	if (got > 0)
		input->emptied = !input->regular && got < EMPTIED_BYTES;
	else if (got == 0)
		input->ended = true;
	else if (errno != EINTR && errno != EAGAIN)
		return ae_fail_errno(err, "cannot read");
	return got > 0 ? got : 0;
}

enum ae_fill ae_input_fill_some(struct ae_input *input, bool wait, size_t most, struct ae_error *err)
{
	if (input->at == input->buf.len)
		input->at = input->buf.len = 0;
	for (;;) {
		enum ae_fill fill = wait_to_read(input, wait, err);
		if (fill != AE_FILL_MORE)
			return fill;
		if (input->at > 0 && input->buf.cap - input->buf.len < most) {
			memmove(input->buf.data, input->buf.data + input->at, input->buf.len - input->at);
			input->buf.len -= input->at;
			input->at = 0;
		}
		if (ae_buf_reserve(&input->buf, most, err) != 0)
			return AE_FILL_FAIL;
		const struct iovec part = {.iov_base = input->buf.data + input->buf.len, .iov_len = most};
		ssize_t got = read_once(input, &part, 1, err);
		if (got < 0)
			return AE_FILL_FAIL;
		input->buf.len += (size_t)got;
		if (got > 0)
			return AE_FILL_MORE;
	}
}

enum ae_fill ae_input_fill(struct ae_input *input, bool wait, struct ae_error *err)
{
	return ae_input_fill_some(input, wait, READ_BYTES, err);
}

enum ae_fill ae_input_read(struct ae_input *input, bool wait, void *to, size_t most, size_t *got, struct ae_error *err)
{
	input->at = input->buf.len = 0;
	if (ae_buf_reserve(&input->buf, AE_INPUT_AHEAD, err) != 0)
		return AE_FILL_FAIL;
	const struct iovec parts[] = {
		{.iov_base = to, .iov_len = most}, {.iov_base = input->buf.data, .iov_len = AE_INPUT_AHEAD}};
	for (;;) {
		enum ae_fill fill = wait_to_read(input, wait, err);
		if (fill != AE_FILL_MORE)
			return fill;
		ssize_t n = read_once(input, parts, 2, err);
		if (n < 0)
			return AE_FILL_FAIL;
		*got = (size_t)n < most ? (size_t)n : most;
		input->buf.len = (size_t)n - *got;
		input->taken += *got;
		if (n > 0)
			return AE_FILL_MORE;
	}
}

int ae_input_put_back(struct ae_input *input, const void *bytes, size_t len, struct ae_error *err)
{
	struct ae_buf all = {0};
	if (ae_buf_append(&all, bytes, len, err) != 0 ||
		ae_buf_append(&all, input->buf.data + input->at, input->buf.len - input->at, err) != 0) {
		ae_buf_free(&all);
		return -1;
	}
	ae_buf_free(&input->buf);
	input->buf = all;
	input->at = 0;
	input->taken -= len;
	return 0;
}

void ae_input_take(struct ae_input *input, size_t n)
{
	input->at += n;
	input->taken += n;
}

const unsigned char *ae_input_bytes(const struct ae_input *input, size_t *len)
{
	*len = input->buf.len - input->at;
	return input->buf.data ? input->buf.data + input->at : (const unsigned char *)"";
}

bool ae_input_lacks(const struct ae_input *input, uint64_t n)
{
	struct stat info;
	size_t have = input->buf.len - input->at;
	off_t at = lseek(input->fd, 0, SEEK_CUR);
	if (at < 0 || fstat(input->fd, &info) != 0 || !S_ISREG(info.st_mode))
		return false;
	return have + (uint64_t)(info.st_size > at ? info.st_size - at : 0) < n;
}

void ae_input_close(struct ae_input *input)
{
	if (input->owned && input->fd >= 0)
		close(input->fd);
	free(input->name);
	ae_buf_free(&input->buf);
	*input = (struct ae_input){.fd = -1, .output_fd = -1};
}
