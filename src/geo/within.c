/* How near two footprints come.
 *
 * Base against base, best first cut down by boxes, then piece against piece in a plane that touches the ellipsoid
 * between them; where the plane's stated error is too large for an answer the pieces are halved. The answer is true
 * to EXACT_M + SLACK_M < 1 cm. */
#include "geo/footprint.h"
#include "geo/geodesic.h"
#include "geo/sketch.h"

#define SLACK_M 0.004      /* regions that touch are found in spite of rounding: outward */
#define EXACT_M 0.002      /* planes must be that good before their answer is taken */
#define FAR_M 200e3        /* farther apart than this the plane's coordinates come from geodesics */
#define SMALL_LIMIT_M 2000 /* largest distance that is tested in one plane for small footprints */
#define SMALL_POINTS 64u
#define TIE_M 0.001 /* pairs that are closer by less are not looked for: edges that run side by side hold millions */

/* The closest pair of points so far. */
struct search {
	double best;     /* only closer pairs count, metres */
	double distance; /* of the pair found */
	double enough;   /* a pair this close ends the search */
	bool found;
	bool no_place; /* only whether, not where */
	prl_vec a, b;
};

static void take(struct search *search, double distance, prl_vec a, prl_vec b)
{
	search->distance = distance;
	search->best = prl_max(0, distance - TIE_M);
	search->found = true;
	search->a = a;
	search->b = b;
}

static bool near_enough(const struct search *search)
{
	return search->found && search->distance <= search->enough;
}

/* ---- piece against piece ------------------------------------------------------------------------------------- */

/* Closest points of two straight segments in space, roughly: one projection each way. */
static prl_vec rough_middle(const prl_vec a[2], const prl_vec b[2])
{
	prl_vec da = prl_vec_sub(a[1], a[0]), db = prl_vec_sub(b[1], b[0]), r = prl_vec_sub(a[0], b[0]);
	double aa = prl_vec_dot(da, da), bb = prl_vec_dot(db, db), ab = prl_vec_dot(da, db);
	double ar = prl_vec_dot(da, r), br = prl_vec_dot(db, r), det = aa * bb - ab * ab;
	double s = det > 1e-9 * aa * bb ? prl_min(1, prl_max(0, (ab * br - bb * ar) / det)) : 0.5;
	double t = bb > 0 ? prl_min(1, prl_max(0, (ab * s + br) / bb)) : 0;
	s = aa > 0 ? prl_min(1, prl_max(0, (ab * t - ar) / aa)) : 0;
	return prl_vec_mix(prl_vec_mix(a[0], a[1], s), prl_vec_mix(b[0], b[1], t), 0.5);
}

/* Azimuthal equidistant coordinates by geodesics, for pieces that are far from each other. */
static prl_xy far_to_plane(prl_latlng centre, prl_vec point)
{
	double azimuth, s = prl_geodesic_between(centre, prl_ellipsoid_place(point), &azimuth, NULL).length_m;
	return (prl_xy){ s * sin(azimuth), s * cos(azimuth) };
}

/* Both pieces in one plane. */
static void to_plane(const prl_vec a[2], const prl_vec b[2], bool far, prl_xy p[4])
{
	if (far) {
		prl_latlng centre = prl_ellipsoid_place(prl_ellipsoid_drop(prl_vec_mix(a[0], a[1], 0.5)));
		for (int i = 0; i < 2; i++) {
			p[i] = far_to_plane(centre, a[i]);
			p[2 + i] = far_to_plane(centre, b[i]);
		}
		return;
	}
	prl_frame frame = prl_frame_at(prl_ellipsoid_drop(rough_middle(a, b)));
	for (int i = 0; i < 2; i++) {
		p[i] = prl_frame_to_plane(&frame, a[i]);
		p[2 + i] = prl_frame_to_plane(&frame, b[i]);
	}
}

