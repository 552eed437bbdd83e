/* SPDX-License-Identifier: MIT */
/* Times and durations in text. */
#include "core/timestamp.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/util.h"

enum { SECOND_DIGITS = 9 }; /* nanoseconds in a second, as a power of ten */
static const int64_t second_ns = 1000000000;

/* ---- decimal numbers ---- */

/* 0.DIGITS times ten to `point`, the first digit not 0 unless there is none. */
struct decimal {
	bool negative;
	char digits[64];
	int count, point;
};

static bool parse_exponent(struct decimal *d, const char *text, size_t len)
{
	enum { MOST = 1000 };
	bool negative = len > 0 && *text == '-';
	int value = 0;
	size_t i = len > 0 && (*text == '-' || *text == '+');
	if (i == len)
		return false;
	for (; i < len; i++) {
		if (!ae_is_digit(text[i]) || value > MOST)
			return false;
		value = 10 * value + text[i] - '0';
	}
	d->point += negative ? -value : value;
	return true;
}

static bool parse_decimal(struct decimal *d, const char *text, size_t len)
{
	bool fraction = false, any = false;
	size_t i = len > 0 && (*text == '-' || *text == '+');
	*d = (struct decimal){.negative = len > 0 && *text == '-'};
	for (; i < len && (ae_is_digit(text[i]) || (text[i] == '.' && !fraction)); i++) {
		if (text[i] == '.') {
			fraction = true;
			continue;
		}
		any = true;
		if (d->count == 0 && text[i] == '0') {
			d->point -= fraction;
			continue;
		}
		d->point += !fraction;
		if (d->count == (int)sizeof(d->digits))
			return false;
		d->digits[d->count++] = text[i];
	}
	if (!any)
		return false;
	return i == len || ((text[i] == 'e' || text[i] == 'E') && parse_exponent(d, text + i + 1, len - i - 1));
}

/* The number times ten to `shift`, cut to a whole one. */
static bool scale(int64_t *value, const struct decimal *d, int shift)
{
	enum { MOST_DIGITS = 19 };
	int n = d->point + shift;
	*value = 0;
	if (d->count > 0 && n > MOST_DIGITS)
		return false;
	for (int i = 0; i < n && d->count > 0; i++) {
		int digit = i < d->count ? d->digits[i] - '0' : 0;
		if (__builtin_mul_overflow(*value, 10, value) || __builtin_add_overflow(*value, digit, value))
			return false;
	}
	*value = d->negative ? -*value : *value;
	return true;
}

static int digit_at(const struct decimal *d, int i)
{
	return i >= 0 && i < d->count ? d->digits[i] - '0' : 0;
}

/* The number, in units of which ten to `shift` are a second, as a time in the years 0 to 9999. */
static bool take_time(struct ae_time *time, const struct decimal *d, int shift)
{
	enum { MOST_DIGITS = 12 };
	const int64_t first = -62167219200, last = 253402300799;
	int n = d->point - shift;
	*time = (struct ae_time){0};
	if (d->count == 0)
		return true;
	if (n > MOST_DIGITS)
		return false;
	for (int i = 0; i < n; i++)
		time->seconds = 10 * time->seconds + digit_at(d, i);
	for (int i = 0; i < SECOND_DIGITS; i++)
		time->ns = 10 * time->ns + (uint32_t)digit_at(d, n + i);
	if (d->negative) {
		time->seconds = -time->seconds - (time->ns > 0);
		time->ns = time->ns > 0 ? (uint32_t)second_ns - time->ns : 0;
	}
	return time->seconds >= first && time->seconds <= last;
}

static enum ae_timestamp parse_number(struct ae_time *time, const char *text, size_t len)
{
	/* 1e11, 1e14 and 1e17 have so many digits before the point. */
	static const struct {
		enum ae_timestamp kind;
		int digits, shift;
	} kinds[] = {{AE_TIMESTAMP_NS, 18, 9}, {AE_TIMESTAMP_US, 15, 6}, {AE_TIMESTAMP_MS, 12, 3},
		{AE_TIMESTAMP_SECONDS, INT_MIN, 0}};
	struct decimal d;
	size_t i = 0;
	if (!parse_decimal(&d, text, len))
		return AE_TIMESTAMP_NOT;
	while (d.point < kinds[i].digits || (d.count == 0 && kinds[i].shift > 0))
		i++;
	return take_time(time, &d, kinds[i].shift) ? kinds[i].kind : AE_TIMESTAMP_NOT;
}

