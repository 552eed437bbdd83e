/* SPDX-License-Identifier: MIT */
// What oneDNN's convolutions alone cost one training step of a network, batch 32: onednn_conv denoiser|photos
//
// Each primitive (forward; backward data, but for the first layer; backward weights) runs in the memory layouts it
// likes best, on data that are in them already, and is timed by itself: nothing for activations, reordering, the dense
// layers, the loss or the optimiser. Says the sum of the medians of their seconds. OMP_NUM_THREADS sets the threads.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

using dnnl::algorithm;
using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;
using Clock = std::chrono::steady_clock;

struct Layer {
	bool transposed;
	memory::dim inputs, outputs, size, stride; // size: height and width of the input
};

struct Network {
	const char *name;
	std::vector<Layer> layers;
};

struct Sums {
	int primitives;
	double median, best;
};

static const memory::dim batch = 32;
static const Network networks[] = {
	{"denoiser", {{false, 1, 16, 28, 2}, {false, 16, 8, 14, 2}, {true, 8, 8, 7, 2}, {true, 8, 16, 14, 2},
			     {false, 16, 1, 28, 1}}},
	{"photos", {{false, 3, 16, 256, 2}, {false, 16, 32, 128, 2}, {false, 32, 64, 64, 2}, {true, 64, 64, 32, 2},
			   {true, 64, 32, 64, 2}, {true, 32, 16, 128, 2}, {false, 16, 3, 256, 1}}},
};

static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
static dnnl::stream stream(engine);

#if DNNL_VERSION_MAJOR < 3
template <class P, class... A> static typename P::primitive_desc describe(A... about)
{
	return {typename P::desc(about...), engine};
}
template <class P, class H, class... A> static typename P::primitive_desc describe_back(const H &hint, A... about)
{
	return {typename P::desc(about...), engine, hint};
}
#else
template <class P, class... A> static typename P::primitive_desc describe(A... about)
{
	return {engine, about...};
}
template <class P, class H, class... A> static typename P::primitive_desc describe_back(const H &hint, A... about)
{
	return {engine, about..., hint};
}
#endif

static memory filled(const memory::desc &desc)
{
	memory m(desc, engine);
	float *values = static_cast<float *>(m.get_data_handle());
	size_t count = desc.get_size() / sizeof(*values);
	for (size_t i = 0; i < count; i++)
		values[i] = static_cast<float>(i & 63) / 64 - 0.5F;
	return m;
}

// Once to warm up, then at least 5 times, and up to 100 within a tenth of a second.
static void add(Sums &sums, const dnnl::primitive &primitive, const Arguments &arguments)
{
	std::vector<double> seconds;
	double total = 0;
	for (int run = 0; run < 6 || (run <= 100 && total < 0.1); run++) {
		Clock::time_point start = Clock::now();
		primitive.execute(stream, arguments);
		stream.wait();
		double took = std::chrono::duration<double>(Clock::now() - start).count();
		if (run > 0) {
			seconds.push_back(took);
			total += took;
		}
	}
	std::sort(seconds.begin(), seconds.end());
	sums.primitives++;
	sums.median += (seconds[(seconds.size() - 1) / 2] + seconds[seconds.size() / 2]) / 2;
	sums.best += seconds[0];
}

// 3x3, 'same' padding: two apart, nothing before and one after.
template <class Forward, class BackData, class BackWeights>
static void add_layer(Sums &sums, const Layer &layer, algorithm how, bool first)
{
	auto any = [](const memory::dims &dims) {
		return memory::desc(dims, memory::data_type::f32, memory::format_tag::any);
	};
	memory::dim to = layer.transposed ? layer.size * layer.stride : layer.size / layer.stride;
	memory::dims strides = {layer.stride, layer.stride}, after = {1, 1};
	memory::dims before = layer.stride == 1 ? memory::dims{1, 1} : memory::dims{0, 0};
	memory::desc x = any({batch, layer.inputs, layer.size, layer.size}), y = any({batch, layer.outputs, to, to});
	memory::desc w = any({layer.outputs, layer.inputs, 3, 3});
	memory::desc b({layer.outputs}, memory::data_type::f32, memory::format_tag::a);

	auto forward = describe<Forward>(dnnl::prop_kind::forward_training, how, x, w, b, y, strides, before, after);
	add(sums, Forward(forward),
		{{DNNL_ARG_SRC, filled(forward.src_desc())}, {DNNL_ARG_WEIGHTS, filled(forward.weights_desc())},
			{DNNL_ARG_BIAS, filled(b)}, {DNNL_ARG_DST, filled(forward.dst_desc())}});
	if (!first) {
		auto data = describe_back<BackData>(forward, how, x, w, y, strides, before, after);
		add(sums, BackData(data),
			{{DNNL_ARG_DIFF_DST, filled(data.diff_dst_desc())},
				{DNNL_ARG_WEIGHTS, filled(data.weights_desc())},
				{DNNL_ARG_DIFF_SRC, filled(data.diff_src_desc())}});
	}
	auto weights = describe_back<BackWeights>(forward, how, x, w, b, y, strides, before, after);
	add(sums, BackWeights(weights),
		{{DNNL_ARG_SRC, filled(weights.src_desc())}, {DNNL_ARG_DIFF_DST, filled(weights.diff_dst_desc())},
			{DNNL_ARG_DIFF_WEIGHTS, filled(weights.diff_weights_desc())}, {DNNL_ARG_DIFF_BIAS, filled(b)}});
}

int main(int argc, char **argv)
{
	for (const Network &network : networks) {
		if (argc != 2 || strcmp(argv[1], network.name) != 0)
			continue;
		Sums sums = {};
		for (size_t i = 0; i < network.layers.size(); i++) {
			const Layer &layer = network.layers[i];
			if (layer.transposed)
				add_layer<dnnl::deconvolution_forward, dnnl::deconvolution_backward_data,
					dnnl::deconvolution_backward_weights>(
					sums, layer, algorithm::deconvolution_direct, i == 0);
			else
				add_layer<dnnl::convolution_forward, dnnl::convolution_backward_data,
					dnnl::convolution_backward_weights>(
					sums, layer, algorithm::convolution_direct, i == 0);
		}
		printf("seconds %.9f\n", sums.median);
		return 0;
	}
	fprintf(stderr, "usage: onednn_conv denoiser|photos\n");
	return 2;
}