static void try_pieces(struct search *search, const prl_vec a[2], const prl_vec b[2], int depth)
{
	double ha = prl_vec_length(prl_vec_sub(a[1], a[0])) / 2, hb = prl_vec_length(prl_vec_sub(b[1], b[0])) / 2;
	prl_vec ma = prl_vec_mix(a[0], a[1], 0.5), mb = prl_vec_mix(b[0], b[1], 0.5);
	double apart = prl_vec_length(prl_vec_sub(ma, mb));
	/* No chord is longer than the geodesic over it. */
	if (apart - ha - hb - prl_piece_bulge_m(2 * ha) - prl_piece_bulge_m(2 * hb) > search->best)
		return;
	prl_xy p[4];
	double s = 0, t = 0;
	to_plane(a, b, apart > FAR_M, p);
	double d = sqrt(prl_segments_distance2(p[0], p[1], p[2], p[3], &s, &t));
	double error = prl_frame_error(p, ha, hb, d, s, t);
	if (d - error > search->best)
		return;
	if (error <= EXACT_M || depth == 0 || d + error <= search->enough) {
		if (d <= search->best)
			take(search, d, prl_vec_mix(a[0], a[1], s), prl_vec_mix(b[0], b[1], t));
		return;
	}
	bool split_a = ha >= hb;
	const prl_vec *longer = split_a ? a : b;
	prl_vec middle = prl_ellipsoid_drop(split_a ? ma : mb);
	prl_vec first[2] = { longer[0], middle }, second[2] = { middle, longer[1] };
	bool second_first = (split_a ? s : t) > 0.5;
	for (int i = 0; i < 2; i++) {
		const prl_vec *half = (i == 0) == second_first ? second : first;
		try_pieces(search, split_a ? half : a, split_a ? b : half, depth - 1);
	}
}

/* ---- tree against tree --------------------------------------------------------------------------------------- */

/* Some siblings of a tree: nodes [from, to) of a level; level -1 are pieces. */
struct part {
	const prl_footprint *f;
	int level;
	size_t from, to;
};

static struct part whole(const prl_footprint *f)
{
	if (!f->cells)
		return (struct part){ f, -1, 0, prl_piece_count(f) };
	return (struct part){ f, (int)f->levels - 1, 0, f->level_start[f->levels] - f->level_start[f->levels - 1] };
}

static struct part children(const struct part *p, size_t node)
{
	size_t end = p->level == 0 ? prl_piece_count(p->f)
	                           : p->f->level_start[p->level] - p->f->level_start[p->level - 1];
	size_t from = node * PRL_TREE_WIDTH, to = from + PRL_TREE_WIDTH;
	return (struct part){ p->f, p->level - 1, from, to < end ? to : end };
}

static prl_cell cell_of(const struct part *p, size_t i)
{
	if (p->level >= 0)
		return p->f->cells[p->f->level_start[p->level] + i];
	prl_vec a = p->f->points[i], b = p->f->points[i + 1];
	double bulge = prl_piece_bulge_m(p->f->longest_m) + 1e-6;
	return (prl_cell){
		{ prl_min(a.x, b.x) - bulge, prl_min(a.y, b.y) - bulge, prl_min(a.z, b.z) - bulge },
		{ prl_max(a.x, b.x) + bulge, prl_max(a.y, b.y) + bulge, prl_max(a.z, b.z) + bulge },
	};
}

static void search_parts(struct search *search, const struct part *a, const struct part *b);

static void search_pair(struct search *search, const struct part *a, size_t i, const struct part *b, size_t j)
{
	if (a->level < 0 && b->level < 0) {
		if (prl_piece_exists(a->f, i) && prl_piece_exists(b->f, j))
			try_pieces(search, a->f->points + i, b->f->points + j, 40);
	} else if (a->level >= b->level) {
		struct part below = children(a, i), other = { b->f, b->level, j, j + 1 };
		search_parts(search, &below, &other);
	} else {
		struct part other = { a->f, a->level, i, i + 1 }, below = children(b, j);
		search_parts(search, &other, &below);
	}
}

/* Two nodes and how near their boxes are. */
struct nodes {
	double distance2;
	size_t i, j;
};

