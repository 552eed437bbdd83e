/* SPDX-License-Identifier: MIT */
/* Guesses about text that cannot be read. */
#include "io/csv_advice.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/number.h"

static bool is_text(const struct ae_cell *cell, const char *text)
{
	return cell->len == strlen(text) && memcmp(cell->text, text, cell->len) == 0;
}

bool ae_csv_is_missing_word(const struct ae_cell *cell)
{
	static const char *const words[] = {"N/A", "n/a", "n.a.", "na", "null", "NULL", "Null", "None", "none", "NONE",
		"nil", "#N/A", "#N/A N/A", "#NA", "<NA>", "-", "--", "---", "?", ".", "*", "(empty)", "empty",
		"missing", "Missing", "-nan", "-NaN", "1.#QNAN", "-1.#IND", "1.#IND", "#VALUE!", "#DIV/0!", "#REF!",
		"#NUM!", "#NULL!", "\\N", "NaT", "Bad", "Bad Input", "No Data", "I/O Timeout"};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (cell->len > 0 && *cell->text == *words[i] && is_text(cell, words[i]))
			return true;
	return false;
}

bool ae_csv_is_comment(const struct ae_text_rules *rules, const struct ae_cell *fields, size_t count)
{
	return !rules->options->comment && count > 0 && fields->len > 0 && *fields->text == '#';
}

/* "1,5": digits, one comma, digits. */
static bool has_decimal_comma(const struct ae_cell *cell)
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

/* A number, or a spelling of missing, but for the blanks around it. */
static bool has_blanks_around(const struct ae_cell *cell)
{
	double value;
	const char *at = cell->text, *end = at + cell->len;
	while (at < end && *at == ' ')
		at++;
	while (at < end && end[-1] == ' ')
		end--;
	enum ae_number kind = ae_number_parse(&value, at, (size_t)(end - at));
	return (size_t)(end - at) < cell->len && (kind == AE_NUMBER_OK || kind == AE_NUMBER_MISSING);
}

