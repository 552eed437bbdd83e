/* SPDX-License-Identifier: MIT */
/* Guesses about text that cannot be read. */
#include "io/csv_advice.h"

#include <stdio.h>
#include <string.h>

#include "core/number.h"

static bool is_text(const struct ae_csv_field *cell, const char *text)
{
	return cell->len == strlen(text) && memcmp(cell->text, text, cell->len) == 0;
}

bool ae_csv_is_missing_word(const struct ae_csv_field *cell)
{
	static const char *const words[] = {"N/A", "n/a", "n.a.", "na", "null", "NULL", "Null", "None", "none", "NONE",
		"nil", "#N/A", "#N/A N/A", "#NA", "<NA>", "-", "--", "---", "?", ".", "*", "(empty)", "empty",
		"missing", "Missing", "-nan", "-NaN", "1.#QNAN", "-1.#IND", "1.#IND", "#VALUE!", "#DIV/0!", "#REF!",
		"#NUM!", "#NULL!", "\\N", "NaT", "Bad", "Bad Input", "No Data", "I/O Timeout"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_text(cell, words[i]))
			return true;
	return false;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "1,5": digits, one comma, digits. */
static bool has_decimal_comma(const struct ae_csv_field *cell)
{
	char number[64];
	double value;
	const char *comma = memchr(cell->text, ',', cell->len);
	if (!comma || cell->len >= sizeof(number))
		return false;
	memcpy(number, cell->text, cell->len);
	number[comma - cell->text] = '.';
	return ae_number_parse(&value, number, cell->len) == AE_NUMBER_OK;
}

/* Characters that separate fields, and how -d spells them. */
static const struct {
	char c;
	const char *option;
} delimiters[] = {
	{';', "-d ';'"},
	{'\t', "a tab: -d '\\t', or -I tsv"},
	{'|', "-d '|'"},
	{',', "a comma: -d ,"},
	{' ', "a space: -d ' '"},
};

enum { DELIMITERS = sizeof(delimiters) / sizeof(*delimiters) };

/* Whether a cell is several: "1;2", "1 2". */
static const char *several_fields(const struct ae_csv_field *cell, char delimiter, size_t columns)
{
	for (size_t i = 0; i < DELIMITERS; i++) {
		char c = delimiters[i].c;
		const char *at = c == delimiter ? NULL : memchr(cell->text, c, cell->len);
		if (!at || at == cell->text || at == cell->text + cell->len - 1)
			continue;
		bool apart = c != ' ' || (columns == 1 && is_digit(at[-1]) && (is_digit(at[1]) || at[1] == '-'));
		if (apart)
			return delimiters[i].option;
	}
	return NULL;
}

bool ae_csv_cell_advice(char advice[AE_ADVICE_TEXT], const struct ae_csv_field *cell, char delimiter, size_t columns)
{
	if (ae_csv_is_missing_word(cell)) {
		snprintf(advice, AE_ADVICE_TEXT, "; if it stands for a missing value: --na '%.*s'", (int)cell->len,
			cell->text);
		return true;
	}
	if (has_decimal_comma(cell)) {
		snprintf(advice, AE_ADVICE_TEXT, ": a decimal comma? Numbers have a point%s",
			delimiter == ',' ? "" : ": tr , . makes it of each comma");
		return true;
	}
	if (delimiter == '\t' && cell->len > 1 && *cell->text == '"' && cell->text[cell->len - 1] == '"') {
		snprintf(advice, AE_ADVICE_TEXT, ": TSV has no quotes; -I csv -d '\\t' reads them");
		return true;
	}
	const char *option = several_fields(cell, delimiter, columns);
	if (option)
		snprintf(advice, AE_ADVICE_TEXT, ": is the delimiter %s?", option);
	return option != NULL;
}

const char *ae_csv_delimiter_advice(const char *line, size_t len, char delimiter)
{
	bool quoted = memchr(line, '"', len) != NULL;
	for (size_t i = 0; i < DELIMITERS; i++) {
		char c = delimiters[i].c;
		const char between[] = {'"', c, '"'};
		if (c == delimiter || (c == ' ' && !quoted)) /* names may hold spaces */
			continue;
		if (quoted ? memmem(line, len, between, sizeof(between)) != NULL : memchr(line, c, len) != NULL)
			return delimiters[i].option;
	}
	return NULL;
}

/* ---- headers ---- */

/* Whether every field is a word as names are, and no two are the same. */
static bool all_names(const struct ae_csv_field *fields, size_t count)
{
	double value;
	for (size_t i = 0; i < count; i++)
		if (ae_number_parse(&value, fields[i].text, fields[i].len) != AE_NUMBER_NOT ||
			ae_csv_is_missing_word(&fields[i]))
			return false;
	for (size_t i = 1; i < count; i++) /* words that repeat are data: the neighbours tell most of it */
		if (fields[i].len == fields[i - 1].len &&
			memcmp(fields[i].text, fields[i - 1].text, fields[i].len) == 0)
			return false;
	return true;
}

static bool names_field(const struct ae_csv_columns *columns, const struct ae_csv_field *field)
{
	for (size_t i = 0; i < columns->count; i++)
		if (is_text(field, columns->names[i]))
			return true;
	return false;
}

enum ae_csv_header_like ae_csv_compare_header(
	const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count)
{
	size_t same = 0;
	while (same < count && same < columns->count && is_text(&fields[same], columns->names[same]))
		same++;
	if (same == count && count == columns->count)
		return AE_CSV_SAME_HEADER;
	if (!all_names(fields, count))
		return AE_CSV_ROW;
	size_t shared = 0;
	for (size_t i = 0; i < count; i++)
		shared += names_field(columns, &fields[i]);
	return 2 * shared >= count ? AE_CSV_OTHER_HEADER : AE_CSV_MAYBE_HEADER;
}

bool ae_csv_all_from_header(const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!names_field(columns, &fields[i]))
			return false;
	return true;
}

int ae_csv_fail_other_header(
	const struct ae_csv_columns *columns, const struct ae_csv_field *fields, size_t count, struct ae_error *err)
{
	size_t i = 0;
	while (i < count && i < columns->count && is_text(&fields[i], columns->names[i]))
		i++;
	if (i < count && i < columns->count)
		return ae_fail(err, "another header: the columns change here: column %zu is \"%.*s\", not \"%s\"",
			i + 1, (int)(fields[i].len > 100 ? 100 : fields[i].len), fields[i].text, columns->names[i]);
	return ae_fail(err, "another header: the columns change here: %zu columns, not %zu", count, columns->count);
}
