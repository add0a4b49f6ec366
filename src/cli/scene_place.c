/* Names of places in a scenario: found in its gazetteer when an act is written, as the verbs that file notices do. */
#include "cli/scene.h"

#include "base/error.h"
#include "base/text.h"
#include "cli/home.h"

#include <stdio.h>
#include <string.h>

#define CANDIDATES_MAX 8

/* A row of the head as a line of the file: fields parted by tabs. */
static prl_status add_row(const json_t *row, prl_buffer *to, prl_error *err)
{
	const json_t *field;
	size_t i;
	if (!json_is_array(row))
		return prl_error_set(err, PRL_E_SYNTAX, "expected an array of seven fields, as in line/gazetteer.h");
	json_array_foreach(row, i, field)
	{
		(void)prl_buffer_printf(to, "%s", i ? "\t" : "");
		if (json_is_string(field))
			(void)prl_buffer_printf(to, "%s", json_string_value(field));
		else if (json_is_number(field))
			(void)prl_buffer_printf(to, "%.9g", json_number_value(field));
	}
	return prl_buffer_printf(to, "\n") ? PRL_OK : prl_error_memory(err);
}

prl_status scene_places_open(scene_player *p, prl_error *err)
{
	const json_t *rows = json_object_get(p->file.lines[0].json, "gazetteer"), *row;
	PRL_CLEANUP(prl_buffer_done) prl_buffer text = PRL_BUFFER(SCENE_FILE_MAX);
	prl_status st = PRL_OK;
	size_t i;
	if (!rows)
		return PRL_OK;
	json_array_foreach(rows, i, row)
	{
		st = add_row(row, &text, err);
		if (st)
			return prl_error_at(err, st, "/gazetteer/%zu", i);
	}
	prl_bytes bytes = { text.data ? text.data : "", text.size };
	st = prl_gazetteer_read(bytes, &p->places, err);
	if (st)
		return prl_error_at(err, st, "/gazetteer");
	for (size_t n = 0; n < p->world.node_count && !st; n++)
		st = prl_home_write(p->world.nodes[n].folder, PRL_GAZETTEER_FILE, bytes, 0644, err);
	return st;
}

static prl_status which(const char *name, const prl_gazetteer_place *const *found, size_t count, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer all = PRL_BUFFER(2000);
	for (size_t i = 0; i < count && i < CANDIDATES_MAX; i++)
		(void)prl_buffer_printf(&all, "%s%.*s (%.*s)", i ? ", " : "", (int)found[i]->name.size,
					found[i]->name.data, (int)found[i]->kind.size, found[i]->kind.data);
	return prl_error_set(err, PRL_E_AMBIGUOUS, "%.80s: which of %zu is meant? %.200s", name, count,
			     all.size ? all.data : "");
}

/* One place is what is meant; of several a person has to choose, so the act is not written; a name that nobody knows
 * stays a name. */
static prl_status find(const scene_player *p, json_t *value, const char *name, prl_error *err)
{
	const prl_gazetteer_place *found[CANDIDATES_MAX];
	size_t count = 0;
	if (p->places)
		prl_gazetteer_find(p->places, prl_bytes_of(name), found, CANDIDATES_MAX, &count);
	if (count > 1)
		return which(name, found, count, err);
	json_object_set_new(value, "name", json_string(name));
	if (count == 1)
		json_object_set_new(value, "gazetteer", prl_gazetteer_json(found[0]));
	json_object_del(value, "$place");
	return PRL_OK;
}

prl_status scene_places_find(const scene_player *p, json_t *value, prl_error *err)
{
	const json_t *place = json_object_get(value, "$place");
	const char *name;
	json_t *one;
	size_t i;
	prl_status st = PRL_OK;
	if (json_is_string(place)) {
		char text[PRL_NAME_BYTES_MAX];
		snprintf(text, sizeof text, "%s", json_string_value(place));
		return find(p, value, text, err);
	}
	json_object_foreach(value, name, one) st = st ? st : scene_places_find(p, one, err);
	json_array_foreach(value, i, one) st = st ? st : scene_places_find(p, one, err);
	return st;
}
