#include "formats/properties.h"

#include "base/error.h"
#include "base/limits.h"
#include "formats/field.h"

#include <parley/notation.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const kind_words[] = {
#define X(name, word) word,
	PRL_KIND_MAP(X)
#undef X
	        NULL,
};
static const char *const datum_words[] = { "W84", "MSL", "AGL", "FL", NULL }; /* order of prl_datum */
static const char *const unit_words[] = { "M", "FT", "FL", NULL };            /* order of prl_unit */
static const char *const edges_words[] = { "geodesic", "lonlat", NULL };      /* order of prl_edges */
static const double metres_a_unit[] = { 1, 0.3048, 30.48 };

#define NOT_STATED UINT32_MAX

/* ---- altitudes ----------------------------------------------------------------------------------------------- */

struct altitude {
	double value;
	unsigned unit, units, datum, reference; /* F3548's names for unit and datum are taken too */
};

static const prl_field altitude_fields[] = {
	{ "value", PRL_FIELD_NUMBER, true, offsetof(struct altitude, value), -400000, 400000, NULL },
	{ "unit", PRL_FIELD_WORD, false, offsetof(struct altitude, unit), 0, 0, unit_words },
	{ "units", PRL_FIELD_WORD, false, offsetof(struct altitude, units), 0, 0, unit_words },
	{ "datum", PRL_FIELD_WORD, false, offsetof(struct altitude, datum), 0, 0, datum_words },
	{ "reference", PRL_FIELD_WORD, false, offsetof(struct altitude, reference), 0, 0, datum_words },
	{ 0 },
};

static prl_status check_altitude(struct altitude *a, prl_error *err)
{
	if ((a->unit != NOT_STATED && a->units != NOT_STATED) || (a->datum != NOT_STATED && a->reference != NOT_STATED))
		return prl_error_set(err, PRL_E_SYNTAX, "unit and units, or datum and reference, expected one of each");
	a->unit = a->unit != NOT_STATED ? a->unit : a->units;
	a->datum = a->datum != NOT_STATED ? a->datum : a->reference;
	if (a->unit == NOT_STATED)
		return prl_error_set(err, PRL_E_SYNTAX, "\"unit\" is missing, expected one of M, FT, FL");
	if (a->datum == NOT_STATED && a->unit == PRL_UNIT_FL)
		a->datum = PRL_DATUM_FL;
	if (a->datum == NOT_STATED)
		return prl_error_set(err, PRL_E_SYNTAX, "\"datum\" is missing, expected one of W84, MSL, AGL, FL");
	if (a->unit == PRL_UNIT_FL && a->datum != PRL_DATUM_FL)
		return prl_error_set(err, PRL_E_RANGE, "a flight level above datum %s, expected datum FL",
		                     datum_words[a->datum]);
	double metres = a->value * metres_a_unit[a->unit];
	if (metres < -8000 || metres > 100000)
		return prl_error_set(err, PRL_E_RANGE, "%.17g %s is out of range, expected -8000 to 100000 m", a->value,
		                     unit_words[a->unit]);
	return PRL_OK;
}

static prl_status read_altitude(const json_t *json, const char *name, prl_altitude *ret_altitude, prl_error *err)
{
	struct altitude a = { 0, NOT_STATED, NOT_STATED, NOT_STATED, NOT_STATED };
	if (!json)
		return PRL_OK;
	prl_status status = prl_fields_read(json, altitude_fields, true, &a, err);
	if (!status)
		status = check_altitude(&a, err);
	if (status)
		return prl_error_at(err, status, "%s", name);
	*ret_altitude = (prl_altitude){ a.value, (prl_unit)a.unit, (prl_datum)a.datum };
	return PRL_OK;
}

