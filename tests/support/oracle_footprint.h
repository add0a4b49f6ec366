/**
 * @file oracle_footprint.h
 * The other way to the same answer: how far apart two footprints are, by PROJ's geodesics and GEOS, slow and simple.
 * Shares nothing with src/geo but the two types of the public header.
 *
 * oracle_measure(): all pairs of geodesic edges, branch and bound. Two pieces of edges with half lengths h, k whose
 * midpoints are f apart (geod_inverse: length and both azimuths) are laid out flat: midpoints f apart, each piece
 * straight with its true angle to the joining geodesic. The flat distance of the two segments differs from the true one
 * only by the curvature of the ellipsoid, at most E = (f + h + k) (h² + k²) / (2 R²) with R = 6,335 km its smallest
 * radius of curvature: with x = d / R the second derivatives of the distance on a sphere are sin²α cot(x) / R along
 * each edge and -sin α sin β / (R sin x) between them, which differ from the flat 1/d ones by less than x / (3 R) and
 * x / (6 R) (1.3 times that at x = 1); summed over both displacements that is below d (h² + k²) / (4 R²); the distance
 * inside the pieces is below f + h + k, and what is left of the factor 2 covers the ellipsoid (radii of curvature
 * within 1 %) and third-order terms. So flat - E is a lower bound, and the true distance between the two points that
 * the flat picture names is an upper one. A pair is cut until its lower bound is no lower than the best upper bound
 * less 0.02 mm. The result is a distance between two points that are on the edges, at most 0.02 mm longer than the
 * least, plus the 15 nm of geod_inverse.
 *
 * Containment: the azimuths of a ring's vertices seen from the point, summed round the ring. A geodesic edge seen from
 * a point turns monotonically and less than half a turn, so the sum is exact however long the edges are.
 *
 * oracle_confirm(): the same by the letter of the issue: edges cut by geod_line until their midpoints are within
 * 0.1 mm of the chord, azimuthal equidistant plane about the current closest points, GEOS, until they move under 1 mm.
 */
#ifndef TESTS_SUPPORT_ORACLE_FOOTPRINT_H
#define TESTS_SUPPORT_ORACLE_FOOTPRINT_H

#include <parley/geo.h>
#include <stdio.h>

#include <geodesic.h>

#define ORACLE_MAX_VERTICES 160
#define ORACLE_MAX_RINGS    5

typedef enum oracle_kind { ORACLE_POLYGON, ORACLE_LINE, ORACLE_POINT } oracle_kind;

/** A footprint: a base (region with holes, line, point) and a radius round it. Edges are geodesics. */
typedef struct oracle_shape {
	oracle_kind kind;
	double radius_m;
	size_t ring_count; /**< 1 for a line or a point */
	size_t ring_start[ORACLE_MAX_RINGS + 1];
	prl_latlng vertices[ORACLE_MAX_VERTICES]; /**< rings one after the other, not closed */
} oracle_shape;

/** An edge; its geodesic line is worked out when first needed. */
typedef struct oracle_edge {
	size_t from, to; /**< vertices */
	double length_m; /**< of the geodesic, < 0 until the line is known */
	double sag_m;    /**< the geodesic stays within this of the 3D chord between its ends */
	struct geod_geodesicline line;
} oracle_edge;

/** A shape with what is needed to measure it. No pointers: may be copied. */
typedef struct oracle_body {
	oracle_shape shape;
	size_t vertex_count, edge_count;
	double xyz[ORACLE_MAX_VERTICES][3]; /**< earth-centred, metres */
	double middle[3], reach_m;          /**< ball that holds all edges */
	oracle_edge edges[ORACLE_MAX_VERTICES];
} oracle_body;

/** What was measured. */
typedef struct oracle_answer {
	/** Distance between the two footprints, metres. Negative where they overlap: then a lower bound of how far one
	 * of the two must be shrunk until they no longer touch, exact for bases that do not overlap and where a vertex
	 * of one dips into the other. */
	double signed_m;
	double edges_m;        /**< distance between the edges of the bases */
	prl_latlng on_a, on_b; /**< the closest points of those edges */
	bool bases_meet;       /**< the bases themselves overlap or touch */
} oracle_answer;

/** WGS84, as PROJ has it. */
const struct geod_geodesic *oracle_earth(void);

double oracle_distance_m(prl_latlng a, prl_latlng b);
prl_latlng oracle_destination(prl_latlng from, double azimuth_deg, double distance_m);

void oracle_body_init(oracle_body *body, const oracle_shape *shape);
size_t oracle_vertex_count(const oracle_shape *shape);

oracle_answer oracle_measure(oracle_body *a, oracle_body *b);

/** Signed distance of @p point from the footprint: negative inside (less than or equal to the true depth). */
double oracle_point_m(oracle_body *body, prl_latlng point);

/** Whether @p point lies in the base region; false for lines and points. Shapes below 8,000 km across. */
bool oracle_base_contains(const oracle_body *body, prl_latlng point);

/** A random point of an edge of the base: edge @p edge, @p fraction of its length; its azimuth there if asked. */
prl_latlng oracle_edge_at(oracle_body *body, size_t edge, double fraction, double *ret_azimuth_deg);

/**
 * The distance between the bases by GEOS in azimuthal equidistant planes; 0 where they meet. On a surface that is
 * curved like the earth's these planes never show a distance too short (Toponogov), so the least of all rounds is
 * taken: where there are ties the closest points need not come to rest. Slow for bases over 300 km across.
 * @param near_a,near_b where to begin, as from oracle_measure()
 */
double oracle_confirm(oracle_body *a, oracle_body *b, prl_latlng near_a, prl_latlng near_b);

/** Prints @p shape so that it can be made again: 17 digits. */
void oracle_print(FILE *to, const char *name, const oracle_shape *shape);

/**
 * Makes the engine's footprint of @p shape; @p split (0 to 1) of the radius is given as margin, and above 0.5 rings are
 * given closed. NULL and *err where refused.
 */
prl_footprint *oracle_engine_footprint(const oracle_shape *shape, double split, prl_error *err);

#endif
