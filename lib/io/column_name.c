/* SPDX-License-Identifier: MIT */
/* Names of truth and bookkeeping, by the words in them. */
#include "io/column_name.h"

#include <stddef.h>
#include <string.h>

#include "core/util.h"

/* Words that are no measurement whatever stands beside them. */
static const char *const anywhere[] = {"abnormal", "abnormality", "annotation", "annotations", "anom", "anomalies",
	"anomalous", "anomaly", "attack", "attacks", "benign", "categories", "category", "changepoint", "changepoints",
	"class", "classes", "classification", "datetime", "defect", "defective", "defects", "failure", "failures",
	"fault", "faults", "faulty", "fraud", "fraudulent", "groundtruth", "guid", "intrusion", "label", "labels",
	"malfunction", "malfunctions", "malicious", "malware", "novelty", "outlier", "outliers", "rowid", "rul",
	"timestamp", "timestamps", "truth", "udi", "uid", "unnamed", "uuid"};

/* The same in words that are written as one: "isfraud". */
static const char *const within[] = {
	"anomal", "changepoint", "fraud", "groundtruth", "malicious", "malware", "outlier", "timestamp"};

/* Words that are none alone, or beside each other and words of `beside` only: "index" and "row index", but not "heat
   index". Those of truth may be numbered too. */
static const char *const truth[] = {"alarm", "alert", "alerts", "cls", "diagnosis", "event", "fail", "failed", "gt",
	"marker", "normal", "outcome", "pass", "result", "spam", "target", "targets"};
static const char *const alone[] = {"asset", "att", "batch", "cycle", "cycles", "date", "dates", "device", "experiment",
	"fold", "idx", "index", "machine", "nr", "num", "number", "pred", "prediction", "predictions", "record", "row",
	"rownum", "rows", "run", "sample", "samples", "segment", "seq", "sequence", "serial", "session", "split",
	"status", "step", "steps", "subject", "subset", "test", "time", "times", "timestep", "train", "trial", "ts",
	"unit", "window", "y"};
static const char *const beside[] = {"actual", "and", "begin", "binary", "bool", "categorized", "col", "column",
	"created", "elapsed", "end", "flag", "frame", "gmt", "ground", "has", "in", "is", "local", "log", "logged",
	"measured", "ms", "no", "ns", "of", "packet", "posix", "real", "recorded", "s", "scan", "sec", "seconds",
	"secs", "simulation", "specific", "stamp", "start", "stop", "the", "true", "type", "unix", "us", "utc", "value",
	"var", "variable", "zone"};

/* Words of `alone` whose time is a duration. */
static const char *const lasting[] = {"batch", "cycle", "cycles", "machine", "run", "session", "unit"};

/* The same as `alone`, but as the whole name only. */
static const char *const calendar[] = {
	"day", "hour", "minute", "month", "quarter", "second", "week", "weekday", "year", "yearday"};

#define COUNT(words) (sizeof(words) / sizeof(*(words)))
/* The longest word of the tables fits; a longer one is none of them. */
enum { WORD = 32 };

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* Bytes beyond ASCII belong to words. */
static bool is_letter(char c)
{
	return is_lower(c) || is_upper(c) || (unsigned char)c >= 0x80;
}

/* The length of the word that text begins with: digits, or letters up to a change from lower to upper case
   ("is|Fraud"), or up to the last of several capitals before a lower one ("GMT|Time"). */
