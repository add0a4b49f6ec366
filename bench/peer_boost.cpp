/* Boost.Geometry's R-tree beside parley's index: peer_boost spread|mean|rstar FILE [QUERIES]
 *
 * spread, mean: bulk loaded. Its packing algorithm splits along the longest axis, so each axis is first scaled such
 *   that the data spreads evenly, or such that the mean box is even; the first is better for most queries in sum, the
 *   second at the median. Scales are powers of two, which keeps float32 exact and the answers equal.
 * rstar: rstar<16> filled by one insert a box, then half of it replaced, as in `parley bench boxes`.
 * The bulk loader takes the tree's parameters too; rstar<16> was the best of 8, 16 and 32 for both. */
#include "peer_boxes.hpp"

#include <boost/geometry.hpp>
#include <boost/geometry/index/rtree.hpp>
#include <boost/iterator/function_output_iterator.hpp>
#include <cmath>
#include <memory>

namespace bg = boost::geometry;
namespace bgi = boost::geometry::index;
using point = bg::model::point<float, 4, bg::cs::cartesian>;
using box = bg::model::box<point>;
using value = std::pair<box, std::uint32_t>;
using tree = bgi::rtree<value, bgi::rstar<16>>;

struct scale {
	float by[4] = { 1, 1, 1, 1 };
};

/* The power of two nearest to the factor that makes the whole data, or the mean box, as long on every axis. */
static scale make_scale(const std::vector<file_box> &boxes, bool by_mean)
{
	double size[4] = {}, longest = 0;
	for (int axis = 0; axis < 4; axis++) {
		double low = INFINITY, high = -INFINITY, sum = 0;
		for (const file_box &b : boxes) {
			low = std::min<double>(low, b.min[axis]);
			high = std::max<double>(high, b.max[axis]);
			sum += static_cast<double>(b.max[axis]) - b.min[axis];
		}
		size[axis] = std::max(by_mean ? sum / static_cast<double>(boxes.size()) : high - low, 1e-3);
		longest = std::max(longest, size[axis]);
	}
	scale out;
	for (int axis = 0; axis < 4; axis++)
		out.by[axis] = static_cast<float>(std::exp2(std::round(std::log2(longest / size[axis]))));
	return out;
}

template <std::size_t... A> static point scaled(const float (&c)[4], const scale &s, std::index_sequence<A...>)
{
	point p;
	(bg::set<A>(p, c[A] * s.by[A]), ...);
	return p;
}

static box scaled(const file_box &b, const scale &s)
{
	auto axes = std::make_index_sequence<4>();
	return box(scaled(b.min, s, axes), scaled(b.max, s, axes));
}

static query_figures run_queries(const tree &index, const std::vector<box> &queries)
{
	return time_queries(queries.size(), [&](std::size_t i, std::vector<std::uint32_t> &found) {
		index.query(bgi::intersects(queries[i]),
		            boost::make_function_output_iterator([&](const value &v) { found.push_back(v.second); }));
	});
}

static void churn(tree &index, const std::vector<file_box> &boxes, const std::vector<box> &queries, const scale &s)
{
	std::vector<std::uint32_t> order = churn_order(static_cast<std::uint32_t>(boxes.size()));
	std::vector<value> before, after;
	for (std::uint32_t i : order) {
		file_box b = boxes[i];
		before.emplace_back(scaled(b, s), i);
		for (float *corner : { b.min, b.max }) {
			corner[0] += 1000;
			corner[1] += 1000;
			corner[3] += 600;
		}
		after.emplace_back(scaled(b, s), i);
	}
	double remove_s = 0, insert_s = 0;
	for (std::size_t i = 0; i < order.size(); i++) {
		double start = now_s();
		index.remove(before[i]);
		double removed = now_s();
		index.insert(after[i]);
		double inserted = now_s();
		remove_s += removed - start;
		insert_s += inserted - removed;
	}
	query_figures q = run_queries(index, queries);
	double n = static_cast<double>(order.size());
	std::printf(", \"churn\": {\"replaced\": %zu, \"remove_us\": %.3f, \"insert_us\": %.3f, \"p50_us_after\": %.3f, "
	            "\"hits_xor_after\": \"%016" PRIx64 "\"}",
	            order.size(), 1e6 * remove_s / n, 1e6 * insert_s / n, q.p50_us, q.digest);
}

int main(int argc, char **argv)
{
	bool incremental = argc > 1 && !std::strcmp(argv[1], "rstar");
	bool by_mean = argc > 1 && !std::strcmp(argv[1], "mean");
	if (argc < 3 || argc > 4 || (!incremental && !by_mean && std::strcmp(argv[1], "spread") != 0)) {
		std::fprintf(stderr, "usage: peer_boost spread|mean|rstar FILE [QUERIES]\n");
		return 2;
	}
	std::vector<file_box> boxes = read_boxes(argv[2]), asked;
	if (argc == 4)
		asked = read_boxes(argv[3]);
	scale s = make_scale(boxes, by_mean);
	std::vector<box> queries;
	for (const file_box &b : asked)
		queries.push_back(scaled(b, s));

	double before = resident_bytes(), start = now_s();
	std::unique_ptr<tree> index;
	if (incremental) {
		index = std::make_unique<tree>();
		for (std::size_t i = 0; i < boxes.size(); i++)
			index->insert({ scaled(boxes[i], s), static_cast<std::uint32_t>(i) });
	} else {
		std::vector<value> values;
		values.reserve(boxes.size());
		for (std::size_t i = 0; i < boxes.size(); i++)
			values.emplace_back(scaled(boxes[i], s), static_cast<std::uint32_t>(i));
		index = std::make_unique<tree>(values);
	}
	double build_s = now_s() - start;
	std::printf("{\"n\": %zu, \"build_s\": %.4f, \"bytes_per_box\": %.1f", boxes.size(), build_s,
	            (resident_bytes() - before) / static_cast<double>(std::max<std::size_t>(boxes.size(), 1)));
	if (argc == 4) {
		query_figures q = run_queries(*index, queries);
		std::printf(", \"queries\": %zu, \"hits\": %" PRIu64 ", \"hits_xor\": \"%016" PRIx64
		            "\", \"p50_us\": %.3f, \"p99_us\": %.3f, \"queries_per_s\": %.0f",
		            queries.size(), q.hits, q.digest, q.p50_us, q.p99_us, q.per_s);
		if (incremental)
			churn(*index, boxes, queries, s);
	}
	std::printf("}\n");
	std::fflush(stdout);
	std::_Exit(0); /* tearing the tree down takes a while and measures nothing */
}
