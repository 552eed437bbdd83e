/* SPDX-License-Identifier: MIT */
/* The table of other kinds of files. */
#include "io/other_kind.h"

#include <ctype.h>
#include <string.h>

#include "core/util.h"

#define MAGIC(text_) (text_), sizeof(text_) - 1

struct kind {
	const char *magic;
	size_t len;
	const char *name, *advice;
	size_t hole, hole_len; /* bytes of the magic that may be any */
};

#define PLAIN "export it as CSV first"
#define PANDAS "read it with pandas and write it with to_csv first"

/* Where one magic begins with another, the longer one comes first. */
static const struct kind kinds[] = {
	{MAGIC("\x1f\x8b"), "gzip data", "zcat it first", 0, 0},
	{MAGIC("\x28\xb5\x2f\xfd"), "zstd data", "zstdcat it first", 0, 0},
	{MAGIC("\xfd\x37zXZ\0"), "xz data", "xzcat it first", 0, 0},
	{MAGIC("BZh?1AY&SY"), "bzip2 data", "bzcat it first", 3, 1},
	{MAGIC("BZh?\x17\x72\x45\x38\x50\x90"), "bzip2 data", "bzcat it first", 3, 1},
	{MAGIC("\x04\x22\x4d\x18"), "lz4 data", "lz4cat it first", 0, 0},
	{MAGIC("\x1f\x9d"), "compress data", "zcat it first", 0, 0},
	{MAGIC("]\0\0"), "lzma data", "xzcat it first", 0, 0},
	{MAGIC("PK\5\6"), "an empty zip archive", "there is nothing to read", 0, 0},
	{MAGIC("7z\xbc\xaf\x27\x1c"), "a 7z archive", "unpack it first (7z x -so)", 0, 0},
	{MAGIC("Rar!\x1a\x07"), "a rar archive", "unpack it first", 0, 0},
	{MAGIC("\xff\xfe\0\0"), "UTF-32 text", "iconv -f UTF-32 -t UTF-8 it first", 0, 0},
	{MAGIC("\0\0\xfe\xff"), "UTF-32 text", "iconv -f UTF-32 -t UTF-8 it first", 0, 0},
	{MAGIC("\xff\xfe"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 it first", 0, 0},
	{MAGIC("\xfe\xff"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8 it first", 0, 0},
	{MAGIC("\x89PNG\r\n\x1a\n"), "a PNG image", "pngtopnm it first", 0, 0},
	{MAGIC("\xff\xd8\xff"), "a JPEG image", "djpeg it first", 0, 0},
	{MAGIC("GIF87a"), "a GIF image", "giftopnm it first", 0, 0},
	{MAGIC("GIF89a"), "a GIF image", "giftopnm it first", 0, 0},
	{MAGIC("II*\0"), "a TIFF image", "tifftopnm it first", 0, 0},
	{MAGIC("MM\0*"), "a TIFF image", "tifftopnm it first", 0, 0},
	{MAGIC("BM????\0\0\0\0"), "a BMP image", "bmptopnm it first", 2, 4},
	{MAGIC("RIFF????WEBP"), "a WebP image", "dwebp -ppm it first", 4, 4},
	{MAGIC("RIFF????WAVE"), "a WAV sound file", "read it with Python's wave and write npy or CSV first", 4, 4},
	{MAGIC("\x89HDF\r\n\x1a\n"), "an HDF5 file", "read it with h5py and write it with numpy.save first", 0, 0},
	{MAGIC("PAR1\x15"), "a Parquet file", PANDAS, 0, 0},
	{MAGIC("ARROW1\0\0"), "an Arrow file", PANDAS, 0, 0},
	{MAGIC("FEA1\0\0\0\0"), "a Feather file", PANDAS, 0, 0},
	{MAGIC("Obj\1"), "an Avro file", PLAIN, 0, 0},
	{MAGIC("SQLite format 3\0"), "an SQLite database", "sqlite3 -header -csv FILE 'select ...' it first", 0, 0},
	{MAGIC("MATLAB 5.0 MAT-file"), "a MATLAB file",
		"read it with scipy.io.loadmat and write it with numpy.save first", 0, 0},
	{MAGIC("CDF\1"), "a NetCDF file", PANDAS, 0, 0},
	{MAGIC("CDF\2"), "a NetCDF file", PANDAS, 0, 0},
	{MAGIC("\x80\2"), "a Python pickle", "load it in Python and write it with numpy.save first", 0, 0},
	{MAGIC("\x80\3"), "a Python pickle", "load it in Python and write it with numpy.save first", 0, 0},
	{MAGIC("\x80\4"), "a Python pickle", "load it in Python and write it with numpy.save first", 0, 0},
	{MAGIC("\x80\5"), "a Python pickle", "load it in Python and write it with numpy.save first", 0, 0},
	{MAGIC("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Excel or Office file", PLAIN, 0, 0},
	{MAGIC("%PDF-"), "a PDF file", PLAIN, 0, 0},
	{MAGIC("\x7f"
	       "ELF"),
		"a program", "give it its data instead", 0, 0},
	{MAGIC("\x94\xa4"
	       "AEMF"),
		"a model", "models are named with -m, and ae-info describes them", 0, 0},
	{MAGIC("{\\rtf"), "an RTF document", "save it as plain text first", 0, 0},
};

/* Kinds that are text: a CSV file may begin so, if not often. */
static const struct kind text_kinds[] = {
	{MAGIC("<?xml"), "XML", PLAIN, 0, 0},
	{MAGIC("<!DOCTYPE"), "HTML or XML", PLAIN, 0, 0},
	{MAGIC("<!doctype"), "HTML", PLAIN, 0, 0},
	{MAGIC("<!--"), "HTML or XML", PLAIN, 0, 0},
	{MAGIC("<html"), "HTML", PLAIN, 0, 0},
	{MAGIC("<HTML"), "HTML", PLAIN, 0, 0},
};

#define COUNT(table_) (sizeof(table_) / sizeof(*(table_)))

static enum ae_begins matches(const struct kind *kind, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len && i < kind->len; i++) {
		bool any = i >= kind->hole && i < kind->hole + kind->hole_len;
		if (!any && bytes[i] != (unsigned char)kind->magic[i])
			return AE_BEGINS_NO;
	}
	return len < kind->len ? AE_BEGINS_MORE : AE_BEGINS_YES;
}

static enum ae_begins find(
	const struct kind *table, size_t count, const unsigned char *bytes, size_t len, struct ae_error *err)
{
	enum ae_begins found = AE_BEGINS_NO;
	for (size_t i = 0; i < count; i++) {
		enum ae_begins begins = matches(&table[i], bytes, len);
		if (begins == AE_BEGINS_YES && found == AE_BEGINS_NO) {
			ae_fail(err, "%s: %s", table[i].name, table[i].advice);
			return begins;
		}
		if (begins == AE_BEGINS_MORE)
			found = begins;
	}
	return found;
}

/* The name of an archive's first file, behind a header of 30 bytes, tells npz and xlsx. */
static enum ae_begins find_zip(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	enum { NAME_LENGTH = 26, NAME = 30, HEAD = 64 };
	static const struct kind zip = {MAGIC("PK\3\4"), NULL, NULL, 0, 0};
	enum ae_begins begins = matches(&zip, bytes, len);
	if (begins != AE_BEGINS_YES)
		return begins;
	size_t name = len < NAME ? 0 : (size_t)bytes[NAME_LENGTH] | (size_t)bytes[NAME_LENGTH + 1] << 8;
	size_t n = NAME + name < HEAD ? NAME + name : HEAD;
	if (len < n)
		return AE_BEGINS_MORE;
	if (memmem(bytes, n, ".npy", 4))
		ae_fail(err, "an npz archive (zip): load it with numpy and write one array with numpy.save first");
	else if (memmem(bytes, n, "[Content_Types]", 15) || memmem(bytes, n, "xl/", 3) || memmem(bytes, n, "_rels", 5))
		ae_fail(err, "an Excel or Office file (zip): " PLAIN);
	else
		ae_fail(err, "a zip archive: unzip -p it first");
	return AE_BEGINS_YES;
}

static bool is_letter(unsigned char c)
{
	return c >= ' ' && c < 0x7f;
}

/* UTF-16 without a byte order mark: every second byte of ASCII is zero. */
static enum ae_begins find_bare_utf16(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	if (len < 2) /* a letter is no whole line anyhow */
		return bytes[0] == 0 || is_letter(bytes[0]) ? AE_BEGINS_MORE : AE_BEGINS_NO;
	bool little = is_letter(bytes[0]) && bytes[1] == 0, big = bytes[0] == 0 && is_letter(bytes[1]);
	if (!little && !big)
		return AE_BEGINS_NO;
	if (len < 4)
		return AE_BEGINS_MORE;
	if (little ? !is_letter(bytes[2]) || bytes[3] != 0 : bytes[2] != 0 || !is_letter(bytes[3]))
		return AE_BEGINS_NO;
	ae_fail(err, "UTF-16 text: iconv -f UTF-16%s -t UTF-8 it first", little ? "LE" : "BE");
	return AE_BEGINS_YES;
}

static enum ae_begins find_binary(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	return find(kinds, COUNT(kinds), bytes, len, err);
}

static enum ae_begins find_markup(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	size_t bom = ae_bom_length(bytes, len);
	if (ae_bom_cut(bytes, len))
		return AE_BEGINS_MORE;
	return find(text_kinds, COUNT(text_kinds), bytes + bom, len - bom, err);
}

/* Looks past blanks. AE_BEGINS_YES: *at is the first other byte; AE_BEGINS_NO: there are more of them than a program
   puts at the start. */
static enum ae_begins skip_blanks(const unsigned char *bytes, size_t len, size_t *at)
{
	enum { MOST = 256 };
	size_t start = *at;
	while (*at < len && isspace(bytes[*at]))
		++*at;
	if (*at - start > MOST)
		return AE_BEGINS_NO;
	return *at < len ? AE_BEGINS_YES : AE_BEGINS_MORE;
}

/* Whether a value that is a word stands here, and not one that only begins so: [nullable],... is a header. */
static enum ae_begins find_json_word(const unsigned char *bytes, size_t len)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < COUNT(words); i++) {
		size_t word = strlen(words[i]), n = word < len ? word : len;
		if (memcmp(bytes, words[i], n) != 0)
			continue;
		if (len <= word)
			return AE_BEGINS_MORE;
		enum ae_begins begins = skip_blanks(bytes, len, &word);
		bool value = begins == AE_BEGINS_YES && (bytes[word] == ',' || bytes[word] == ']');
		return value || begins == AE_BEGINS_MORE ? begins : AE_BEGINS_NO;
	}
	return AE_BEGINS_NO;
}

/* An array of something: a bracket and what may follow it in JSON, with blanks before and between. Objects are JSON
 * lines. */
static enum ae_begins find_json(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	size_t at = ae_bom_length(bytes, len);
	if (ae_bom_cut(bytes, len))
		return AE_BEGINS_MORE;
	enum ae_begins begins = skip_blanks(bytes, len, &at);
	if (begins != AE_BEGINS_YES)
		return begins;
	if (bytes[at] != '[')
		return AE_BEGINS_NO;
	at++;
	begins = skip_blanks(bytes, len, &at);
	if (begins != AE_BEGINS_YES)
		return begins;
	if (!ae_is_digit((char)bytes[at]) && !memchr("{[\"}]-", bytes[at], 6)) {
		begins = find_json_word(bytes + at, len - at);
		if (begins != AE_BEGINS_YES)
			return begins;
	}
	ae_fail(err, "a JSON array: jq -c '.[]' makes JSON lines of it, and -I jsonl reads arrays of cells; -I csv "
		     "reads it as CSV all the same");
	return AE_BEGINS_YES;
}

/* Text of another encoding that begins with a letter beyond ASCII: UTF-8 does not begin inside a sequence. A damaged
   stream begins with the byte of a whole one. */
static enum ae_begins find_no_utf8(const unsigned char *bytes, size_t len, struct ae_error *err)
{
	if (bytes[0] < 0x80 || bytes[0] >= 0xc0 || bytes[0] == 0x94)
		return AE_BEGINS_NO;
	enum ae_begins aest = ae_aest_input.begins(bytes, len), npy = ae_npy_input.begins(bytes, len);
	if (aest != AE_BEGINS_NO || npy != AE_BEGINS_NO)
		return aest == AE_BEGINS_MORE || npy == AE_BEGINS_MORE ? AE_BEGINS_MORE : AE_BEGINS_NO;
	enum ae_begins msgpack = ae_msgpack_input.begins(bytes, len);
	if (msgpack != AE_BEGINS_NO)
		return msgpack == AE_BEGINS_MORE ? AE_BEGINS_MORE : AE_BEGINS_NO;
	ae_fail(err, "no UTF-8 text: iconv -f LATIN1 -t UTF-8 it first, if it is Latin-1; -I csv reads it as it is");
	return AE_BEGINS_YES;
}

enum ae_begins ae_other_kind_begins(const unsigned char *bytes, size_t len, bool as_text, struct ae_error *err)
{
	static enum ae_begins (*const finders[])(const unsigned char *, size_t, struct ae_error *) = {
		find_binary, find_zip, find_bare_utf16, find_markup, find_json, find_no_utf8};
	enum ae_begins found = len == 0 ? AE_BEGINS_MORE : AE_BEGINS_NO;
	for (size_t i = 0; len > 0 && i < (as_text ? 3 : COUNT(finders)); i++) {
		enum ae_begins begins = finders[i](bytes, len, err);
		/* One before it that may still be it goes first, or the message would depend on how much has come. */
		if (begins == AE_BEGINS_YES && found == AE_BEGINS_NO)
			return begins;
		if (begins == AE_BEGINS_MORE)
			found = begins;
	}
	return found;
}
