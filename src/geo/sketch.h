/* A quick answer for two small footprints, which is never another one than that of the exact test (within.c).
 *
 * The SKETCH of a footprint that reaches at most PRL_SMALL_M from its centre, with one path of at most 16 vertices, is
 * these vertices in the plane of its frame, as floats: two cache lines for 8 vertices. Two sketches are laid into one
 * plane, that of a, by p -> t + M p with t the way from centre to centre and M the dot products of the axes, and
 * compared there. What is nearer to the limit than the bound EPS below stays unsure, and the exact test is asked.
 *
 * Bound. D: distance of the centres; r, q: reaches; L = D + r + q <= 22 km, which nothing of the two exceeds seen from
 * either centre; K <= 1/PRL_WGS84_MIN_RADIUS² the curvature.
 *  - The map: tangent coordinates of a surface point at distance ρ differ from plane ones by ρ³K/6; b's point lies up
 *    to q²/2 · √K below its tangent plane, which is turned by D √K: q² D K / 2. Since q³/6 + q² D/2 + (D + q)³/6 is at
 *    most (D + q)³/3, a vertex of b is mapped to within K L³/3 of where the frame of a has it.
 *  - The plane (geo/frame.h): pieces bend by (D + q) q² K/3 and r³ K/3 at most, and the distance of two is off by
 *    L r² K/6, r being the most that the line between them passes the origin by; together below K L³/2.
 *  - Floats: coordinates and axes are rounded by 2^-24 parts, sums of four products of them by less than 10⁻⁶ L.
 *  - What the exact test itself may say (EXACT_M + SLACK_M) and rounding of the limit: 1 cm; the frame's own series,
 *    0.25 mm a point.
 * EPS = 2 cm + 10⁻⁶ L + K L³ is more than the sum: 2.2 cm for two polygons of 500 m, 31 cm for 22 km. Every vertex of
 * b is then within EPS/2 of where it should be, those of a within a millimetre, and every distance within EPS; so while no vertex comes within EPS of an edge
 * of the other, moving all to their true places makes or undoes no crossing and carries no vertex in or out.
 *
 * Crossing. For edge e from v of one and edge g from w of the other let s, s' be the cross products that say on which
 * side of e the ends of g lie, t, t' the same the other way: s − s' = c, t' − t = c with c = g × e. s and s' are on
 * different sides iff |c| − |s + s'| > 0, and that is twice the lesser of |s| and |s'|, negative on one side; so
 * h = |c| − max(|s + s'|, |t + t'|) says whether the two cross and by how much they do or do not: with d · l <= |h|/2,
 * l the longer edge, h > 0 says that all four ends are at least d beside the line of the other edge and the two cross,
 * h < 0 that they lie d apart.
 * Where no vertex is within EPS of an edge of the other, edges that cross have all four ends at least EPS beside the
 * other's line (else the end of one edge would be that near to the other), so that h >= 2 EPS times the shorter one:
 * less says that there is none, even if two edges run in one line. */
#ifndef PRL_GEO_SKETCH_H
#define PRL_GEO_SKETCH_H

#include "geo/footprint.h"

typedef enum prl_sketch_answer {
	PRL_SKETCH_UNSURE,
	PRL_SKETCH_APART,
	PRL_SKETCH_NEAR,
} prl_sketch_answer;

#define PRL_SKETCH_LIMIT_M 2000.0

/* Fills the sketch of a footprint whose plane is made. */
void prl_sketch_make(prl_footprint *f);

/* Whether a and b, both with a sketch, come within limit_m of each other, radii included already: 0 to
 * PRL_SKETCH_LIMIT_M. */
prl_sketch_answer prl_sketch_compare(const prl_footprint *a, const prl_footprint *b, double limit_m);

#endif
