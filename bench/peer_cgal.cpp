/* CGAL's box_self_intersection_d beside parley's join: peer_cgal FILE CUTOFF
 *
 * Closed boxes, float32, ids given explicitly, the callback as cheap as it can be. Its best cutoff is 10,000 for
 * 10^6 boxes of the city mix and 20,000 for 10^7; the default, 10, is much slower. */
#include "peer_boxes.hpp"

#include <CGAL/Box_intersection_d/Box_d.h>
#include <CGAL/box_intersection_d.h>

using box = CGAL::Box_intersection_d::Box_d<float, 4, CGAL::Box_intersection_d::ID_EXPLICIT>;

int main(int argc, char **argv)
{
	if (argc != 3) {
		std::fprintf(stderr, "usage: peer_cgal FILE CUTOFF\n");
		return 2;
	}
	std::vector<file_box> boxes = read_boxes(argv[1]);
	double before = resident_bytes(), start = now_s();
	std::vector<box> list;
	list.reserve(boxes.size());
	for (file_box &b : boxes)
		list.emplace_back(b.min, b.max);
	const box *first = list.data();
	/* ID_EXPLICIT numbers from a process-wide counter; the difference to the first is the index. */
	std::size_t base = list.empty() ? 0 : first->id();
	double build_s = now_s() - start, bytes = resident_bytes() - before;

	std::uint64_t pairs = 0, digest = 0;
	start = now_s();
	CGAL::box_self_intersection_d(
	        list.begin(), list.end(),
	        [&](const box &a, const box &b) {
		        std::uint64_t i = a.id() - base, j = b.id() - base;
		        pairs++;
		        digest ^= mix(i < j ? i << 32 | j : j << 32 | i);
	        },
	        static_cast<std::ptrdiff_t>(std::atol(argv[2])), CGAL::Box_intersection_d::CLOSED);
	double join_s = now_s() - start;
	std::printf("{\"n\": %zu, \"build_s\": %.4f, \"bytes_per_box\": %.1f, \"join_pairs\": %" PRIu64
	            ", \"join_xor\": \"%016" PRIx64 "\", \"join_s\": %.4f}\n",
	            boxes.size(), build_s, bytes / static_cast<double>(std::max<std::size_t>(boxes.size(), 1)), pairs,
	            digest, join_s);
	return 0;
}