/* The nearest first: in any other order a boundary that leads closer step by step would be walked piece by piece. */
static void search_parts(struct search *search, const struct part *a, const struct part *b)
{
	struct nodes pairs[PRL_TREE_WIDTH * PRL_TREE_WIDTH];
	size_t count = 0;
	for (size_t i = a->from; i < a->to; i++) {
		prl_cell ca = cell_of(a, i);
		for (size_t j = b->from; j < b->to; j++) {
			prl_cell cb = cell_of(b, j);
			struct nodes pair = { prl_cells_distance2(&ca, &cb), i, j };
			if (pair.distance2 > search->best * search->best)
				continue;
			size_t k = count++;
			for (; k > 0 && pairs[k - 1].distance2 > pair.distance2; k--)
				pairs[k] = pairs[k - 1];
			pairs[k] = pair;
		}
	}
	for (size_t k = 0; k < count && pairs[k].distance2 <= search->best * search->best; k++) {
		search_pair(search, a, pairs[k].i, b, pairs[k].j);
		if (near_enough(search))
			return;
	}
}

/* ---- small footprints: everything in one plane --------------------------------------------------------------- */

/* Points of both in the plane of a. */
struct plane {
	const prl_footprint *a, *b;
	const prl_xy *pa, *pb;
	prl_xy low, high; /* box of b's points */
};

static bool plane_contains(const prl_footprint *f, const prl_xy *points, prl_xy p)
{
	bool inside = false, one_path = f->path_count == 1;
	for (size_t i = 0; i + 1 < f->point_count; i++) {
		prl_xy a = points[i], b = points[i + 1];
		bool up = b.y > p.y;
		if ((a.y > p.y) == up || !(one_path || prl_piece_exists(f, i)))
			continue;
		inside ^= ((b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x) > 0) == up;
	}
	return inside;
}

/* Pieces of f that come within limit of a box, as indices; returns how many. */
static size_t pieces_near_box(const prl_footprint *f, const prl_xy *points, prl_xy low, prl_xy high, double limit,
                              uint8_t near[SMALL_POINTS])
{
	size_t count = 0;
	low.x -= limit;
	low.y -= limit;
	high.x += limit;
	high.y += limit;
	for (size_t i = 0; i + 1 < f->point_count; i++) {
		prl_xy a = points[i], b = points[i + 1];
		bool apart = (a.x < low.x && b.x < low.x) | (a.x > high.x && b.x > high.x) | (a.y < low.y && b.y < low.y) |
		             (a.y > high.y && b.y > high.y);
		near[count] = (uint8_t)i;
		count += !apart && (f->path_count == 1 || prl_piece_exists(f, i));
	}
	return count;
}

static void try_in_plane(struct search *search, const struct plane *p, size_t i, size_t j)
{
	double s = 0, t = 0;
	double d2 = prl_segments_distance2(p->pa[i], p->pa[i + 1], p->pb[j], p->pb[j + 1], &s, &t);
	if (d2 > search->best * search->best)
		return;
	if (search->no_place) { /* nobody asks where: a's points stay out of the cache */
		take(search, sqrt(d2), p->b->points[j], p->b->points[j]);
		return;
	}
	take(search, sqrt(d2), prl_vec_mix(p->a->points[i], p->a->points[i + 1], s),
	     prl_vec_mix(p->b->points[j], p->b->points[j + 1], t));
}

/* Boundary against boundary: only pieces near the other's box, pair by pair where their own boxes are near. */
static void search_plane(struct search *search, const struct plane *p)
{
	uint8_t near_a[SMALL_POINTS], near_b[SMALL_POINTS];
	size_t count_b = pieces_near_box(p->b, p->pb, p->a->plane_min, p->a->plane_max, search->best, near_b);
	size_t count_a = count_b ? pieces_near_box(p->a, p->pa, p->low, p->high, search->best, near_a) : 0;
	for (size_t i = 0; i < count_a; i++) {
		prl_xy a0 = p->pa[near_a[i]], a1 = p->pa[near_a[i] + 1];
		prl_xy low = { prl_min(a0.x, a1.x), prl_min(a0.y, a1.y) }, high = { prl_max(a0.x, a1.x), prl_max(a0.y, a1.y) };
		for (size_t j = 0; j < count_b; j++) {
			prl_xy b0 = p->pb[near_b[j]], b1 = p->pb[near_b[j] + 1];
			double x = prl_max(low.x - prl_max(b0.x, b1.x), prl_min(b0.x, b1.x) - high.x);
			double y = prl_max(low.y - prl_max(b0.y, b1.y), prl_min(b0.y, b1.y) - high.y);
			if (prl_max(x, y) > search->best)
				continue;
			try_in_plane(search, p, near_a[i], near_b[j]);
			if (near_enough(search))
				return;
		}
	}
}

