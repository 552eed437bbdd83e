# SPDX-License-Identifier: MIT
# For tests on the made-up beats: `load fixture` in place of `load scoring` makes them once for all tests of the file.
load scoring

setup_file() {
	scoring_fixture
}
