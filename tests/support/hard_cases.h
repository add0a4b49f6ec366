/**
 * @file hard_cases.h
 * Random pairs of footprints whose gap or overlap is designed: from 1.1 cm to 100 km, log-uniform, at any place on
 * earth, of any form. What was really made is what oracle_measure() says, not what was designed.
 */
#ifndef TESTS_SUPPORT_HARD_CASES_H
#define TESTS_SUPPORT_HARD_CASES_H

#include "support/oracle_footprint.h"
#include "support/random.h"

/** A shape to be set down anywhere: its vertices by distance and azimuth from an anchor. */
typedef struct hard_form {
	oracle_kind kind;
	double radius_m, size_m;
	size_t ring_count, ring_start[ORACLE_MAX_RINGS + 1];
	double distance_m[ORACLE_MAX_VERTICES], azimuth_deg[ORACLE_MAX_VERTICES];
} hard_form;

/** A random form of about @p size_m metres from its anchor outwards, at most @p max_vertices vertices. */
void hard_form_make(rnd *r, double size_m, size_t max_vertices, hard_form *ret_form);

/** Sets a form down: a rigid motion but for the curvature's change from place to place. */
void hard_form_place(const hard_form *form, prl_latlng anchor, double turn_deg, oracle_shape *ret_shape);

/** A place: anywhere, at and round the poles, on the antimeridian, on the equator. */
prl_latlng hard_place(rnd *r);

/** X(name): how a pair was made. */
#define HARD_DESIGN_MAP(X) X(BESIDE) X(LIMIT) X(PARALLEL) X(NESTED) X(HOLE) X(SHARED_EDGE) X(GRID)

typedef enum hard_design {
#define X(name) HARD_##name,
	HARD_DESIGN_MAP(X)
#undef X
} hard_design;

typedef struct hard_pair {
	hard_design design;
	double designed_m;    /**< the gap (> 0) or overlap (< 0) that was asked for */
	double limit_m;       /**< separation to test with; 0 for touching */
	oracle_answer answer; /**< of the two bodies, limit not taken off */
	double signed_m;      /**< answer.signed_m - limit_m */
	oracle_body a, b;
} hard_pair;

const char *hard_design_name(hard_design design);

/** Makes a random pair. */
void hard_pair_make(rnd *r, hard_pair *ret_pair);

#endif