static bool inside_in_plane(struct search *search, const struct plane *p)
{
	if (p->a->base == PRL_BASE_REGION && plane_contains(p->a, p->pa, p->pb[0]))
		take(search, 0, p->b->points[0], p->b->points[0]);
	else if (p->b->base == PRL_BASE_REGION && plane_contains(p->b, p->pb, p->pa[0]))
		take(search, 0, p->a->points[0], p->a->points[0]);
	else
		return false;
	return true;
}

/* Both reach at most 5 km from their centres and the limit is at most 2 km, so that what matters lies within 7 km of
 * a's centre: the bend is below 12 km · (5 km)² K/3 = 2.5 mm for each side, the length error below 1 mm. */
static bool within_plane(struct search *search, const prl_footprint *a, const prl_footprint *b)
{
	prl_xy pb[SMALL_POINTS];
	struct plane p = { a, b, a->plane, pb, { HUGE_VAL, HUGE_VAL }, { -HUGE_VAL, -HUGE_VAL } };
	for (size_t j = 0; j < b->point_count; j++) {
		prl_xy q = pb[j] = prl_frame_to_plane_near(&a->frame, b->points[j]);
		p.low = (prl_xy){ prl_min(p.low.x, q.x), prl_min(p.low.y, q.y) };
		p.high = (prl_xy){ prl_max(p.high.x, q.x), prl_max(p.high.y, q.y) };
	}
	double x = prl_max(p.low.x - a->plane_max.x, a->plane_min.x - p.high.x);
	double y = prl_max(p.low.y - a->plane_max.y, a->plane_min.y - p.high.y);
	if (prl_max(x, y) > search->best)
		return false;
	search_plane(search, &p);
	if (near_enough(search))
		return true;
	return inside_in_plane(search, &p) || search->found;
}

/* ---- the whole test ------------------------------------------------------------------------------------------ */

static bool is_point(const prl_footprint *f)
{
	return f->base == PRL_BASE_LINE && f->point_count == 2 && f->longest_m == 0;
}

static bool within_points(struct search *search, prl_vec a, prl_vec b)
{
	double chord = prl_vec_length(prl_vec_sub(a, b));
	if (chord > search->best)
		return false;
	double d = chord < 100e3 ? prl_near_distance_m(a, b) : prl_distance_m(prl_ellipsoid_place(a), prl_ellipsoid_place(b));
	if (d > search->best)
		return false;
	take(search, d, a, b);
	return true;
}

static bool contained(struct search *search, const prl_footprint *region, const prl_footprint *other)
{
	if (region->base != PRL_BASE_REGION ||
	    !prl_region_contains(region, other->points[0], other->lat_deg[0], other->lng_deg[0]))
		return false;
	take(search, 0, other->points[0], other->points[0]);
	return true;
}

static bool within_bases(struct search *search, const prl_footprint *a, const prl_footprint *b, double limit)
{
	if (a->base == PRL_BASE_EVERYWHERE || b->base == PRL_BASE_EVERYWHERE) {
		prl_vec at = (a->base == PRL_BASE_EVERYWHERE ? b : a)->points[0];
		take(search, 0, at, at);
		return true;
	}
	prl_vec between = prl_vec_sub(a->frame.origin, b->frame.origin);
	double most = a->reach_m + b->reach_m + search->best;
	if (prl_vec_dot(between, between) > most * most)
		return false;
	if (is_point(a) && is_point(b))
		return within_points(search, a->points[0], b->points[0]);
	if (a->plane && b->plane && limit <= SMALL_LIMIT_M) {
		if (a->point_count <= SMALL_POINTS && b->point_count <= SMALL_POINTS)
			return within_plane(search, a, b);
	}
	if (contained(search, a, b) || contained(search, b, a))
		return true;
	struct part pa = whole(a), pb = whole(b);
	search_parts(search, &pa, &pb);
	return search->found;
}

