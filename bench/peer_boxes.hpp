/* What the peers of `parley bench boxes` share: the workload file, the digest of answers, the clock, the figures.
 * Method and keys are those of `parley bench boxes` (src/cli/bench_boxes.c), so that answers can be compared. */
#pragma once
#include <algorithm>
#include <chrono>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <vector>

struct file_box {
	float min[4], max[4];
};

inline std::vector<file_box> read_boxes(const char *path)
{
	std::FILE *file = std::fopen(path, "rb");
	char magic[4];
	std::uint32_t count = 0;
	if (!file || std::fread(magic, 4, 1, file) != 1 || std::memcmp(magic, "P4D1", 4) != 0 ||
	    std::fread(&count, 4, 1, file) != 1) {
		std::fprintf(stderr, "%s: not a P4D1 file\n", path);
		std::exit(2);
	}
	std::vector<file_box> boxes(count);
	if (count && std::fread(boxes.data(), sizeof(file_box), count, file) != count) {
		std::fprintf(stderr, "%s: cut short\n", path);
		std::exit(2);
	}
	std::fclose(file);
	return boxes;
}

inline std::uint64_t mix(std::uint64_t z)
{
	z += UINT64_C(0x9E3779B97F4A7C15);
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

inline double now_s()
{
	return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double resident_bytes()
{
	long pages = 0, all = 0;
	if (std::FILE *file = std::fopen("/proc/self/statm", "r")) {
		if (std::fscanf(file, "%ld %ld", &all, &pages) != 2)
			pages = 0;
		std::fclose(file);
	}
	return 4096.0 * static_cast<double>(pages);
}

struct query_figures {
	std::uint64_t hits = 0, digest = 0;
	double p50_us = 0, p99_us = 0, per_s = 0;
};

/* One warm pass, then each query alone; `run(i, found)` puts the ids of the hits of query i into found. */
template <class Run> query_figures time_queries(std::size_t count, Run run)
{
	query_figures out;
	std::vector<std::uint32_t> found;
	std::vector<double> took(count);
	for (std::size_t i = 0; i < count; i++) {
		found.clear();
		run(i, found);
		out.hits += found.size();
		for (std::uint32_t id : found)
			out.digest ^= mix(id);
	}
	for (std::size_t i = 0; i < count; i++) {
		found.clear();
		auto start = std::chrono::steady_clock::now();
		run(i, found);
		took[i] = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
	}
	out.per_s = static_cast<double>(count) / (std::accumulate(took.begin(), took.end(), 0.0) * 1e-6);
	std::sort(took.begin(), took.end());
	out.p50_us = took[count / 2];
	out.p99_us = took[count * 99 / 100];
	return out;
}

/* The order of churn: odd indices by mix(i). */
inline std::vector<std::uint32_t> churn_order(std::uint32_t count)
{
	std::vector<std::uint32_t> order;
	for (std::uint32_t i = 1; i < count; i += 2)
		order.push_back(i);
	std::sort(order.begin(), order.end(), [](std::uint32_t a, std::uint32_t b) { return mix(a) < mix(b); });
	return order;
}
