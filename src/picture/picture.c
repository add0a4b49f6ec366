#include "picture/picture.h"

#include "base/error.h"
#include "base/text.h"
#include "picture/state.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define JOURNAL_KEPT 65536u /* changes for which room is kept: more than a batch makes */

/* ---- making and registering -------------------------------------------------------------------------------------- */

prl_status prl_picture_new(const char *own_log, prl_picture **ret, prl_error *err)
{
	size_t length = own_log ? strlen(own_log) : 0;
	if (length > PRL_KEY_NAME_MAX)
		return prl_error_set(err, PRL_E_RANGE, "a log's name of %zu bytes; it has at most %d", length,
				     PRL_KEY_NAME_MAX);
	if (sodium_init() < 0)
		return prl_error_set(err, PRL_E_IO, "libsodium cannot start");
	prl_picture *picture = calloc(1, sizeof *picture);
	if (!picture)
		return prl_error_memory(err);
	if (length)
		memcpy(picture->own_log, own_log, length);
	picture->working = 1;
	pthread_mutex_init(&picture->pin_lock, NULL);
	prl_status status = prl_kinds_add(picture, err);
	if (status) {
		prl_picture_free(picture);
		return status;
	}
	*ret = picture;
	return PRL_OK;
}

static prl_change *change_at(prl_picture *picture, size_t i)
{
	return &picture->changes[(picture->change_first + i) % picture->change_room];
}

void prl_picture_free(prl_picture *picture)
{
	if (!picture)
		return;
	for (size_t i = 0; i < picture->table_count; i++)
		prl_table_done(&picture->tables[i]);
	for (size_t i = 0; i < picture->kind_count; i++)
		prl_schema_free(picture->kinds[i].schema);
	pthread_mutex_destroy(&picture->pin_lock);
	free(picture->changes);
	free(picture->pins);
	free(picture);
}

void prl_picture_take_gaps(prl_picture *picture)
{
	picture->gaps = !picture->own_log[0];
}

void prl_picture_set_home(prl_picture *picture, prl_home_fn *fn, void *context)
{
	picture->home = fn;
	picture->home_context = context;
}

prl_status prl_act_home(prl_picture *picture, const prl_act *act, prl_home *ret, prl_error *err)
{
	if (!act->local || !picture->home)
		return prl_error_set(err, PRL_E_NOT_FOUND, "nothing is kept beside entry %llu of %s here",
				     (unsigned long long)act->index, act->log);
	return picture->home(picture->home_context, act->index, ret, err);
}

const char *prl_picture_own_log(const prl_picture *picture)
{
	return picture->own_log;
}

prl_status prl_picture_add_noun(prl_picture *picture, const prl_noun *noun, unsigned *ret_table, prl_error *err)
{
	if (picture->table_count == PRL_MAX_TABLES)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u nouns", PRL_MAX_TABLES);
	prl_status status = prl_table_init(&picture->tables[picture->table_count], noun, err);
	if (status)
		return status;
	*ret_table = (unsigned)picture->table_count++;
	return PRL_OK;
}

/* Whoever asks often asks with the very text that was registered. */
bool prl_picture_table(const prl_picture *picture, const char *noun, unsigned *ret_table)
{
	size_t i = 0;
	while (i < picture->table_count && picture->tables[i].noun.name != noun)
		i++;
	if (i == picture->table_count)
		for (i = 0; i < picture->table_count && strcmp(picture->tables[i].noun.name, noun) != 0;)
			i++;
	*ret_table = (unsigned)i;
	return i < picture->table_count;
}