/* "1.234,5" or "1,234": digits in groups of three, and then digits behind a point of another kind, or none. */
static bool is_grouped(const struct ae_cell *cell, char group, char point)
{
	const char *at = cell->text, *end = at + cell->len;
	size_t digits = 0, groups = 0;
	at += at < end && (*at == '-' || *at == '+');
	for (; at < end && ae_is_digit(*at); at++)
		digits++;
	if (digits == 0 || digits > 3)
		return false;
	for (; end - at >= 4 && *at == group && ae_is_digit(at[1]) && ae_is_digit(at[2]) && ae_is_digit(at[3]); at += 4)
		groups++;
	if (groups == 0 || (at < end && *at++ != point))
		return false;
	while (at < end && ae_is_digit(*at))
		at++;
	return at == end;
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
static const char *several_fields(const struct ae_cell *cell, char delimiter, size_t columns)
{
	for (size_t i = 0; i < DELIMITERS; i++) {
		char c = delimiters[i].c;
		const char *at = c == delimiter ? NULL : memchr(cell->text, c, cell->len);
		if (!at || at == cell->text || at == cell->text + cell->len - 1)
			continue;
		bool apart = c != ' ' || (columns == 1 && ae_is_digit(at[-1]) && (ae_is_digit(at[1]) || at[1] == '-'));
		if (apart)
			return delimiters[i].option;
	}
	return NULL;
}

bool ae_csv_cell_advice(char advice[AE_ADVICE_TEXT], const struct ae_cell *cell, char delimiter, size_t columns)
{
	if (ae_csv_is_missing_word(cell)) {
		snprintf(advice, AE_ADVICE_TEXT, "; if it stands for a missing value: --na '%.*s'", (int)cell->len,
			cell->text);
		return true;
	}
	if (has_blanks_around(cell)) {
		const char text[] = {delimiter, '\0'}, *shown = delimiter == '\t' ? "\\t" : text;
		snprintf(advice, AE_ADVICE_TEXT,
			": blanks around numbers are not taken: sed 's/ *%s */%s/g; s/^ *//; s/ *$//' it first", shown,
			shown);
		return true;
	}
	if (has_decimal_comma(cell)) {
		snprintf(advice, AE_ADVICE_TEXT, ": a decimal comma? Numbers have a point%s",
			delimiter == ',' ? "" : ": tr , . makes it of each comma");
		return true;
	}
	if (memchr(cell->text, ',', cell->len) && is_grouped(cell, '.', ',')) {
		snprintf(advice, AE_ADVICE_TEXT,
			": a decimal comma, and points between thousands? Numbers have a point%s",
			delimiter == ',' ? " and nothing else" : ": tr -d . | tr , . makes them so");
		return true;
	}
	if (is_grouped(cell, ',', '.')) {
		snprintf(advice, AE_ADVICE_TEXT, ": commas between thousands? Numbers have none%s",
			delimiter == ',' ? "" : ": tr -d , takes them away");
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

/* Which character separates the fields of a header's line that came as one field, as "-d ';'"; or, if the line could
   not be split for its quotes, which one stands between quoted names. NULL: none. */
static const char *likely_delimiter(const struct ae_buf *line, char delimiter)
{
	bool quoted = memchr(line->data, '"', line->len) != NULL;
	for (size_t i = 0; i < DELIMITERS; i++) {
		char c = delimiters[i].c;
		const char between[] = {'"', c, '"'};
		if (c == delimiter || (c == ' ' && !quoted)) /* names may hold spaces */
			continue;
		if (quoted ? memmem(line->data, line->len, between, sizeof(between)) != NULL
			   : memchr(line->data, c, line->len) != NULL)
			return delimiters[i].option;
	}
	return NULL;
}

/* ---- the first line ---- */

static int check_sep_line(const struct ae_buf *line, struct ae_error *err)
{
	const char *text = (const char *)line->data;
	if (line->len < 6 || line->len > 7 || strncasecmp(text, "sep=", 4) != 0)
		return 0;
	const char c[] = {text[4], '\0'}, *shown = *c == '\t' ? "\\t" : c;
	return ae_fail(err, "\"sep=%s\" tells the delimiter of what follows: --skip-lines 1 -d '%s'", shown, shown);
}

int ae_csv_check_first_line(const struct ae_text_rules *rules, const struct ae_buf *line, const struct ae_cell *fields,
	size_t count, struct ae_error *err)
{
	const struct ae_reader_options *o = rules->options;
	if (check_sep_line(line, err) != 0)
		return -1;
	if (count != 1 || *line->data == '"' || o->delimiter || o->no_header)
		return 0;
	const char *advice = likely_delimiter(line, rules->delimiter);
	int shown = fields->len > 40 ? 40 : (int)fields->len;
	return advice ? ae_fail(err, "there is one column, \"%.*s\": is the delimiter %s?", shown, fields->text, advice)
		      : 0;
}

void ae_csv_advise_header(const struct ae_text_rules *rules, const struct ae_buf *line, struct ae_error *err)
{
	const char *advice = line->len > 0 ? likely_delimiter(line, rules->delimiter) : NULL;
	if (!advice || !memchr(line->data, '"', line->len))
		return;
	ae_fail_more(err, "; is the delimiter ");
	ae_fail_more(err, advice);
	ae_fail_more(err, "?");
}

/* A line of one field that a spreadsheet filled up with delimiters. */
static bool is_title(const struct ae_cell *fields, size_t count)
{
	size_t empty = 0;
	for (size_t i = 1; i < count; i++)
		empty += fields[i].len == 0;
	return count > 1 && empty == count - 1 && fields->len > 0 &&
	       (count > 2 || memchr(fields->text, ' ', fields->len));
}

void ae_csv_advise_columns(
	const struct ae_text_rules *rules, const struct ae_cell *fields, size_t count, struct ae_error *err)
{
	const struct ae_reader_options *o = rules->options;
	if (count == 1 && fields->len > 0 && *fields->text == '#' && !o->comment)
		ae_fail_more(err, AE_ADVICE_COMMENT);
	else if (!o->no_header && is_title(fields, count))
		ae_fail_more(err, AE_ADVICE_TITLE);
}