/* ---- dates ---- */

struct rest {
	const char *at, *end;
};

/* The next `digits` digits, at most `most`; -1 if they are not there. */
static int take_digits(struct rest *rest, int digits, int most)
{
	int value = 0;
	if (rest->end - rest->at < digits)
		return -1;
	for (int i = 0; i < digits; i++, rest->at++) {
		if (!ae_is_digit(*rest->at))
			return -1;
		value = 10 * value + *rest->at - '0';
	}
	return value <= most ? value : -1;
}

static bool take_one(struct rest *rest, const char *of)
{
	if (rest->at == rest->end || !*rest->at || !strchr(of, *rest->at))
		return false;
	rest->at++;
	return true;
}

/* Days since 1970-01-01 of a day of the Gregorian calendar: years are counted from March on, so that the day of a leap
   year is the last one. */
static int64_t days_since_1970(int year, int month, int day)
{
	enum { YEARS = 400, DAYS = 146097, TO_1970 = 719468 };
	year -= month <= 2;
	int era = (year >= 0 ? year : year - YEARS + 1) / YEARS, in_era = year - era * YEARS;
	int in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return (int64_t)era * DAYS + in_era * 365 + in_era / 4 - in_era / 100 + in_year - TO_1970;
}

static bool take_day(struct rest *rest, int64_t *seconds)
{
	static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = take_digits(rest, 4, 9999);
	int month = year >= 0 && take_one(rest, "-") ? take_digits(rest, 2, 12) : -1;
	int day = month > 0 && take_one(rest, "-") ? take_digits(rest, 2, days[month - 1]) : -1;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	if (day < 1 || (month == 2 && day == 29 && !leap))
		return false;
	*seconds = days_since_1970(year, month, day) * 86400;
	return true;
}

/* "HH:MM" in seconds, or -1. */
static int take_minutes(struct rest *rest)
{
	int hour = take_digits(rest, 2, 23);
	int minute = hour >= 0 && take_one(rest, ":") ? take_digits(rest, 2, 59) : -1;
	return minute < 0 ? -1 : hour * 3600 + minute * 60;
}

static bool take_fraction(struct rest *rest, uint32_t *ns)
{
	int digits = 0;
	*ns = 0;
	if (!take_one(rest, "."))
		return true;
	for (; rest->at < rest->end && ae_is_digit(*rest->at); rest->at++)
		if (digits++ < SECOND_DIGITS)
			*ns = 10 * *ns + (uint32_t)(*rest->at - '0');
	for (int i = digits; i < SECOND_DIGITS; i++)
		*ns *= 10;
	return digits > 0;
}

/* No zone, "Z", or an offset: seconds that the clock is ahead of UTC. */
static bool take_zone(struct rest *rest, int *ahead)
{
	*ahead = 0;
	if (rest->at == rest->end || take_one(rest, "Zz"))
		return rest->at == rest->end;
	bool west = *rest->at == '-';
	if (!take_one(rest, "+-"))
		return false;
	int offset = take_minutes(rest);
	*ahead = west ? -offset : offset;
	return offset >= 0 && rest->at == rest->end;
}

/* ":SS" and a fraction, if they are there: what logs of whole minutes leave out is 0. */
static bool take_seconds(struct rest *rest, int *second, uint32_t *ns)
{
	enum { LEAP = 60 };
	*second = 0;
	*ns = 0;
	if (!take_one(rest, ":"))
		return true;
	*second = take_digits(rest, 2, LEAP);
	return *second >= 0 && take_fraction(rest, ns);
}