/* The place on the way from p to q, d apart, that lies in both regions of radius ra about p and rb about q, or in the
 * middle of what parts them. */
static prl_latlng meeting_place(prl_vec p, prl_vec q, double d, double ra, double rb)
{
	double low = prl_min(d, prl_max(0, d - rb)), high = prl_min(ra, d), along = (low + high) / 2;
	if (d < 1e-3)
		return prl_ellipsoid_place(prl_ellipsoid_drop(p));
	if (d < 20e3) /* the chord dropped to the surface divides as the arc does, within d³/(64 R²) < 4 mm */
		return prl_ellipsoid_place(prl_ellipsoid_drop(prl_vec_mix(p, q, along / d)));
	double azimuth;
	prl_latlng from = prl_ellipsoid_place(prl_ellipsoid_drop(p));
	prl_geodesic_between(from, prl_ellipsoid_place(prl_ellipsoid_drop(q)), &azimuth, NULL);
	prl_geodesic line = prl_geodesic_from(from, azimuth);
	return prl_geodesic_at(&line, along);
}

/* Footprints of a large store are rarely in the cache: the lines of a small one are asked for together, so that the test
 * waits for memory once and not line by line. Asking for what is not there does no harm. */
static void ask_for(const prl_footprint *f)
{
	for (size_t line = 0; line < 12; line++)
		__builtin_prefetch((const char *)f + 64 * line);
}

static bool exactly_within(const prl_footprint *a, const prl_footprint *b, double limit, double radii,
                           prl_nearness *ret_nearness)
{
	ask_for(a);
	ask_for(b);
	struct search search = { .best = limit + SLACK_M, .enough = ret_nearness ? 0 : limit, .no_place = !ret_nearness };
	if (!within_bases(&search, a, b, limit))
		return false;
	if (ret_nearness) {
		ret_nearness->distance_m = prl_max(0, search.distance - radii);
		ret_nearness->place = meeting_place(search.a, search.b, search.distance, a->radius_m, b->radius_m);
	}
	return true;
}

/* Nearly always the sketches tell: only that there is nothing where it is asked how near and where. */
bool prl_footprint_within(const prl_footprint *a, const prl_footprint *b, double limit_m, prl_nearness *ret_nearness)
{
	double radii = a->radius_m + b->radius_m, limit = limit_m + radii;
	if (a->sketch.corner_count && b->sketch.corner_count && limit >= 0 && limit <= PRL_SKETCH_LIMIT_M) {
		prl_sketch_answer answer = prl_sketch_compare(a, b, limit);
		if (__builtin_expect(answer != PRL_SKETCH_UNSURE, 1) && (!ret_nearness || answer == PRL_SKETCH_APART))
			return answer - PRL_SKETCH_APART;
	}
	return exactly_within(a, b, limit, radii, ret_nearness);
}

bool prl_footprint_contains(const prl_footprint *footprint, prl_latlng point)
{
	prl_vec p = prl_ellipsoid_point(point);
	if (footprint->base == PRL_BASE_EVERYWHERE)
		return true;
	prl_vec points[2] = { p, p };
	double lat[2] = { point.lat_deg, point.lat_deg };
	double lng[2] = { prl_wrap_deg(point.lng_deg), prl_wrap_deg(point.lng_deg) };
	uint32_t path_start[2] = { 0, 2 };
	bool holds_north = false;
	prl_xy plane[2] = { { 0, 0 }, { 0, 0 } };
	prl_footprint one = { .base = PRL_BASE_LINE, .point_count = 2, .path_count = 1, .path_start = path_start,
		              .points = points, .lat_deg = lat, .lng_deg = lng, .holds_north = &holds_north,
		              .frame = prl_frame_at(p), .plane = plane };
	prl_sketch_make(&one);
	return prl_footprint_within(&one, footprint, 0, NULL);
}
