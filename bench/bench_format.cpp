// SPDX-License-Identifier: MIT
// Nanoseconds a number of ae_number_format_f64 and _f32, and of C++'s std::to_chars, on the same numbers, by turns.
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

extern "C" {
#include "core/number.h"
}

static double used()
{
	return (double)std::clock() / CLOCKS_PER_SEC;
}

template <class Format, class Number> static double time_of(Format format, const std::vector<Number> &numbers)
{
	static char text[64];
	size_t bytes = 0;
	double start = used();
	for (Number number : numbers)
		bytes += format(text, number);
	double seconds = used() - start;
	if (bytes == 0)
		std::puts("nothing written");
	return seconds / (double)numbers.size() * 1e9;
}

static size_t ours(char *text, double number)
{
	return ae_number_format_f64(text, number);
}

static size_t ours(char *text, float number)
{
	return ae_number_format_f32(text, number);
}

template <class Number> static void compare(const char *what, const std::vector<Number> &numbers)
{
	double best[2] = {1e30, 1e30};
	for (int turn = 0; turn < 50; turn++) {
		best[0] = std::fmin(best[0], time_of([](char *t, Number n) { return ours(t, n); }, numbers));
		best[1] = std::fmin(best[1],
			time_of([](char *t, Number n) { return (size_t)(std::to_chars(t, t + 64, n).ptr - t); },
				numbers));
	}
	std::printf(
		"%-34s %6.1f ns   std::to_chars %6.1f ns   %.2f times\n", what, best[0], best[1], best[1] / best[0]);
}

template <class Number, class Make> static std::vector<Number> make(Make one)
{
	std::vector<Number> numbers(50000);
	for (Number &number : numbers)
		number = (Number)one();
	return numbers;
}

int main()
{
	std::mt19937_64 random(1);
	std::normal_distribution<double> normal;
	std::uniform_real_distribution<double> uniform(0, 1);
	auto bits64 = [&] {
		double number;
		do {
			uint64_t bits = random();
			std::memcpy(&number, &bits, sizeof(number));
		} while (!std::isfinite(number));
		return number;
	};
	auto bits32 = [&] {
		float number;
		do {
			uint32_t bits = (uint32_t)random();
			std::memcpy(&number, &bits, sizeof(number));
		} while (!std::isfinite(number));
		return number;
	};
	compare("f64, normal distribution", make<double>([&] { return normal(random); }));
	compare("f64, uniform in [0, 1)", make<double>([&] { return uniform(random); }));
	compare("f64, up to six decimals", make<double>([&] { return std::round(normal(random) * 1e6) / 1e6; }));
	compare("f64, two decimals", make<double>([&] { return std::round(normal(random) * 1e4) / 1e2; }));
	compare("f64, integers below a million", make<double>([&] { return std::floor(uniform(random) * 1e6); }));
	compare("f64, random bits", make<double>(bits64));
	compare("f32, normal distribution", make<float>([&] { return normal(random); }));
	compare("f32, uniform in [0, 1)", make<float>([&] { return uniform(random); }));
	compare("f32, two decimals", make<float>([&] { return std::round(normal(random) * 1e4) / 1e2; }));
	compare("f32, integers below a million", make<float>([&] { return std::floor(uniform(random) * 1e6); }));
	compare("f32, random bits", make<float>(bits32));
}
