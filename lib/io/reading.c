/* SPDX-License-Identifier: MIT */
/* The clock of struct ae_reading. */
#include "io/reading.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/stop.h"

enum { FIRST_MS = 1000, EVERY_MS = 100 };

/* The bytes of a regular file; of standard input those that are left. False: it is another kind of file. */
static bool size_of(uint64_t *size, const char *path)
{
	struct stat info;
	bool standard = !path || strcmp(path, "-") == 0;
	if ((standard ? fstat(STDIN_FILENO, &info) : stat(path, &info)) != 0 || !S_ISREG(info.st_mode))
		return false;
	off_t at = standard ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
	*size = at >= 0 && at < info.st_size ? (uint64_t)(info.st_size - at) : 0;
	return true;
}

void ae_reading_begin(struct ae_reading *r, char *const *files, size_t count)
{
	*r = (struct ae_reading){.begun = ae_clock_ms()};
	for (size_t i = 0; i < count || i == 0; i++) {
		uint64_t size;
		if (!size_of(&size, count ? files[i] : NULL)) {
			r->size = 0;
			return;
		}
		r->size += size;
	}
}

void ae_reading_end_input(struct ae_reading *r, const struct ae_input *input)
{
	r->before += input->taken;
}

static void tell(struct ae_reading *r, uint64_t rows, uint64_t bytes, ae_show_reading *show, void *arg)
{
	int64_t now = ae_clock_ms();
	if (now - r->begun < FIRST_MS || now - r->told < EVERY_MS)
		return;
	r->told = now;
	r->rows = rows;
	r->seconds = (double)(now - r->begun) / 1000;
	r->bytes = bytes;
	r->shown = show(arg, r);
}

void ae_reading_tell(
	struct ae_reading *r, const struct ae_input *input, uint64_t rows, ae_show_reading *show, void *arg)
{
	tell(r, rows, r->before + input->taken, show, arg);
}

void ae_reading_tell_pass(struct ae_reading *r, uint64_t rows, uint64_t total, ae_show_reading *show, void *arg)
{
	if (!r->again || rows == 0) {
		r->again = true;
		r->begun = ae_clock_ms();
		r->size = total;
	}
	tell(r, rows, rows, show, arg);
}

void ae_reading_end(struct ae_reading *r, ae_show_reading *show, void *arg)
{
	r->ended = true;
	if (r->shown)
		r->shown = show(arg, r);
}
