/* SPDX-License-Identifier: MIT */
/* Output files: nothing is seen before commit, nothing is left behind, links and permissions stay. */
#include "check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/lock.h"
#include "core/outfile.h"
#include "core/util.h"

static struct ae_error err;

static int entries(void)
{
	int n = 0;
	DIR *folder = opendir(".");
	while (folder && readdir(folder))
		n++;
	closedir(folder);
	return n - 2;
}

static bool holds(const char *path, const char *text)
{
	struct ae_buf bytes = {0};
	bool same = ae_read_file(&bytes, path, &err) == 0 && bytes.len == strlen(text) &&
		    (bytes.len == 0 || memcmp(bytes.data, text, bytes.len) == 0);
	ae_buf_free(&bytes);
	return same;
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? st.st_mode & 0777 : 0;
}

static int put(const char *path, const char *text, bool sync)
{
	struct ae_outfile file;
	if (ae_outfile_open(&file, path, &err) != 0)
		return -1;
	CHECK(ae_write_all(file.fd, text, strlen(text), file.path, &err) == 0, "%s", err.text);
	return ae_outfile_commit(&file, sync, &err);
}

static void check_regular(void)
{
	struct ae_outfile file;
	umask(027);
	CHECK(ae_outfile_open(&file, "a", &err) == 0 && file.beside, "%s", err.text);
	CHECK(access("a", F_OK) != 0, "not there before commit");
	CHECK(ae_write_all(file.fd, "one", 3, "a", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit(&file, true, &err) == 0 && holds("a", "one") && entries() == 1, "%s", err.text);
	CHECK(mode_of("a") == 0640, "mode %o", mode_of("a"));
	CHECK(chmod("a", 0604) == 0 && put("a", "two", false) == 0 && holds("a", "two"), "%s", err.text);
	CHECK(mode_of("a") == 0604, "mode %o is the replaced file's", mode_of("a"));
	CHECK(ae_outfile_open(&file, "./a", &err) == 0, "%s", err.text);
	CHECK(ae_write_all(file.fd, "three", 5, "a", &err) == 0, "%s", err.text);
	ae_outfile_abandon(&file);
	CHECK(holds("a", "two") && entries() == 1, "abandoned");
	CHECK(symlink("a", "link") == 0 && put("link", "four", false) == 0, "%s", err.text);
	CHECK(holds("a", "four") && readlink("link", (char[8]){0}, 8) == 1, "a link stays, its file is replaced");
	CHECK(unlink("link") == 0 && unlink("a") == 0 && entries() == 0, "left over");
}

/* Where a link leads is settled when the file is reserved or opened. */
static void check_links(void)
{
	struct ae_outfile file;
	bool changed;
	CHECK(put("a", "one", false) == 0 && put("b", "two", false) == 0 && symlink("a", "link") == 0, "%s", err.text);
	CHECK(ae_outfile_open(&file, "link", &err) == 0 && unlink("link") == 0 && symlink("b", "link") == 0, "open");
	CHECK(ae_outfile_commit(&file, true, &err) == 0 && holds("a", "") && holds("b", "two"), "%s", err.text);
	CHECK(ae_outfile_reserve(&file, "link", &err) == 0 && file.fd == -1 && entries() == 3, "%s", err.text);
	CHECK(unlink("link") == 0 && symlink("a", "link") == 0 && put("a", "three", false) == 0, "%s", err.text);
	CHECK(ae_outfile_begin(&file, &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit_unchanged(&file, NULL, &changed, &err) == 0 && !changed, "the first file is as it was");
	CHECK(holds("a", "three") && holds("b", ""), "%s", err.text);
	CHECK(ae_outfile_reserve(&file, "link", &err) == 0 && put("a", "four", false) == 0, "%s", err.text);
	CHECK(ae_outfile_begin(&file, &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit_unchanged(&file, NULL, &changed, &err) == 0 && changed && holds("a", "four"),
		"changed");
	CHECK(unlink("a") == 0 && unlink("link") == 0 && unlink("b") == 0, "unlink");

	/* to a file that is not there yet, from another folder, over another link */
	CHECK(mkdir("d", 0700) == 0 && symlink("d/second", "link") == 0 && symlink("../a", "d/second") == 0, "links");
	CHECK(put("link", "five", false) == 0 && holds("a", "five") && entries() == 3, "%s", err.text);
	CHECK(readlink("link", (char[16]){0}, 16) == 8 && readlink("d/second", (char[8]){0}, 8) == 4, "both stay");
	CHECK(unlink("d/second") == 0 && rmdir("d") == 0 && unlink("a") == 0 && unlink("link") == 0, "unlink");
	CHECK(symlink("loop", "loop") == 0 && put("loop", "x", false) == -1 && unlink("loop") == 0, "a loop");
}

static void check_named(void)
{
	/* as on a file system without O_TMPFILE */
	struct ae_outfile file = {.fd = open(".aefilters-test", O_WRONLY | O_CREAT | O_EXCL, 0600), .beside = true};
	file.path = strdup("b");
	file.target = strdup("b");
	file.temporary = strdup(".aefilters-test");
	CHECK(ae_outfile_commit(&file, false, &err) == 0 && holds("b", "") && entries() == 1, "%s", err.text);
	CHECK(unlink("b") == 0, "b");
}

/* Several get their names together, or none does. */
static void check_all(void)
{
	struct ae_outfile one, two, *const both[] = {&one, &two};
	CHECK(put("a", "old", false) == 0, "%s", err.text);
	CHECK(ae_outfile_open(&one, "a", &err) == 0 && ae_outfile_open(&two, "b", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_write(&one, "new", 3, &err) == 0 && mkdir("b", 0700) == 0, "a folder comes in between");
	CHECK(ae_outfile_commit_all(both, 2, &err) == -1 && strstr(err.text, "b: ") && holds("a", "old"), "%s",
		err.text);
	ae_outfile_abandon(&one);
	ae_outfile_abandon(&two);
	CHECK(entries() == 2 && unlink("a") == 0, "nothing else is left");
	CHECK(ae_outfile_open(&one, "a", &err) == 0 && ae_outfile_open(&two, "b/c", &err) == 0, "%s", err.text);
	CHECK(rmdir("b") == 0 && ae_outfile_commit_all(both, 2, &err) == -1, "%s", err.text);
	ae_outfile_abandon(&one);
	ae_outfile_abandon(&two);
	CHECK(entries() == 0, "nothing is left");
	CHECK(put("a", "old", false) == 0 && ae_outfile_open(&one, "a", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_open(&two, "b", &err) == 0 && ae_outfile_commit_all(both, 2, &err) == 0, "%s", err.text);
	CHECK(holds("a", "") && holds("b", "") && entries() == 2, "both");
	CHECK(unlink("a") == 0 && unlink("b") == 0, "unlink");
}

/* The first free name, with the permissions of another file. */
static void check_new(void)
{
	struct ae_outfile file;
	char *name = NULL;
	CHECK(put("a", "one", false) == 0 && chmod("a", 0604) == 0 && mkdir("b", 0700) == 0, "%s", err.text);
	CHECK(symlink("none", "b.2") == 0 && mkfifo("b.3", 0600) == 0, "names that are taken");
	for (int n = 4; n < 6; n++) {
		CHECK(ae_outfile_open_new(&file, "b", "a", &err) == 0, "%s", err.text);
		CHECK(ae_outfile_write(&file, "new", 3, &err) == 0, "%s", err.text);
		CHECK(ae_outfile_commit_new(&file, &name, &err) == 0 && name[2] == '0' + n, "%s", name);
		CHECK(holds(name, "new") && mode_of(name) == 0604, "%s has mode %o", name, mode_of(name));
		free(name);
	}
	CHECK(entries() == 6 && unlink("b.4") == 0 && unlink("b.5") == 0, "nothing else");
	CHECK(rmdir("b") == 0 && unlink("b.2") == 0 && unlink("b.3") == 0, "unlink");
	CHECK(ae_outfile_open_like(&file, "b", "a", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit(&file, false, &err) == 0 && mode_of("b") == 0604, "mode %o", mode_of("b"));
	CHECK(ae_outfile_open_like(&file, "b", "none", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit(&file, false, &err) == 0 && mode_of("b") == 0640, "mode %o", mode_of("b"));
	CHECK(unlink("a") == 0 && unlink("b") == 0 && entries() == 0, "unlink");
}

/* Somebody else's work, while the file has everything but its name. */
static int write_a(void *arg, struct ae_error *e)
{
	(void)arg;
	(void)e;
	return put("a", "theirs", false);
}

static void check_unchanged(void)
{
	const struct ae_outfile_last last = {.call = write_a};
	struct ae_outfile file;
	bool changed = false;
	CHECK(put("a", "old", false) == 0 && ae_outfile_reserve(&file, "a", &err) == 0, "%s", err.text);
	CHECK(ae_outfile_begin(&file, &err) == 0 && ae_outfile_write(&file, "ours", 4, &err) == 0, "%s", err.text);
	CHECK(ae_outfile_commit_unchanged(&file, &last, &changed, &err) == 0 && changed, "%s", err.text);
	CHECK(holds("a", "theirs") && entries() == 1 && unlink("a") == 0, "theirs stays");
}

/* Replaces "a" with another file beside it: both or none. */
static int replace_with(const char *path, bool in_the_way, bool *changed)
{
	struct ae_outfile file, also;
	const struct ae_outfile_last last = {.also = &also};
	CHECK(ae_outfile_reserve(&file, "a", &err) == 0 && ae_outfile_begin(&file, &err) == 0, "%s", err.text);
	CHECK(ae_outfile_write(&file, "new", 3, &err) == 0, "%s", err.text);
	CHECK(ae_outfile_open(&also, path, &err) == 0 && ae_outfile_write(&also, "beside", 6, &err) == 0, "%s",
		err.text);
	CHECK(!in_the_way || mkdir(path, 0700) == 0, "mkdir");
	int rc = ae_outfile_commit_unchanged(&file, &last, changed, &err);
	ae_outfile_abandon(&also);
	return rc;
}

static void check_also(void)
{
	bool changed = true;
	CHECK(put("a", "old", false) == 0, "%s", err.text);
	CHECK(replace_with("b", true, &changed) == -1 && holds("a", "old"), "none");
	CHECK(rmdir("b") == 0 && entries() == 1, "and nothing beside");
	CHECK(replace_with("b", false, &changed) == 0 && !changed, "%s", err.text);
	CHECK(holds("a", "new") && holds("b", "beside") && entries() == 2, "both");
	CHECK(unlink("a") == 0 && unlink("b") == 0, "unlink");
}

static void check_lock(void)
{
	int first = open(".", O_RDONLY), second = open(".", O_RDONLY);
	CHECK(ae_lock_file(first, 0) && !ae_lock_file(second, 5), "one has it");
	close(first);
	CHECK(ae_lock_file(second, 0), "and gives it back");
	close(second);
}

/* A descriptor in the midst of a file is not reserved: what is behind would stay. */
static void check_midst(void)
{
	struct ae_outfile file;
	CHECK(ae_outfile_descriptor("/dev/fd/0") == 0 && ae_outfile_descriptor("/proc/self/fd/10") == 10, "names");
	CHECK(ae_outfile_descriptor("/dev/fd/01") == -1 && ae_outfile_descriptor("/dev/fd/") == -1, "none");
	char name[32];
	int fd = open("c", O_RDWR | O_CREAT, 0600);
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	CHECK(write(fd, "1234", 4) == 4 && ae_outfile_reserve(&file, name, &err) == 0, "%s", err.text);
	ae_outfile_abandon(&file);
	CHECK(lseek(fd, 3, SEEK_SET) == 3 && ae_outfile_reserve(&file, name, &err) == -1, "a byte is behind");
	CHECK(fcntl(fd, F_SETFL, O_APPEND) == 0 && ae_outfile_reserve(&file, name, &err) == 0, "%s", err.text);
	ae_outfile_abandon(&file);
	close(fd);
	CHECK(unlink("c") == 0, "c");
}

static void check_direct(void)
{
	CHECK(mkfifo("fifo", 0600) == 0, "mkfifo");
	int reader = open("fifo", O_RDONLY | O_NONBLOCK);
	char text[8] = "";
	CHECK(put("fifo", "five", true) == 0 && read(reader, text, 8) == 4, "%s", err.text);
	CHECK(strcmp(text, "five") == 0 && entries() == 1, "through the FIFO");
	close(reader);
	CHECK(unlink("fifo") == 0, "fifo");
	CHECK(put("/dev/null", "six", false) == 0, "%s", err.text);
	int fd = open("c", O_RDWR | O_CREAT, 0600);
	char name[32];
	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	CHECK(write(fd, "kept ", 5) == 5 && put(name, "seven", false) == 0, "%s", err.text);
	CHECK(holds("c", "kept seven") && fcntl(fd, F_GETFD) >= 0, "a descriptor of ours");
	close(fd);
	CHECK(unlink("c") == 0, "c");
	struct ae_outfile file;
	CHECK(ae_outfile_open(&file, "/dev/full", &err) == 0, "%s", err.text);
	CHECK(ae_write_all(file.fd, "x", 1, file.path, &err) == -1 && strstr(err.text, "/dev/full"), "%s", err.text);
	ae_outfile_abandon(&file);
	CHECK(ae_outfile_open(&file, "-", &err) == 0 && strcmp(file.path, "<stdout>") == 0, "%s", err.text);
	CHECK(file.fd == STDOUT_FILENO && !file.beside, "standard output");
	free(file.path);
}

static void check_errors(void)
{
	CHECK(mkdir("folder", 0700) == 0, "mkdir");
	static const char *const bad[] = {"folder", "folder/", "none/file", "new/", ""};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ae_outfile file;
		CHECK(ae_outfile_open(&file, bad[i], &err) == -1, "\"%s\"", bad[i]);
		CHECK(strstr(err.text, bad[i]) != NULL, "\"%s\": %s", bad[i], err.text);
	}
	CHECK(put("folder", "x", false) == -1 && strstr(err.text, "is a folder"), "%s", err.text);
	if (geteuid() != 0) {
		CHECK(chmod("folder", 0500) == 0, "chmod");
		CHECK(put("folder/x", "x", false) == -1 && strstr(err.text, "folder/x: "), "%s", err.text);
	}
	CHECK(rmdir("folder") == 0, "rmdir");
}

int main(void)
{
	char folder[] = "/tmp/test_outfile.XXXXXX";
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	check_regular();
	check_links();
	check_named();
	check_all();
	check_new();
	check_unchanged();
	check_also();
	check_lock();
	check_midst();
	check_direct();
	check_errors();
	CHECK(entries() == 0, "files left");
	CHECK(chdir("/") == 0 && rmdir(folder) == 0, "%s", folder);
	return check_done();
}