/* Where a kind stands or would stand. */
static size_t kind_place(const prl_picture *picture, prl_bytes name)
{
	size_t low = 0, high = picture->kind_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const char *other = picture->kinds[middle].kind.name;
		size_t length = strlen(other), shorter = length < name.size ? length : name.size;
		int order = memcmp(other, name.data, shorter);
		if (order < 0 || (order == 0 && length < name.size))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const prl_kind_entry *prl_picture_kind_entry(const prl_picture *picture, prl_bytes name)
{
	size_t i = name.data ? kind_place(picture, name) : picture->kind_count;
	return i < picture->kind_count && prl_bytes_is(name, picture->kinds[i].kind.name) ? &picture->kinds[i] : NULL;
}

const prl_act_kind *prl_picture_kind(const prl_picture *picture, prl_bytes name)
{
	const prl_kind_entry *entry = prl_picture_kind_entry(picture, name);
	return entry ? &entry->kind : NULL;
}

static prl_status add_kind(prl_picture *picture, const prl_act_kind *kind, prl_error *err)
{
	char file[160];
	prl_schema *schema;
	prl_bytes name = prl_bytes_of(kind->name);
	if (picture->kind_count == PRL_MAX_KINDS || name.size > 100)
		return prl_error_set(err, PRL_E_TOO_LARGE, "kind %s: more than %u kinds, or a long name", kind->name,
				     PRL_MAX_KINDS);
	if (prl_picture_kind(picture, name))
		return prl_error_set(err, PRL_E_DUPLICATE, "kind %s was registered before", kind->name);
	snprintf(file, sizeof file, "entry/%s.json", kind->name);
	prl_status status = prl_schema_open(file, &schema, err);
	if (status)
		return status;
	size_t place = kind_place(picture, name);
	memmove(&picture->kinds[place + 1], &picture->kinds[place],
		(picture->kind_count - place) * sizeof *picture->kinds);
	picture->kinds[place] = (prl_kind_entry){ *kind, schema };
	picture->kind_count++;
	return PRL_OK;
}

prl_status prl_picture_add_kinds(prl_picture *picture, const prl_act_kind *kinds, size_t count, prl_error *err)
{
	for (size_t i = 0; i < count; i++) {
		prl_status status = add_kind(picture, &kinds[i], err);
		if (status)
			return status;
	}
	return PRL_OK;
}

/* ---- tables ------------------------------------------------------------------------------------------------------ */

const void *prl_picture_find(prl_picture *picture, prl_version version, unsigned table, prl_bytes key)
{
	return prl_table_find(&picture->tables[table], version, key);
}

size_t prl_picture_count(prl_picture *picture, prl_version version, unsigned table)
{
	return prl_table_count(&picture->tables[table], version);
}

prl_status prl_picture_each(prl_picture *picture, prl_version version, unsigned table, prl_each_fn *fn, void *context,
			    prl_error *err)
{
	prl_found *found;
	size_t count;
	prl_status status = prl_table_collect(&picture->tables[table], version, &found, &count, err);
	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		if (!fn(context, (prl_bytes){ found[i].slot->key, found[i].slot->key_size }, found[i].value))
			break;
	free(found);
	return PRL_OK;
}

static bool reserve_change(prl_picture *picture)
{
	if (picture->change_count < picture->change_room)
		return true;
	size_t room = picture->change_room ? 2 * picture->change_room : 256;
	prl_change *changes = prl_array_new(room, sizeof *changes);
	if (!changes)
		return false;
	for (size_t i = 0; i < picture->change_count; i++)
		changes[i] = *change_at(picture, i);
	free(picture->changes);
	picture->changes = changes;
	picture->change_room = room;
	picture->change_first = 0;
	return true;
}

static prl_status set(prl_picture *picture, unsigned table, prl_bytes key, void *value, prl_error *err)
{
	prl_change change;
	if (!reserve_change(picture))
		return prl_error_memory(err);
	prl_status status = prl_table_set(&picture->tables[table], picture->working, key, value, &change, err);
	if (status)
		return status;
	if (change.in_place && !picture->in_act)
		prl_table_settle(&change);
	else
		*change_at(picture, picture->change_count++) = change;
	return PRL_OK;
}

prl_status prl_picture_put(prl_picture *picture, unsigned table, prl_bytes key, void *value, prl_error *err)
{
	prl_status status = value ? set(picture, table, key, value, err) : prl_error_memory(err);
	if (status && value)
		picture->tables[table].noun.free(value);
	return status;
}

prl_status prl_picture_remove(prl_picture *picture, unsigned table, prl_bytes key, prl_error *err)
{
	if (!prl_table_find(&picture->tables[table], PRL_VERSION_WORKING, key))
		return prl_error_set(err, PRL_E_NOT_FOUND, "no such %s", picture->tables[table].noun.name);
	return set(picture, table, key, NULL, err);
}

/* ---- versions ---------------------------------------------------------------------------------------------------- */

void prl_picture_begin_act(prl_picture *picture)
{
	picture->in_act = true;
	picture->kept = picture->change_count;
}

void prl_picture_keep_act(prl_picture *picture)
{
	size_t kept = picture->kept;
	for (size_t i = kept; i < picture->change_count; i++) {
		prl_change *change = change_at(picture, i);
		if (change->in_place)
			prl_table_settle(change);
		else
			*change_at(picture, kept++) = *change;
	}
	picture->change_count = kept;
	picture->in_act = false;
}

static void undo_to(prl_picture *picture, size_t count)
{
	while (picture->change_count > count)
		prl_table_undo(change_at(picture, --picture->change_count));
}

void prl_picture_undo_act(prl_picture *picture)
{
	undo_to(picture, picture->kept);
	picture->in_act = false;
}

/* The oldest version that anybody sees or will see. */
static prl_version horizon_of(prl_picture *picture)
{
	pthread_mutex_lock(&picture->pin_lock);
	prl_version horizon = picture->published;
	for (size_t i = 0; i < picture->pin_count; i++)
		if (picture->pins[i].version < horizon)
			horizon = picture->pins[i].version;
	pthread_mutex_unlock(&picture->pin_lock);
	return horizon;
}

/* Each change is trimmed once: what a batch costs here is what the batches before it changed. */
static void trim(prl_picture *picture)
{
	prl_version horizon = horizon_of(picture);
	while (picture->change_count && change_at(picture, 0)->version <= horizon) {
		prl_table_trim(change_at(picture, 0), horizon);
		picture->change_first = (picture->change_first + 1) % picture->change_room;
		picture->change_count--;
	}
	if (picture->change_count == 0 && picture->change_room > JOURNAL_KEPT) { /* after a load: 40 bytes an object */
		free(picture->changes);
		picture->changes = NULL;
		picture->change_first = picture->change_room = 0;
	}
}

prl_version prl_picture_seal(prl_picture *picture)
{
	trim(picture);
	return picture->working++;
}

void prl_picture_publish(prl_picture *picture, prl_version version)
{
	pthread_mutex_lock(&picture->pin_lock);
	if (version > picture->published)
		picture->published = version;
	pthread_mutex_unlock(&picture->pin_lock);
}

void prl_picture_rollback(prl_picture *picture)
{
	pthread_mutex_lock(&picture->pin_lock);
	prl_version published = picture->published;
	pthread_mutex_unlock(&picture->pin_lock);
	size_t kept = picture->change_count;
	while (kept && change_at(picture, kept - 1)->version > published)
		kept--;
	undo_to(picture, kept);
	picture->in_act = false;
	picture->working++; /* no number is used twice */
}

prl_version prl_picture_pin(prl_picture *picture)
{
	pthread_mutex_lock(&picture->pin_lock);
	prl_version version = picture->published;
	size_t i = 0;
	while (i < picture->pin_count && picture->pins[i].version != version)
		i++;
	if (i == picture->pin_room) {
		size_t room = i ? 2 * i : 16;
		prl_pin *pins = prl_array_resize(picture->pins, room, sizeof *pins);
		if (!pins)
			abort(); /* a pin has no way to fail; 16 bytes a version that is pinned at once */
		picture->pins = pins;
		picture->pin_room = room;
	}
	if (i == picture->pin_count)
		picture->pins[picture->pin_count++] = (prl_pin){ version, 0 };
	picture->pins[i].count++;
	pthread_mutex_unlock(&picture->pin_lock);
	return version;
}

prl_version prl_picture_oldest(prl_picture *picture)
{
	pthread_mutex_lock(&picture->pin_lock);
	prl_version oldest = picture->published;
	for (size_t i = 0; i < picture->pin_count; i++)
		if (picture->pins[i].version < oldest)
			oldest = picture->pins[i].version;
	pthread_mutex_unlock(&picture->pin_lock);
	return oldest;
}

void prl_picture_unpin(prl_picture *picture, prl_version version)
{
	pthread_mutex_lock(&picture->pin_lock);
	for (size_t i = 0; i < picture->pin_count; i++) {
		if (picture->pins[i].version == version && --picture->pins[i].count == 0) {
			picture->pins[i] = picture->pins[--picture->pin_count];
			break;
		}
	}
	pthread_mutex_unlock(&picture->pin_lock);
}
