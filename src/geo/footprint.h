/* What a prepared footprint is made of.
 *
 * Every footprint is a base – a point, a line or a region – and a radius: all points within the radius of the base.
 * In a length space the distance between two such sets is the distance of their bases less both radii, so that one
 * exact test, base against base, serves circles, corridors, polygons, margins and separations alike.
 *
 * The boundary of the base is cut into PIECES: geodesic arcs of at most PRL_PIECE_MAX_M, each given by its two end
 * points in ECEF. A piece is taken as its chord dropped to the surface along the normals, which is a normal section;
 * that differs from the geodesic by at most e'² s³ / (24 √27 a²) < 0.021 mm at 25 km (tests/geo/frame_test.c). */
#ifndef PRL_GEO_FOOTPRINT_H
#define PRL_GEO_FOOTPRINT_H

#include "geo/frame.h"

#define PRL_PIECE_MAX_M 25000.0
#define PRL_SMALL_M 5000.0  /* footprints that reach no farther from their centre are tested in one plane */
#define PRL_TREE_WIDTH 8u   /* children of a node */
#define PRL_TREE_LEVELS 11u /* 8^11 pieces */
#define PRL_SKETCH_POINTS 16u

typedef enum prl_base_kind {
	PRL_BASE_LINE, /* a point is a line of one piece of length 0 */
	PRL_BASE_REGION,
	PRL_BASE_EVERYWHERE,
} prl_base_kind;

/* An axis-parallel box in ECEF that holds some pieces, bulge and all. */
typedef struct prl_cell {
	double min[3], max[3];
} prl_cell;

/* What a quick comparison of two small footprints reads (sketch.h): with radius_m and the corners two cache
 * lines for up to 8 of these. */
typedef struct prl_sketch {
	prl_vec centre;
	float ex[3], ey[3]; /* axes of the frame there */
	float reach_m;      /* rounded up */
	uint8_t corner_count, edge_count; /* no corners: there is no sketch */
	bool ring;
} prl_sketch;

/* Invariants: piece i runs from points[i] to points[i + 1] and exists unless i + 1 starts a path; rings repeat their
 * first point at their end; lng_deg follows the piece, so that the step from i to i + 1, wrapped, is the way it goes
 * round the axis (a vertex at a pole stands twice, with the longitude of either neighbour). Level 0 of the tree holds
 * pieces 8i … 8i + 7, level l + 1 nodes 8i … 8i + 7 of level l. */
struct prl_footprint {
	prl_sketch sketch;
	double radius_m;
	float corners[PRL_SKETCH_POINTS / 8][2][8]; /* x of 8 corners, y of them, the same of 8 more: for the sketch */
	/* What the exact test of two small footprints reads comes next; plane and points follow the struct in the same
	 * block, so that all of it can be asked for at once (src/geo/within.c). */
	prl_base_kind base;
	unsigned levels;
	double reach_m;   /* no point of the base is farther from the centre, straight through */
	double longest_m; /* longest piece */
	size_t point_count, path_count;
	prl_xy *plane; /* points in the frame's plane; NULL unless reach_m <= PRL_SMALL_M */
	prl_vec *points;
	prl_xy plane_min, plane_max;
	prl_frame frame; /* at the centre */
	double *lat_deg, *lng_deg;
	uint32_t *path_start; /* path_count + 1 */
	bool *holds_north;    /* per ring: whether its inside holds the north pole */
	prl_cell *cells;      /* all levels, lowest first; NULL when there are at most 8 pieces */
	double touch_m;       /* edges of a ring that pass each other by no more touch: what their shape may be off */
	prl_bounds bounds;    /* of the base */
	double area_m2;       /* of the base region */
	void *block;          /* what is to be freed */
	size_t level_start[PRL_TREE_LEVELS + 1];
};

static inline size_t prl_piece_count(const prl_footprint *f)
{
	return f->point_count - 1;
}

/* Whether piece i exists: i + 1 does not start another path. */
static inline bool prl_piece_exists(const prl_footprint *f, size_t i)
{
	for (size_t p = 1; p < f->path_count && p < 8; p++)
		if (f->path_start[p] == i + 1)
			return false;
	if (f->path_count <= 8)
		return true;
	size_t low = 8, high = f->path_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (f->path_start[middle] < i + 1)
			low = middle + 1;
		else
			high = middle;
	}
	return !(low < f->path_count && f->path_start[low] == i + 1);
}

/* Metres by which a piece of that length may stand out from its chord: s²/8R. */
static inline double prl_piece_bulge_m(double length_m)
{
	return length_m * length_m / (8 * PRL_WGS84_MIN_RADIUS);
}

/* Whether a surface point lies inside the base region; a point on the boundary may be either, within 1 mm. */
bool prl_region_contains(const prl_footprint *f, prl_vec point, double lat_deg, double lng_deg);

/* Inside one ring (hole or outline), the same way. */
bool prl_ring_contains(const prl_footprint *f, size_t ring, prl_vec point, double lat_deg, double lng_deg);

/* prl_footprint_polygon() for rings that it has taken before: whether they cross or lie within each other is not looked at
 * again. Of rings that do cross it makes what lies inside an odd number of times. */
PRL_MUST prl_status prl_footprint_polygon_again(const prl_ring *rings, size_t count, prl_edges edges, double margin_m,
                                                prl_footprint **ret_footprint, prl_error *err);

/* Fails when pieces of a region's boundary cross each other, or a hole lies outside the outline or in a hole. */
prl_status prl_region_validate(const prl_footprint *f, prl_error *err);

/* Sets holds_north of every ring, area_m2 and bounds. */
void prl_footprint_measure(prl_footprint *f);

/* Bounds that hold every point within that many metres of any place in b. */
prl_bounds prl_bounds_widen(prl_bounds b, double metres);

/* Fills cells, level_start, levels. The room for the cells is there. */
void prl_footprint_plant(prl_footprint *f);

/* How many cells the tree over that many pieces has. */
size_t prl_footprint_cell_count(size_t pieces);

/* Squared distance between two boxes, and between a box and a point, metres. */
double prl_cells_distance2(const prl_cell *a, const prl_cell *b);

#endif
