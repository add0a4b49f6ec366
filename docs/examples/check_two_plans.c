/* Two plans, made by hand, and the times at which they overlap.
 *   cc check_two_plans.c $(pkg-config --cflags --libs parley) -o check_two_plans */
#include <parley/parley.h>
#include <stdio.h>

static prl_plan plan(char *id, prl_kind kind, prl_volume *volume)
{
	return (prl_plan){
		.id = id, .party = "", .name = "", .source = "", .kind = kind, .volumes = volume, .volume_count = 1
	};
}

int main(void)
{
	prl_error err;
	prl_footprint *corridor = NULL, *area = NULL;
	const prl_latlng route[] = { { 35.56, 35.38 }, { 35.40, 35.95 } };
	const prl_band band = prl_band_m(300, 3000, PRL_DATUM_MSL);
	prl_window evening = { 0, 0 };

	if (prl_footprint_corridor(route, 2, PRL_EDGES_GEODESIC, 2000, 0, &corridor, &err) ||
	    prl_footprint_circle((prl_latlng){ 35.47, 35.74 }, 3000, 0, &area, &err) ||
	    prl_time_parse("2018-09-17T18:40:00Z", 20, &evening.from, &err) ||
	    prl_time_parse("2018-09-17T19:40:00Z", 20, &evening.to, &err))
		return fprintf(stderr, "%s\n", err.text), 1;
	prl_volume flown = { corridor, band, evening }, fired = { area, band, evening };
	prl_plan a = plan("approach", PRL_KIND_FLIGHT, &flown), b = plan("area", PRL_KIND_LIVE_FIRE, &fired);
	prl_check_options options = prl_check_options_default();
	prl_conflict conflict;
	bool found = false;

	if (prl_pair_check(&a, &b, &options, &found, &conflict, &err))
		return fprintf(stderr, "%s\n", err.text), 1;
	for (size_t i = 0; found && i < conflict.interval_count; i++) {
		char from[PRL_TIME_TEXT_MAX], to[PRL_TIME_TEXT_MAX];
		prl_time_format(conflict.intervals[i].from, from);
		prl_time_format(conflict.intervals[i].to, to);
		printf("%s and %s overlap from %s to %s\n", a.id, b.id, from, to);
	}
	if (found)
		prl_conflict_done(&conflict);
	prl_footprint_free(corridor);
	prl_footprint_free(area);
	return 0;
}
