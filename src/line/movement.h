/* Movements: where a convoy, or another movement that was notified, stands.
 *
 *   planned → departed → check-ins → stopped → arrived      what its own party reports
 *   LATE, OFF ROUTE                                          what follows from that, the plan and the time: a view
 *
 * kind               signed by            does
 * movement.reported  the notice's party   where it stands, as of a time, maybe with a place
 *
 * Rules of the fold, and why:
 *  - Reports are the organisation's own object: only the notice's party reports, so all of them stand in one log, in
 * one order. Which state holds is by the time `at` that a report states, the later in the log where two are equal: a
 *    queue without network may deliver an old check-in after a new one.
 *  - Nothing is refused for the state before: whoever reports "arrived" without "departed" has arrived. Nothing blocks
 *    "departed", whoever has not read the notice; a notice that was cancelled or ended takes reports all the same,
 *    because people may be on the road.
 *  - An exact place is not rounded here: the client rounds before it signs, as the organisation chose (positions). The
 *    door refuses a place that is finer than an earlier report chose; what only the plan says it does not know.
 *
 * Late: a check-in that was planned, or promised by the report before ("next"), is overdue by more than the plan's
 * tolerance (PRL_MOVEMENT_TOLERANCE_S), nothing was reported for the time from that tolerance before it on, and the
 * movement has departed and not arrived. Before it departs nothing is late: the plan waits.
 *
 * Off route: the reported place, with its whole accuracy, lies outside all areas of the notice (which hold half width
 * and uncertainty already). Exact within 1 cm. On the route: that whole circle lies inside (64 points of its edge are
 * looked at). Else "cannot tell", with both distances.
 *
 * Off route asks for an UPDATE of the notice with the place, so that it is compared with everything and read anew. A
 * desk of the organisation files it, never its node: the notice is the party's object with one writer, signed by its
 * keys; a node holds none, and what it recorded would be a program changing what people have signed. The place itself
 * reaches everybody with the report. The client that reports files the UPDATE in the same second; where it did not (no
 * network, another program, --no-update), each open desk of the organisation has the alarm place-to-update with the act
 * ready, until the notice holds the place, or the movement is back on its route or over.
 *
 * Late or off route never means less protection. What the parties read is PRL_MOVEMENT_DIFFERS; the organisation reads
 * the same, from its own node, which is the first to have the report; "late" follows from the clock at every node. */
#ifndef PRL_LINE_MOVEMENT_H
#define PRL_LINE_MOVEMENT_H

#include "line/notice.h"

#define PRL_MOVEMENT_TOLERANCE_S 900
#define PRL_MOVEMENT_REPORTS_MAX 64 /* kept of a movement, the newest by their place in the log; the log has all */
#define PRL_MOVEMENT_DIFFERS     "Position differs from plan. Still protected. Contact: "

/* GET /parley/v1/line/movements?notice= */
extern const prl_line_part prl_movement_part;

/* Whether notices of this kind move. */
bool prl_movement_is_kind(prl_kind kind);

/* The look at the door at member "movement" of details: check-ins rise, and positions of stops read one way. PRL_OK for
 * NULL. */
PRL_MUST prl_status prl_movement_plan_check(const json_t *plan, prl_error *err);

/* What has been reported, {"reports": […]}; NULL: nothing. */
const json_t *prl_movement_find(prl_picture *picture, prl_version version, const prl_hash *notice);
/* "planned", "departed", "checked in", "stopped", "arrived": the state reported last, by time. Never NULL. */
const char *prl_movement_state(const json_t *movement);
/* Departed and not arrived. */
bool prl_movement_is_under_way(const json_t *movement);
/* The report that is newest by time; the newest that has a place. NULL: none. */
const json_t *prl_movement_newest(const json_t *movement);
const json_t *prl_movement_placed(const json_t *movement);

/* The check-in that is overdue at an instant by more than the tolerance; PRL_TIME_OPEN_END: none. *ret_next (may be
 * NULL): the next one that is due, PRL_TIME_OPEN_END where none is. */
prl_time prl_movement_late(const json_t *movement, const json_t *details, prl_time now, prl_time *ret_next);

typedef enum prl_on_route { PRL_ROUTE_ON, PRL_ROUTE_OFF, PRL_ROUTE_CANNOT_TELL } prl_on_route;
typedef struct prl_route_look {
	prl_on_route answer;
	double distance_m; /* from the nearest area; 0 inside; NAN: not known */
	double accuracy_m; /* of the reported place */
	prl_latlng place;
	char why[200]; /* cannot tell: why */
} prl_route_look;
/* The area that an UPDATE adds: round the place reported last, by the accuracy that was stated and PRL_MOVEMENT_AREA_M:
 * {"place", "radius_m", "name"}. A new reference; NULL where no place was reported. */
#define PRL_MOVEMENT_AREA_M 1000.0
json_t *prl_movement_area(const json_t *movement);
/* Where a reported place {"position", "accuracy_m"?} lies against the details of the notice. */
void prl_movement_look(const json_t *details, const json_t *place, prl_route_look *ret);

/* The place as it is to be shared: rounded to the middle of a cell of 1 or 10 km of latitude and longitude, with the
 * accuracy that is left, or left out. positions: "exact", "1 km", "10 km", "none". For clients, before they sign.
 * PRL_E_AMBIGUOUS and others as prl_position_parse(). *ret: a new reference, NULL where none is to be shared. */
PRL_MUST prl_status prl_movement_round(const char *position, double accuracy_m, const char *positions, json_t **ret,
				       prl_error *err);

#endif