static prl_status read_band(const json_t *lower, const json_t *upper, prl_band *ret_band, prl_error *err)
{
	prl_band band = { .lower = { -(double)INFINITY, PRL_UNIT_M, PRL_DATUM_W84 },
		          .upper = { (double)INFINITY, PRL_UNIT_M, PRL_DATUM_W84 } };
	prl_status status = read_altitude(lower, "lower", &band.lower, err);
	if (!status)
		status = read_altitude(upper, "upper", &band.upper, err);
	if (status)
		return status;
	/* An open side takes the datum of the other, so that bands of one datum stay of one datum. */
	if (!lower)
		band.lower.datum = band.upper.datum;
	if (!upper)
		band.upper.datum = band.lower.datum;
	if (band.lower.datum == band.upper.datum && band.lower.value * metres_a_unit[band.lower.unit] >
	                                                    band.upper.value * metres_a_unit[band.upper.unit])
		return prl_error_set(err, PRL_E_RANGE, "lower %.17g %s is above upper %.17g %s, expected lower <= upper",
		                     band.lower.value, unit_words[band.lower.unit], band.upper.value,
		                     unit_words[band.upper.unit]);
	*ret_band = band;
	return PRL_OK;
}

/* ---- uncertainty --------------------------------------------------------------------------------------------- */

static const prl_field uncertainty_fields[] = {
	{ "horizontal_m", PRL_FIELD_NUMBER, false, offsetof(prl_uncertainty, horizontal_m), 0, 1000000, NULL },
	{ "vertical_m", PRL_FIELD_NUMBER, false, offsetof(prl_uncertainty, vertical_m), 0, 1000000, NULL },
	{ "horizontal_growth_m_s", PRL_FIELD_NUMBER, false, offsetof(prl_uncertainty, horizontal_growth_m_s), 0, 100000,
	  NULL },
	{ "vertical_growth_m_s", PRL_FIELD_NUMBER, false, offsetof(prl_uncertainty, vertical_growth_m_s), 0, 100000, NULL },
	{ 0 },
};

static prl_status read_uncertainty(const json_t *json, bool moving, prl_uncertainty *ret_uncertainty, prl_error *err)
{
	prl_uncertainty read = { 0 };
	if (!json)
		return PRL_OK;
	prl_status status = prl_fields_read(json, uncertainty_fields, true, &read, err);
	if (!status && !moving && (read.horizontal_growth_m_s > 0 || read.vertical_growth_m_s > 0))
		status = prl_error_set(err, PRL_E_UNSUPPORTED, "an area does not grow, expected no growth");
	if (status)
		return prl_error_at(err, status, "uncertainty");
	*ret_uncertainty = read;
	return PRL_OK;
}

/* ---- the object ---------------------------------------------------------------------------------------------- */

struct members {
	const char *id, *party, *name, *place;
	unsigned kind, edges, datum;
	prl_window window;
	const json_t *lower, *upper, *uncertainty, *vertices;
	double radius_m, half_width_m;
};

#define COMMON_FIELDS                                                                                                  \
	{ "id", PRL_FIELD_TEXT, false, offsetof(struct members, id), 1, PRL_MAX_ID_BYTES, NULL },                      \
	        { "party", PRL_FIELD_TEXT, false, offsetof(struct members, party), 0, PRL_MAX_NAME_BYTES, NULL },      \
	        { "name", PRL_FIELD_TEXT, false, offsetof(struct members, name), 0, PRL_MAX_NAME_BYTES, NULL },        \
	        { "kind", PRL_FIELD_WORD, false, offsetof(struct members, kind), 0, 0, kind_words },                   \
	        { "uncertainty", PRL_FIELD_OBJECT, false, offsetof(struct members, uncertainty), 0, 0, NULL }

static const prl_field area_fields[] = {
	COMMON_FIELDS,
	{ "from", PRL_FIELD_TIME, false, offsetof(struct members, window.from), 0, 0, NULL },
	{ "to", PRL_FIELD_TIME, false, offsetof(struct members, window.to), 0, 0, NULL },
	{ "lower", PRL_FIELD_OBJECT, false, offsetof(struct members, lower), 0, 0, NULL },
	{ "upper", PRL_FIELD_OBJECT, false, offsetof(struct members, upper), 0, 0, NULL },
	{ "radius_m", PRL_FIELD_NUMBER, false, offsetof(struct members, radius_m), 0, 10000000, NULL },
	{ "half_width_m", PRL_FIELD_NUMBER, false, offsetof(struct members, half_width_m), 0, 1000000, NULL },
	{ "edges", PRL_FIELD_WORD, false, offsetof(struct members, edges), 0, 0, edges_words },
	{ "place", PRL_FIELD_TEXT, false, offsetof(struct members, place), 1, PRL_POSITION_TEXT_MAX, NULL },
	{ "vertices", PRL_FIELD_LIST, false, offsetof(struct members, vertices), 0, 0, NULL },
	{ 0 },
};

