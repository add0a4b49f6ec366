#include "line/separation.h"

#include <string.h>

typedef enum group { FLIGHT, FIRE, EXERCISE, GROUND, NOT_SAID, GROUPS } group;

static group group_of(prl_kind kind)
{
	switch ((int)kind) {
	case PRL_KIND_FLIGHT:
		return FLIGHT;
	case PRL_KIND_LIVE_FIRE:
		return FIRE;
	case PRL_KIND_EXERCISE:
		return EXERCISE;
	case PRL_KIND_UNKNOWN:
		return NOT_SAID;
	default:
		return GROUND;
	}
}

#define X(id, pairs, horizontal_m, vertical_m, basis) { pairs, { horizontal_m, vertical_m }, basis },
const prl_separation_default prl_separation_defaults[] = { PRL_SEPARATION_CLASSES(X) };
#undef X

prl_separation_class prl_separation_class_of(prl_kind a, prl_kind b)
{
	group one = group_of(a), other = group_of(b);
	if (one == NOT_SAID || other == NOT_SAID)
		return PRL_SEPARATION_NOT_SAID;
	if (one == FLIGHT && other == FLIGHT)
		return PRL_SEPARATION_AIR_AIR;
	if (one == FLIGHT || other == FLIGHT)
		return one == GROUND || other == GROUND ? PRL_SEPARATION_AIR_GROUND : PRL_SEPARATION_AIR_FIRE;
	if (one == GROUND && other == GROUND)
		return PRL_SEPARATION_GROUND_GROUND;
	return one == FIRE && other == FIRE ? PRL_SEPARATION_FIRE_FIRE : PRL_SEPARATION_FIRE_OTHER;
}

prl_kind prl_kind_named(const char *word)
{
	for (int kind = 0; word && kind < PRL_KIND_COUNT; kind++)
		if (strcmp(prl_kind_word((prl_kind)kind), word) == 0)
			return (prl_kind)kind;
	return PRL_KIND_UNKNOWN;
}

static double wider(double a, double b)
{
	return a > b ? a : b;
}

static void state(prl_separation_rule *rule, const prl_separation *stated, const char *source)
{
	bool first = strcmp(rule->source, PRL_SEPARATION_DEFAULT) == 0;
	if (first || stated->horizontal_m > rule->separation.horizontal_m)
		rule->source = source;
	rule->separation.horizontal_m =
		first ? stated->horizontal_m : wider(rule->separation.horizontal_m, stated->horizontal_m);
	rule->separation.vertical_m =
		first ? stated->vertical_m : wider(rule->separation.vertical_m, stated->vertical_m);
}

static void read_one(prl_separations *to, const json_t *from)
{
	const json_t *kinds = json_object_get(from, "kinds");
	prl_kind a = prl_kind_named(json_string_value(json_array_get(kinds, 0)));
	prl_kind b = prl_kind_named(json_string_value(json_array_get(kinds, 1)));
	const char *source = json_string_value(json_object_get(from, "source"));
	prl_separation stated = { json_number_value(json_object_get(from, "horizontal_m")),
				  json_number_value(json_object_get(from, "vertical_m")) };
	if (a == PRL_KIND_UNKNOWN || b == PRL_KIND_UNKNOWN || !source ||
	    !(stated.horizontal_m > 0 || stated.vertical_m > 0))
		return;
	const prl_separation *least = &prl_separation_defaults[prl_separation_class_of(a, b)].separation;
	if (!(stated.horizontal_m > 0))
		stated.horizontal_m = least->horizontal_m;
	if (!(stated.vertical_m > 0))
		stated.vertical_m = least->vertical_m;
	state(&to->pairs[a][b], &stated, source);
	if (a != b)
		to->pairs[b][a] = to->pairs[a][b];
}

/* A kind that is not said may be any of them, and so may its neighbour's: whatever is agreed for one of them holds. */
static void widen_not_said(prl_separations *to, int kind)
{
	prl_separation_rule *rule = &to->pairs[PRL_KIND_UNKNOWN][kind];
	for (int a = 1; a < PRL_KIND_COUNT; a++)
		for (int b = 1; b < PRL_KIND_COUNT; b++) {
			const prl_separation_rule *one = &to->pairs[a][b];
			if (kind != PRL_KIND_UNKNOWN && kind != b)
				continue;
			if (one->separation.horizontal_m > rule->separation.horizontal_m ||
			    one->separation.vertical_m > rule->separation.vertical_m)
				rule->source = one->source;
			rule->separation.horizontal_m =
				wider(rule->separation.horizontal_m, one->separation.horizontal_m);
			rule->separation.vertical_m = wider(rule->separation.vertical_m, one->separation.vertical_m);
		}
	to->pairs[kind][PRL_KIND_UNKNOWN] = *rule;
}

static void read_terrain(prl_separations *to, const json_t *terrain)
{
	const char *datum = json_string_value(json_object_get(terrain, "datum"));
	if (!datum)
		return;
	/* The geoid lies -107…+86 m from the ellipsoid: heights above this are heights above sea level within that. */
	bool ellipsoid = strcmp(datum, "W84") == 0;
	to->air.has_terrain = true;
	to->air.terrain_low_m = json_number_value(json_object_get(terrain, "lower_m")) - (ellipsoid ? 86 : 0);
	to->air.terrain_high_m = json_number_value(json_object_get(terrain, "upper_m")) + (ellipsoid ? 107 : 0);
}

void prl_separations_make(const prl_constitution *constitution, prl_separations *ret)
{
	memset(ret, 0, sizeof *ret);
	for (int a = 0; a < PRL_KIND_COUNT; a++)
		for (int b = 0; b < PRL_KIND_COUNT; b++) {
			prl_separation_class class = prl_separation_class_of((prl_kind)a, (prl_kind)b);
			ret->pairs[a][b] = (prl_separation_rule){ prl_separation_defaults[class].separation,
								  PRL_SEPARATION_DEFAULT };
		}
	if (constitution) {
		ret->body = json_incref(constitution->body);
		ret->constitution = constitution->hash;
		const json_t *stated = json_object_get(ret->body, "separation");
		for (size_t i = 0; i < json_array_size(stated); i++)
			read_one(ret, json_array_get(stated, i));
		read_terrain(ret, json_object_get(ret->body, "terrain"));
	}
	for (int kind = 0; kind < PRL_KIND_COUNT; kind++)
		widen_not_said(ret, kind);
	for (int a = 0; a < PRL_KIND_COUNT; a++)
		for (int b = 0; b < PRL_KIND_COUNT; b++) {
			const prl_separation *one = &ret->pairs[a][b].separation;
			ret->widest[a].horizontal_m = wider(ret->widest[a].horizontal_m, one->horizontal_m);
			ret->widest[a].vertical_m = wider(ret->widest[a].vertical_m, one->vertical_m);
		}
}

void prl_separations_done(prl_separations *separations)
{
	json_decref(separations->body);
	separations->body = NULL;
}

const prl_separation_rule *prl_separation_of(const prl_separations *separations, prl_kind a, prl_kind b)
{
	if ((unsigned)a >= PRL_KIND_COUNT || (unsigned)b >= PRL_KIND_COUNT)
		a = b = PRL_KIND_UNKNOWN;
	return &separations->pairs[a][b];
}
