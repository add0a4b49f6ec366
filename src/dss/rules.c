#include "base/error.h"
#include "base/limits.h"
#include "dss/request.h"
#include "formats/field.h"

#define MOST_KM2 600e6 /* more than the earth has */
#define YEAR     366.0

struct settings {
	double area_km2, vertices, found, intent_days, constraint_days, duration_hours;
};

static const prl_field fields[] = {
	{ "area_max_km2", PRL_FIELD_NUMBER, false, offsetof(struct settings, area_km2), 0, MOST_KM2, NULL },
	{ "vertices_max", PRL_FIELD_NUMBER, false, offsetof(struct settings, vertices), 3, 100000, NULL },
	{ "found_max", PRL_FIELD_NUMBER, false, offsetof(struct settings, found), 1, PRL_DSS_FOUND_MOST, NULL },
	{ "intent_horizon_days", PRL_FIELD_NUMBER, false, offsetof(struct settings, intent_days), 0, YEAR, NULL },
	{ "constraint_horizon_days", PRL_FIELD_NUMBER, false, offsetof(struct settings, constraint_days), 0, YEAR,
	  NULL },
	{ "duration_hours", PRL_FIELD_NUMBER, false, offsetof(struct settings, duration_hours), 0, YEAR * 24, NULL },
	{ 0 },
};

prl_dss_rules prl_dss_rules_default(void)
{
	return (prl_dss_rules){ .area_max_m2 = 2500e6,
				.vertices_max = PRL_DSS_VERTICES_MAX,
				.found_max = PRL_DSS_FOUND_MAX };
}

static prl_time hours(double count)
{
	return (prl_time)(count * 3600) * PRL_SECOND;
}

prl_status prl_dss_rules_read(const json_t *settings, prl_dss_rules *ret, prl_error *err)
{
	const prl_dss_rules from = prl_dss_rules_default();
	struct settings s = { .area_km2 = from.area_max_m2 / 1e6,
			      .vertices = from.vertices_max,
			      .found = from.found_max };
	if (settings && !json_is_null(settings)) {
		prl_status status =
			json_is_object(settings)
				? prl_fields_read(settings, fields, true, &s, err)
				: prl_error_set(err, PRL_E_SYNTAX, "%s, expected an object", prl_json_what(settings));
		if (status)
			return prl_error_at(err, status, "node.json, \"dss\"");
	}
	*ret = (prl_dss_rules){ .area_max_m2 = s.area_km2 * 1e6,
				.vertices_max = (uint32_t)s.vertices,
				.found_max = (uint32_t)s.found,
				.intent_horizon = hours(24 * s.intent_days),
				.constraint_horizon = hours(24 * s.constraint_days),
				.duration = hours(s.duration_hours) };
	return PRL_OK;
}