static size_t word_length(const char *text)
{
	size_t n = 1;
	if (ae_is_digit(*text)) {
		while (ae_is_digit(text[n]))
			n++;
		return n;
	}
	for (; is_letter(text[n]); n++) {
		if (is_lower(text[n - 1]) && is_upper(text[n]))
			break;
		if (n > 1 && is_upper(text[n - 1]) && is_lower(text[n]))
			return n - 1;
	}
	return n;
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* The words of a name that were read last. */
struct words {
	char word[WORD], before[WORD], earlier[WORD];
};

static bool ends_in(const struct words *w, const char *before, const char *word)
{
	return strcmp(w->before, before) == 0 && strcmp(w->word, word) == 0;
}

/* Whether the last word is no measurement whatever stands beside it. */
static bool is_clear(const struct words *w)
{
	const char *word = w->word;
	if (strcmp(w->earlier, "angle") == 0 && ends_in(w, "of", "attack"))
		return false;
	for (size_t i = 0; i < COUNT(within); i++)
		if (strstr(word, within[i]))
			return true;
	return is_among(word, anywhere, COUNT(anywhere)) || ends_in(w, "change", "point") ||
	       ends_in(w, "change", "points") || ends_in(w, "useful", "life") || ends_in(w, "frame", "no");
}

/* The next word of a name in lower case, empty if it is longer than any of the tables; false at the end. */
static bool next_word(const char **name, char word[WORD])
{
	while (**name && !is_letter(**name) && !ae_is_digit(**name))
		++*name;
	if (!**name)
		return false;
	size_t len = word_length(*name);
	for (size_t i = 0; i < len && len < WORD; i++)
		word[i] = (char)(is_upper((*name)[i]) ? (*name)[i] - 'A' + 'a' : (*name)[i]);
	word[len < WORD ? len : 0] = '\0';
	*name += len;
	return true;
}

/* Whether a word ends in "id" behind a word of bookkeeping: "deviceid", but not "humid" or "grid". */
static bool is_joined_id(const char *word)
{
	static const char *const whose[] = {"client", "customer", "engine", "item", "order", "sensor", "user"};
	char stem[WORD];
	size_t len = strlen(word);
	if (len < 3 || strcmp(word + len - 2, "id") != 0)
		return false;
	memcpy(stem, word, len - 2);
	stem[len - 2] = '\0';
	return is_among(stem, alone, COUNT(alone)) || is_among(stem, whose, COUNT(whose));
}

static bool is_no_input(const char *name)
{
	struct words w = {"", "", ""};
	const char *word = w.word;
	size_t words = 0;
	bool has_truth = false, has_alone = false, has_number = false, has_other = false;
	/* A number of rows; NO is nitric oxide. */
	if (strspn(name, " #_") == strlen(name) || strcmp(name, "No") == 0 || strcmp(name, "No.") == 0)
		return true;
	while (next_word(&name, w.word)) {
		words++;
		if (is_clear(&w))
			return true;
		if (strcmp(word, "time") == 0 && is_among(w.before, lasting, COUNT(lasting)))
			has_other = true; /* "cycle time" is a duration */
		else if (is_among(word, truth, COUNT(truth)))
			has_truth = true;
		else if (is_among(word, alone, COUNT(alone)))
			has_alone = true;
		else if (ae_is_digit(*word))
			has_number = true;
		else
			has_other |= !is_among(word, beside, COUNT(beside));
		memcpy(w.earlier, w.before, sizeof(w.before));
		memcpy(w.before, w.word, sizeof(w.word));
	}
	if (words == 1 && is_among(w.before, calendar, COUNT(calendar)))
		return true;
	/* A name that ends in "id" says so; "ID fan current" is a measurement. */
	return strcmp(w.before, "id") == 0 || is_joined_id(w.before) ||
	       (!has_other && (has_truth || (has_alone && !has_number)));
}

bool ae_name_is_no_input(const char *name)
{
	char first[64];
	size_t len = strlen(name), digits = 0;
	if (is_no_input(name) || strcmp(name, "level_0") == 0) /* what reset_index of pandas makes */
		return true;
	/* pandas numbers names that stand twice: "id.1". */
	while (digits < len && ae_is_digit(name[len - 1 - digits]))
		digits++;
	if (digits == 0 || digits + 1 >= len || name[len - 1 - digits] != '.' || len - digits > sizeof(first))
		return false;
	memcpy(first, name, len - digits - 1);
	first[len - digits - 1] = '\0';
	return is_no_input(first);
}

bool ae_name_is_axis(const char *name)
{
	return strchr("xyzXYZ", *name) && *name && !name[1];
}
