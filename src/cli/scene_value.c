#include "cli/scene_value.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------- */

static prl_status resolve_text(const json_t *value, const json_t *names, json_t **ret, prl_error *err)
{
	const char *text = json_string_value(value);
	const json_t *found = text[0] == '@' ? json_object_get(names, text + 1) : NULL;
	if (text[0] != '@')
		*ret = json_deep_copy(value);
	else if (text[1] == '@')
		*ret = json_string(text + 1);
	else if (found)
		*ret = json_deep_copy(found);
	else
		return prl_error_set(err, PRL_E_NOT_FOUND, "nothing is called \"%.60s\" so far", text);
	return *ret ? PRL_OK : prl_error_memory(err);
}

static prl_status resolve_object(const json_t *value, const json_t *names, json_t **ret, prl_error *err)
{
	json_t *object = json_object(), *one, *copy;
	const char *name;
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		prl_status st = scene_resolve(one, names, &copy, err);
		if (st) {
			json_decref(object);
			return prl_error_at(err, st, "/%.60s", name);
		}
		json_object_set_new(object, name, copy);
	}
	*ret = object;
	return PRL_OK;
}

static prl_status resolve_array(const json_t *value, const json_t *names, json_t **ret, prl_error *err)
{
	json_t *array = json_array(), *one, *copy;
	size_t i;
	json_array_foreach(value, i, one)
	{
		prl_status st = scene_resolve(one, names, &copy, err);
		if (st) {
			json_decref(array);
			return prl_error_at(err, st, "/%zu", i);
		}
		json_array_append_new(array, copy);
	}
	*ret = array;
	return PRL_OK;
}

prl_status scene_resolve(const json_t *value, const json_t *names, json_t **ret, prl_error *err)
{
	if (json_is_string(value))
		return resolve_text(value, names, ret, err);
	if (json_is_object(value))
		return resolve_object(value, names, ret, err);
	if (json_is_array(value))
		return resolve_array(value, names, ret, err);
	*ret = json_deep_copy(value);
	return *ret ? PRL_OK : prl_error_memory(err);
}

/* ---- places ------------------------------------------------------------------------------------------------------ */

/* The next step of a pointer, with ~1 and ~0 read; false where it is too long. */
static bool next_step(const char **at, char step[200])
{
	size_t n = 0;
	for ((*at)++; **at && **at != '/'; (*at)++) {
		char c = **at;
		if (c == '~' && ((*at)[1] == '0' || (*at)[1] == '1'))
			c = *++(*at) == '0' ? '~' : '/';
		if (n == 199)
			return false;
		step[n++] = c;
	}
	step[n] = 0;
	return true;
}

const json_t *scene_pointer(const json_t *json, const char *pointer)
{
	char step[200];
	while (json && *pointer == '/' && next_step(&pointer, step)) {
		char *end;
		unsigned long index = strtoul(step, &end, 10);
		if (json_is_array(json))
			json = step[0] && !*end ? json_array_get(json, index) : NULL;
		else
			json = json_object_get(json, step);
	}
	return json;
}

/* ---- conditions -------------------------------------------------------------------------------------------------- */

static bool is_time(const json_t *value, prl_time *ret)
{
	const char *text = json_string_value(value);
	return text && prl_time_parse(text, strlen(text), ret, NULL) == PRL_OK;
}

/* -1, 0, 1; 2 where the two cannot be ordered. */
static int compare(const json_t *a, const json_t *b)
{
	prl_time ta, tb;
	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);
		return x < y ? -1 : x > y;
	}
	if (is_time(a, &ta) && is_time(b, &tb))
		return ta < tb ? -1 : ta > tb;
	if (json_is_string(a) && json_is_string(b)) {
		int order = strcmp(json_string_value(a), json_string_value(b));
		return order < 0 ? -1 : order > 0;
	}
	return a && json_equal(a, b) ? 0 : 2;
}