static const prl_field moving_fields[] = {
	COMMON_FIELDS,
	{ "datum", PRL_FIELD_WORD, false, offsetof(struct members, datum), 0, 0, datum_words },
	{ 0 },
};

const char *prl_feature_id(const json_t *feature, char number_text[32])
{
	const json_t *parley = json_object_get(json_object_get(feature, "properties"), "parley");
	const json_t *id = json_object_get(parley, "id");
	if (!json_is_string(id))
		id = json_object_get(feature, "id");
	if (json_is_integer(id))
		snprintf(number_text, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
	else if (json_is_real(id))
		snprintf(number_text, 32, "%.17g", json_real_value(id));
	return json_is_number(id) ? number_text : json_string_value(id);
}

/* RFC 7946 section 3.2: the id of a feature is a string or a number. */
static prl_status read_id(const json_t *feature, const struct members *m, prl_properties *p, prl_error *err)
{
	static const prl_field field[] = { { "id", PRL_FIELD_TEXT, true, 0, 1, PRL_MAX_ID_BYTES, NULL }, { 0 } };
	if (m->id || json_is_number(json_object_get(feature, "id"))) {
		p->id = m->id ? m->id : prl_feature_id(feature, p->id_text);
		return PRL_OK;
	}
	const json_t *id = json_object_get(feature, "id");
	if (!id || json_is_null(id))
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "has no id, expected \"id\" in the parley properties or in the feature");
	return prl_fields_read(feature, field, false, &p->id, err);
}

static prl_status read_members(const json_t *feature, const json_t *parley, bool moving, prl_properties *p,
                               prl_error *err)
{
	struct members m = { .kind = p->kind,
		             .edges = NOT_STATED,
		             .datum = PRL_DATUM_W84,
		             .window = { PRL_TIME_OPEN_START, PRL_TIME_OPEN_END },
		             .radius_m = (double)NAN,
		             .half_width_m = (double)NAN };
	prl_status status = parley ? prl_fields_read(parley, moving ? moving_fields : area_fields, true, &m, err) : PRL_OK;
	if (!status && m.window.from > m.window.to)
		status = prl_error_set(err, PRL_E_RANGE, "\"from\" is after \"to\", expected from <= to");
	if (!status)
		status = read_band(m.lower, m.upper, &p->band, err);
	if (!status)
		status = read_uncertainty(m.uncertainty, moving, &p->uncertainty, err);
	if (status)
		return prl_error_at(err, status, "parley");
	p->party = m.party;
	p->name = m.name;
	p->kind = (prl_kind)m.kind;
	p->window = m.window;
	p->band.accuracy_m = p->uncertainty.vertical_m;
	p->radius_m = m.radius_m;
	p->half_width_m = m.half_width_m;
	p->place = m.place;
	p->vertices = m.vertices;
	p->edges = m.edges != NOT_STATED ? (prl_edges)m.edges : m.vertices ? PRL_EDGES_GEODESIC : PRL_EDGES_LONLAT;
	p->datum = (prl_datum)m.datum;
	return read_id(feature, &m, p, err);
}

static const json_t *parley_object(const json_t *feature)
{
	const json_t *parley = json_object_get(json_object_get(feature, "properties"), "parley");
	return json_is_null(parley) ? NULL : parley;
}

prl_status prl_properties_area(const json_t *feature, prl_properties *ret_properties, prl_error *err)
{
	const json_t *parley = parley_object(feature);
	*ret_properties = (prl_properties){ .kind = PRL_KIND_UNKNOWN };
	if (!parley)
		return prl_error_set(err, PRL_E_SYNTAX,
		                     "has no \"parley\" in its properties, expected an object with id, kind, from, to, …");
	return read_members(feature, parley, false, ret_properties, err);
}

prl_status prl_properties_moving(const json_t *feature, prl_properties *ret_properties, prl_error *err)
{
	*ret_properties = (prl_properties){ .kind = PRL_KIND_FLIGHT };
	return read_members(feature, parley_object(feature), true, ret_properties, err);
}
