/* A place stated twice (mechanisms.md, A5): the areas of a notice, and a second expression that a person typed from
 * another source (details.place.again): a position in any notation, or a name that a gazetteer gave a place, either
 * with bearing and distance. The program never offers nor derives it. A place written down wrongly once is rarely
 * written down wrongly twice in the same way: on 17 September 2016 it was 9 km off, and nobody noticed.
 *
 * Pure: what a name was found to be stands in the details. */
#ifndef PRL_LINE_PLACE_H
#define PRL_LINE_PLACE_H

#include <parley/geo.h>

#include <jansson.h>

#define PRL_PLACE_NAME_RADIUS_M 2000.0 /* of a name whose extent nobody has stated */

typedef struct prl_place_check {
	bool twice;    /* a second expression is there */
	bool compared; /* and both could be placed */
	bool doubtful; /* compared, and farther apart than both may be wrong: PLACE DOUBTFUL, sent all the same */
	/* Metres. Of an area that is a circle its middle counts, of any other the nearest of its points; of several
	 * areas the nearest. allowed is the sum of the accuracies stated: of a position what its digits and datum say
	 * and the area's uncertainty, of a name the radius of the gazetteer, else 2 km; or accuracy_m where that is
	 * stated. */
	double apart_m, allowed_m;
	prl_latlng second; /* where the second expression lies */
	char why[200];     /* twice and not compared: why */
} prl_place_check;

bool prl_place_is_twice(const json_t *details);
/* Of any details. PRL_E_MEMORY alone. */
PRL_MUST prl_status prl_place_compare(const json_t *details, prl_place_check *ret, prl_error *err);

/* The look at the door: one of position and name, a position that reads one way, a bearing with a distance and a
 * distance with a bearing. A name that no gazetteer knows passes: it is what somebody said. err->where is
 * "/place/again…". */
PRL_MUST prl_status prl_place_check_again(const json_t *details, prl_error *err);

/* Metres of {"value", "unit"}. */
double prl_place_metres(const json_t *distance);

#endif
