/* SPDX-License-Identifier: MIT */
/* Temporary files without a name. */
#include "core/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/util.h"

int ae_tempfile(struct ae_error *err)
{
	const char *dir = getenv("TMPDIR");
	if (!dir || !*dir)
		dir = "/tmp";
	int fd = ae_open(dir, O_TMPFILE | O_RDWR, 0600);
	if (fd >= 0)
		return fd;
	char path[4096];
	do {
		if (snprintf(path, sizeof(path), "%s/aeXXXXXX", dir) >= (int)sizeof(path))
			return ae_fail(err, "the path in TMPDIR is too long");
		fd = mkostemp(path, O_CLOEXEC);
	} while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return ae_fail_errno(err, "%s: no temporary file in TMPDIR or /tmp", dir);
	unlink(path);
	return fd;
}
