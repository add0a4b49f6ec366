#include "formats/coordinates.h"

#include "base/error.h"
#include "formats/field.h"

/* Finds what kept a list of numbers from being lifted. */
static prl_status explain_numbers(const json_t *value, unsigned level, prl_error *err)
{
	if (level == 0 && json_is_number(value))
		return PRL_OK;
	if (level == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "is %s, expected a number", prl_json_what(value));
	if (!json_is_array(value) || json_array_size(value) == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "is %s, expected a list of %s", prl_json_what(value),
		                     level == 1 ? "numbers" : level == 2 ? "positions" : "lists");
	for (size_t i = 0; i < json_array_size(value); i++) {
		prl_status status = explain_numbers(json_array_get(value, i), level - 1, err);
		if (status)
			return prl_error_at(err, status, level == 1 ? "number %zu" : level == 2 ? "position %zu" : "list %zu", i);
	}
	return PRL_OK;
}

prl_status prl_coordinates_get(const prl_lift *lift, const json_t *geometry, unsigned level,
                               const prl_numbers **ret_numbers, prl_error *err)
{
	const json_t *value = json_object_get(geometry, "coordinates");
	const prl_numbers *numbers = prl_lift_numbers(lift, value);
	if (!numbers) {
		prl_status status = explain_numbers(value, level, err);
		if (!status) /* nested as it should be, but spelled "coordin\u0061tes": nobody does that in good faith */
			status = prl_error_set(err, PRL_E_SYNTAX, "cannot be read as lists of numbers");
		return prl_error_at(err, status, "coordinates");
	}
	if (numbers->level != level) {
		prl_error_set(err, PRL_E_SYNTAX, "lists nested %u deep, expected %u", numbers->level, level);
		return prl_error_at(err, PRL_E_SYNTAX, "coordinates");
	}
	*ret_numbers = numbers;
	return PRL_OK;
}

static prl_status explain_instant(const json_t *value, prl_error *err)
{
	prl_time t;
	if (json_is_string(value))
		return prl_time_parse(json_string_value(value), json_string_length(value), &t, err);
	if (!json_is_number(value))
		return prl_error_set(err, PRL_E_SYNTAX, "is %s, expected a time or milliseconds since 1970",
		                     prl_json_what(value));
	if (!prl_lift_milliseconds(json_number_value(value), &t))
		return prl_error_set(err, PRL_E_RANGE, "%.17g ms is outside the years 1678 to 2261",
		                     json_number_value(value));
	return PRL_OK;
}

prl_status prl_datetimes_get(const prl_lift *lift, const json_t *value, const prl_instants **ret_instants,
                             prl_error *err)
{
	const prl_instants *instants = prl_lift_instants(lift, value);
	if (instants) {
		*ret_instants = instants;
		return PRL_OK;
	}
	if (!json_is_array(value) || json_array_size(value) == 0)
		return prl_error_set(err, PRL_E_SYNTAX, "\"datetimes\" is %s, expected a list of times",
		                     prl_json_what(value));
	for (size_t i = 0; i < json_array_size(value); i++) {
		prl_status status = explain_instant(json_array_get(value, i), err);
		if (status)
			return prl_error_at(err, status, "datetimes: time %zu", i);
	}
	return prl_error_set(err, PRL_E_SYNTAX, "\"datetimes\" cannot be read as a list of times");
}
