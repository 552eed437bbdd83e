/* SPDX-License-Identifier: MIT */
/* A line with the number of a command, and a file of --state: the program refuses it or goes on from it, and then goes
   on from what it wrote itself. */
#include "fuzz.h"

#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <sys/stat.h>

int ae_smooth_main(int argc, char **argv);
int ae_thresh_main(int argc, char **argv);
int ae_transform_main(int argc, char **argv);
int ae_window_main(int argc, char **argv);

enum { ARGS = 24 };
static const struct {
	int (*main)(int argc, char **argv);
	char *args[ARGS]; /* without the files */
} commands[] = {
	{ae_smooth_main, {"ae-smooth", "--mean", "3", "--group", "id"}},
	{ae_smooth_main, {"ae-smooth", "--median", "5", "--group", "id", "--max-gap", "1m"}},
	{ae_smooth_main, {"ae-smooth", "--ewma", "4"}},
	{ae_window_main, {"ae-window", "--x", "err", "--size", "4", "--group", "id", "--max-groups", "2"}},
	{ae_transform_main, {"ae-transform", "--x", "err", "--baseline", "median:4", "--diff", "3", "--group", "id"}},
	{ae_thresh_main, {"ae-thresh", "--stream", "quantile:0.9", "--window", "4", "--group", "id"}},
	{ae_thresh_main, {"ae-thresh", "--at", "2", "--k-of-n", "2/5", "--merge-gap", "9s", "--group", "id",
				 "--episodes", "/dev/null"}},
	{ae_thresh_main, {"ae-thresh", "--stream", "quantile:0.9", "--window", "4", "--min-rows", "2", "--episodes",
				 "/dev/null"}},
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static char folder[] = "/tmp/fuzzXXXXXX";
static char rows[40], state[40], out[40];

static void write_bytes(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	FUZZ_CHECK(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && close(fd) == 0, "%s", path);
}

static void remove_all(void)
{
	unlink(rows);
	unlink(state);
	unlink(out);
	rmdir(folder);
}

static void make_folder(void)
{
	static const char text[] = "id,time,err\nm,1,0.5\nn,2,3\nm,3,-1\no,90,2\nm,91,1e300\nn,92,4\nm,93,0\nm,94,7\n";
	FUZZ_CHECK(mkdtemp(folder), "%s", folder);
	snprintf(rows, sizeof(rows), "%s/rows.csv", folder);
	snprintf(state, sizeof(state), "%s/state", folder);
	snprintf(out, sizeof(out), "%s/out.aes", folder);
	write_bytes(rows, text, sizeof(text) - 1);
	FUZZ_CHECK(atexit(remove_all) == 0, "atexit");
}

static int run(size_t command)
{
	char *files[] = {"--time", "time", "-q", "--on-bad", "skip", "--state", state, "-o", out, rows};
	char *argv[ARGS + 1] = {0};
	int argc = 0;
	while (commands[command].args[argc]) {
		argv[argc] = commands[command].args[argc];
		argc++;
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		argv[argc++] = files[i];
	static FILE *null;
	FILE *before = stderr;
	if (!null)
		FUZZ_CHECK((null = fopen("/dev/null", "w")), "no /dev/null");
	stderr = null; /* what the program says is lost */
	optind = 0;
	int status = commands[command].main(argc, argv);
	stderr = before;
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct fuzz_words words;
	if (!*rows)
		make_folder();
	fuzz_take_words(&words, &input);
	size_t command = words.count ? (size_t)(unsigned char)*words.word[0] % COMMANDS : 0;
	write_bytes(state, input.at, input.left);
	int status = run(command);
	if (status == AE_STATUS_SIGTERM) { /* that was for libFuzzer */
		remove_all();
		_exit(status);
	}
	FUZZ_CHECK(status == 0 || status == 1, "status %d", status);
	if (status == 0)
		FUZZ_CHECK(run(command) == 0, "its own state is refused");
	return 0;
}