static bool parse_date(struct ae_time *time, const char *text, size_t len)
{
	struct rest rest = {text, text + len};
	int minutes = 0, second = 0, ahead = 0;
	*time = (struct ae_time){0};
	if (!take_day(&rest, &time->seconds))
		return false;
	if (rest.at < rest.end) {
		if (!take_one(&rest, "Tt ") || (minutes = take_minutes(&rest)) < 0 ||
			!take_seconds(&rest, &second, &time->ns) || !take_zone(&rest, &ahead))
			return false;
	}
	time->seconds += minutes + second - ahead;
	return true;
}

enum ae_timestamp ae_time_parse(struct ae_time *time, const char *text, size_t len)
{
	enum { DASH = 4 };
	if (len > DASH && text[DASH] == '-' && ae_is_digit(text[DASH - 1]))
		return parse_date(time, text, len) ? AE_TIMESTAMP_DATE : AE_TIMESTAMP_NOT;
	return parse_number(time, text, len);
}

bool ae_time_to_ns(const struct ae_time *time, int64_t *ns)
{
	return !__builtin_mul_overflow(time->seconds, second_ns, ns) && !__builtin_add_overflow(*ns, time->ns, ns);
}

struct ae_time ae_time_of_ns(int64_t ns)
{
	int64_t seconds = ns / second_ns - (ns % second_ns < 0);
	return (struct ae_time){seconds, (uint32_t)(ns - seconds * second_ns)};
}

bool ae_time_is_before(const struct ae_time *a, const struct ae_time *b)
{
	return a->seconds != b->seconds ? a->seconds < b->seconds : a->ns < b->ns;
}

uint64_t ae_time_until(const struct ae_time *from, const struct ae_time *to)
{
	uint64_t seconds = (uint64_t)to->seconds - (uint64_t)from->seconds, ns;
	if (to->ns < from->ns)
		seconds--;
	uint32_t rest = to->ns + (to->ns < from->ns ? (uint32_t)second_ns : 0) - from->ns;
	return __builtin_mul_overflow(seconds, (uint64_t)second_ns, &ns) || __builtin_add_overflow(ns, rest, &ns)
		       ? UINT64_MAX
		       : ns;
}

char *ae_time_format(const struct ae_time *time, char text[AE_TIMESTAMP_TEXT])
{
	time_t seconds = (time_t)time->seconds;
	struct tm date;
	char fraction[16] = "";
	if (time->ns) {
		snprintf(fraction, sizeof(fraction), ".%09" PRIu32, time->ns);
		for (size_t end = strlen(fraction); fraction[end - 1] == '0'; end--)
			fraction[end - 1] = '\0';
	}
	gmtime_r(&seconds, &date);
	snprintf(text, AE_TIMESTAMP_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", date.tm_year + 1900, date.tm_mon + 1,
		date.tm_mday, date.tm_hour, date.tm_min, date.tm_sec, fraction);
	return text;
}

/* In ascending order. */
static const struct {
	const char *name;
	int shift, factor;
} units[] = {{"ms", 6, 1}, {"s", SECOND_DIGITS, 1}, {"m", SECOND_DIGITS, 60}, {"h", SECOND_DIGITS, 3600},
	{"d", SECOND_DIGITS, 86400}};

int ae_duration_parse(int64_t *ns, const char *text)
{
	struct decimal d;
	size_t number = strspn(text, "0123456789.");
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(text + number, units[i].name) != 0)
			continue;
		if (!parse_decimal(&d, text, number) || !scale(ns, &d, units[i].shift))
			return -1;
		return __builtin_mul_overflow(*ns, units[i].factor, ns) || *ns <= 0 ? -1 : 0;
	}
	return -1;
}

char *ae_duration_format(int64_t ns, char text[AE_DURATION_TEXT])
{
	enum { MS = 1000000 };
	for (size_t i = sizeof(units) / sizeof(*units); i-- > 0;) {
		int64_t unit = (int64_t)MS * (units[i].shift == SECOND_DIGITS ? 1000 : 1) * units[i].factor;
		if (ns % unit != 0)
			continue;
		snprintf(text, AE_DURATION_TEXT, "%" PRId64 "%s", ns / unit, units[i].name);
		return text;
	}
	snprintf(text, AE_DURATION_TEXT, "%" PRId64 ".%06dms", ns / MS, (int)(ns % MS));
	return text;
}