static bool contains(const json_t *found, const json_t *part)
{
	const json_t *one;
	size_t i;
	if (json_is_string(found) && json_is_string(part))
		return strstr(json_string_value(found), json_string_value(part)) != NULL;
	json_array_foreach(found, i, one) if (compare(one, part) == 0) return true;
	return false;
}

static bool is_there(const json_t *found)
{
	return found && !json_is_null(found);
}

static bool holds_one(const json_t *found, const char *name, const json_t *value, bool *ret_known)
{
	int order = compare(found, value);
	*ret_known = true;
	if (!strcmp(name, "=="))
		return order == 0;
	if (!strcmp(name, "!="))
		return order != 0;
	if (!strcmp(name, "<"))
		return order == -1;
	if (!strcmp(name, "<="))
		return order == -1 || order == 0;
	if (!strcmp(name, ">"))
		return order == 1;
	if (!strcmp(name, ">="))
		return order == 1 || order == 0;
	if (!strcmp(name, "has"))
		return contains(found, value);
	if (!strcmp(name, "lacks"))
		return !contains(found, value);
	if (!strcmp(name, "there"))
		return is_there(found) == json_is_true(value);
	*ret_known = false;
	return false;
}

static void say_why(char why[SCENE_WHY_MAX], const char *what, const json_t *expected, const json_t *found)
{
	char *a = json_dumps(expected, JSON_COMPACT | JSON_ENCODE_ANY);
	char *b = found ? json_dumps(found, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	snprintf(why, SCENE_WHY_MAX, "expected %s%s%.200s, found %.300s", what, *what ? " " : "", a ? a : "?",
		 b ? b : "nothing");
	free(a);
	free(b);
}

static prl_status count_holds(const json_t *found, const json_t *condition, bool *ret, char why[SCENE_WHY_MAX],
			      prl_error *err)
{
	json_t *count =
		json_integer((json_int_t)(json_is_array(found) ? json_array_size(found) : json_object_size(found)));
	prl_status st = scene_holds(count, condition, ret, why, err);
	json_decref(count);
	return st;
}

prl_status scene_holds(const json_t *found, const json_t *condition, bool *ret, char why[SCENE_WHY_MAX], prl_error *err)
{
	const char *name;
	json_t *value;
	*ret = true;
	if (!json_is_object(condition)) {
		*ret = json_is_null(condition) ? !is_there(found) : compare(found, condition) == 0;
		if (!*ret)
			say_why(why, "", condition, found);
		return PRL_OK;
	}
	json_object_foreach((json_t *)(uintptr_t)condition, name, value)
	{
		bool known = true;
		if (!strcmp(name, "count")) {
			prl_status st = count_holds(found, value, ret, why, err);
			if (st || !*ret)
				return st;
			continue;
		}
		*ret = holds_one(found, name, value, &known);
		if (!known)
			return prl_error_set(err, PRL_E_SYNTAX,
					     "\"%.40s\" is no comparison; expected ==, !=, <, <=, >, >=, has, lacks, "
					     "there or count",
					     name);
		if (!*ret) {
			say_why(why, name, value, found);
			return PRL_OK;
		}
	}
	return PRL_OK;
}

prl_status scene_all_hold(const json_t *found, const json_t *conditions, bool *ret, char why[SCENE_WHY_MAX],
			  prl_error *err)
{
	const char *pointer;
	json_t *condition;
	char reason[SCENE_WHY_MAX] = "";
	*ret = true;
	json_object_foreach((json_t *)(uintptr_t)conditions, pointer, condition)
	{
		prl_status st = scene_holds(scene_pointer(found, pointer), condition, ret, reason, err);
		if (st)
			return prl_error_at(err, st, "%.100s", pointer);
		if (*ret)
			continue;
		snprintf(why, SCENE_WHY_MAX, "%.80s: %.500s", pointer, reason);
		return PRL_OK;
	}
	return PRL_OK;
}
