// SPDX-License-Identifier: MIT
// The numbers of a npy file as lines of CSV by std::to_chars: to_chars FILE.npy COLUMNS. They are floats, or doubles.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

template <class Number> static void write(const char *bytes, std::size_t count, std::size_t columns)
{
	std::vector<char> out(1 << 16);
	char *at = out.data();
	for (std::size_t i = 0; i < count; i++) {
		Number value;
		std::memcpy(&value, bytes + i * sizeof(value), sizeof(value));
		at = std::to_chars(at, out.data() + out.size(), value).ptr;
		*at++ = (i + 1) % columns ? ',' : '\n';
		if (out.data() + out.size() - at < 64) {
			std::fwrite(out.data(), 1, static_cast<std::size_t>(at - out.data()), stdout);
			at = out.data();
		}
	}
	std::fwrite(out.data(), 1, static_cast<std::size_t>(at - out.data()), stdout);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	std::ifstream file(argv[1], std::ios::binary);
	const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
	const std::size_t columns = std::stoul(argv[2]);
	if (bytes.size() < 10)
		return 1;
	const std::size_t header =
		10 + static_cast<unsigned char>(bytes[8]) + 256 * static_cast<unsigned char>(bytes[9]);
	const bool doubles =
		std::string(bytes.begin(), bytes.begin() + static_cast<long>(header)).find("<f8") != std::string::npos;
	const std::size_t size = doubles ? 8 : 4, count = (bytes.size() - header) / size;
	if (doubles)
		write<double>(bytes.data() + header, count, columns);
	else
		write<float>(bytes.data() + header, count, columns);
}
