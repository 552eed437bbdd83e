/* SPDX-License-Identifier: MIT */
/* A line of a terminal that is drawn over: rows read, losses. */
#include "cli/bar.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

bool ae_bar_is_possible(void)
{
	const char *terminal = getenv("TERM");
	return isatty(STDERR_FILENO) && !(terminal && strcmp(terminal, "dumb") == 0);
}

void ae_bar_make_room(void)
{
	if (ae_bar_is_possible())
		fputs("\033[K", stderr);
}

/* A lock on the terminal: programs of a chain share it. Each ends with its holder. */
static bool lock(short type)
{
	struct flock whole = {.l_type = type, .l_whence = SEEK_SET};
	return fcntl(STDERR_FILENO, F_SETLK, &whole) == 0;
}

static bool is_continuation(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

bool ae_bar_draw(const char *text)
{
	struct winsize size;
	int columns = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1 : 79;
	pid_t foreground = tcgetpgrp(STDERR_FILENO);
	int bytes = 0;
	if (foreground >= 0 && foreground != getpgrp()) {
		(void)lock(F_UNLCK);
		return false;
	}
	if (!lock(F_WRLCK))
		return false;
	while (text[bytes] && (columns > 0 || is_continuation(text[bytes])))
		columns -= !is_continuation(text[bytes++]);
	fprintf(stderr, "\r%.*s\033[K\r", bytes, text);
	fflush(stderr);
	return true;
}

void ae_bar_end(void)
{
	fputs("\r\033[K", stderr);
	fflush(stderr);
	(void)lock(F_UNLCK);
}

/* ---- reading ---- */

static bool show(void *arg, const struct ae_reading *r)
{
	const char *name = arg;
	char text[200], left[80] = "";
	if (r->ended) {
		ae_bar_end();
		return false;
	}
	if (r->size > 0 && r->bytes > 0 && r->bytes <= r->size) {
		double done = (double)r->bytes / (double)r->size;
		long seconds = lround(r->seconds * (1 - done) / done);
		snprintf(left, sizeof(left), ", %.0f%%, %ld:%02ld left", 100 * done, seconds / 60, seconds % 60);
	}
	snprintf(text, sizeof(text), "%s: %s%llu rows, %.0f a second%s", name, r->again ? "next pass, " : "",
		(unsigned long long)r->rows, (double)r->rows / r->seconds, left);
	return ae_bar_draw(text);
}

void ae_bar_show_reading(const struct ae_program *program, struct ae_common *common, bool writes_rows)
{
	bool busy = false; /* what this program writes, or one behind it, may be on the terminal */
	const char *path = common->out.path;
	if (!path || strcmp(path, "-") == 0) {
		struct stat info;
		bool pipe = fstat(STDOUT_FILENO, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
		busy = pipe || (writes_rows && isatty(STDOUT_FILENO));
	}
	common->in.show = !common->quiet && !busy && ae_bar_is_possible() ? show : NULL;
	common->in.show_arg = (void *)(uintptr_t)program->name;
}

/* ---- losses ---- */

static bool is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return strstr(value, "UTF-8") || strstr(value, "utf8") || strstr(value, "UTF8");
	}
	return false;
}

const char *ae_bar_curve(char text[AE_BAR_CURVE_TEXT], const double *losses, size_t count)
{
	static const char *const steps[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	enum { STEPS = sizeof(steps) / sizeof(*steps) };
	double least = INFINITY, most = -INFINITY;
	*text = '\0';
	if (count < 2 || !is_utf8())
		return text;
	for (size_t i = 0; i < count; i++) {
		least = fmin(least, losses[i]);
		most = fmax(most, losses[i]);
	}
	if (!(least > 0 && most < INFINITY)) /* the curve is of logarithms */
		return text;
	for (size_t i = 0; i < count && i < AE_BAR_CURVE; i++) {
		double share = most > least ? log(losses[i] / least) / log(most / least) : 0;
		strcat(text, steps[(size_t)(share * (STEPS - 1) + 0.5)]);
	}
	return text;
}
