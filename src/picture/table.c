#include "picture/table.h"

#include "base/error.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

/* ---- buckets ----------------------------------------------------------------------------------------------------- */

static uint64_t hash_of(const prl_table *table, prl_bytes key)
{
	unsigned char out[crypto_shorthash_BYTES];
	uint64_t hash;
	crypto_shorthash(out, (const unsigned char *)key.data, key.size, table->seed);
	memcpy(&hash, out, sizeof hash);
	return hash;
}

static prl_slot **bucket_at(const prl_table *table, size_t bucket)
{
	return &table->segments[bucket / PRL_SEGMENT][bucket % PRL_SEGMENT];
}

/* Buckets from low on are those that were split already: they take one bit more of the hash. */
static prl_slot **bucket_of(const prl_table *table, prl_bytes key)
{
	uint64_t hash = hash_of(table, key);
	size_t bucket = hash & (2 * table->low - 1);
	return bucket_at(table, bucket < table->buckets ? bucket : hash & (table->low - 1));
}

static bool key_is(const prl_slot *slot, prl_bytes key)
{
	return slot->key_size == key.size && (!key.size || memcmp(slot->key, key.data, key.size) == 0);
}

static prl_slot *slot_find(const prl_table *table, prl_bytes key)
{
	prl_slot *slot = *bucket_of(table, key);
	while (slot && !key_is(slot, key))
		slot = slot->next;
	return slot;
}

/* Makes room for one bucket more; the only thing about growing that can fail. */
static bool reserve_bucket(prl_table *table)
{
	size_t segment = table->buckets / PRL_SEGMENT;
	if (segment == table->segment_room) {
		prl_slot ***segments = prl_array_resize(table->segments, 2 * segment, sizeof *segments);
		if (!segments)
			return false;
		memset(segments + segment, 0, segment * sizeof *segments);
		table->segments = segments;
		table->segment_room = 2 * segment;
	}
	if (!table->segments[segment])
		table->segments[segment] = calloc(PRL_SEGMENT, sizeof **table->segments);
	return table->segments[segment] != NULL;
}

/* Splits the next bucket when there are more than three slots to two buckets. Slots move to the new, last bucket only:
 * prl_table_collect() hangs on that. */
static void grow(prl_table *table)
{
	if (table->slots <= table->buckets + table->buckets / 2 || !reserve_bucket(table))
		return;
	size_t added = table->buckets++;
	prl_slot **from = bucket_at(table, added - table->low), **to = bucket_at(table, added);
	while (*from) {
		prl_slot *slot = *from;
		prl_bytes key = { slot->key, slot->key_size };
		if ((hash_of(table, key) & (2 * table->low - 1)) == added) {
			*from = slot->next;
			slot->next = *to;
			*to = slot;
		} else {
			from = &slot->next;
		}
	}
	if (table->buckets == 2 * table->low)
		table->low *= 2;
}

void prl_table_reserve(prl_table *table, size_t slots)
{
	pthread_rwlock_wrlock(&table->lock);
	while (table->slots == 0 && table->buckets < slots - slots / 3 && reserve_bucket(table)) {
		table->buckets++;
		if (table->buckets == 2 * table->low)
			table->low *= 2;
	}
	pthread_rwlock_unlock(&table->lock);
}

static void unlink_slot(prl_table *table, prl_slot *slot)
{
	prl_slot **link = bucket_of(table, (prl_bytes){ slot->key, slot->key_size });
	while (*link != slot)
		link = &(*link)->next;
	*link = slot->next;
	table->slots--;
}

static void free_value(const prl_table *table, void *value)
{
	if (value)
		table->noun.free(value);
}

static void free_pasts(const prl_table *table, prl_past *past)
{
	while (past) {
		prl_past *older = past->older;
		free_value(table, past->value);
		free(past);
		past = older;
	}
}

prl_status prl_table_init(prl_table *table, const prl_noun *noun, prl_error *err)
{
	pthread_rwlockattr_t attributes;
	*table = (prl_table){
		.noun = *noun, .segment_room = 1, .buckets = 1, .low = 1, .count_size = 1, .count_room = 4
	};
	table->segments = calloc(1, sizeof *table->segments);
	table->counts = calloc(table->count_room, sizeof *table->counts);
	if (!table->segments || !table->counts ||
	    !(table->segments[0] = calloc(PRL_SEGMENT, sizeof **table->segments)) ||
	    pthread_rwlockattr_init(&attributes) != 0) {
		free(table->segments);
		free(table->counts);
		return prl_error_memory(err);
	}
	/* A stream of readers must not keep the one writer out. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&table->lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	/* The one random thing here. It decides in which bucket a slot lies, which nothing that is read can show. */
	randombytes_buf(table->seed, sizeof table->seed);
	return PRL_OK;
}

static void free_slots(prl_table *table)
{
	for (size_t i = 0; i < table->buckets; i++) {
		for (prl_slot *slot = *bucket_at(table, i), *next; slot; slot = next) {
			next = slot->next;
			free_value(table, slot->value);
			free_pasts(table, slot->older);
			free(slot);
		}
	}
}

void prl_table_clear(prl_table *table)
{
	pthread_rwlock_wrlock(&table->lock);
	free_slots(table);
	for (size_t i = 0; i < table->buckets; i++)
		*bucket_at(table, i) = NULL;
	table->slots = 0;
	table->counts[0] = (struct prl_count){ 0, 0 };
	table->count_size = 1;
	pthread_rwlock_unlock(&table->lock);
}

void prl_table_done(prl_table *table)
{
	free_slots(table);
	for (size_t i = 0; i < table->segment_room; i++)
		free(table->segments[i]);
	free(table->segments);
	free(table->counts);
	pthread_rwlock_destroy(&table->lock);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const void *value_at(const prl_slot *slot, prl_version version)
{
	if (slot->born <= version)
		return slot->value;
	const prl_past *past = slot->older;
	while (past && past->born > version)
		past = past->older;
	return past ? past->value : NULL;
}

static void lock_read(prl_table *table, prl_version version)
{
	if (version != PRL_VERSION_WORKING)
		pthread_rwlock_rdlock(&table->lock);
}

static void unlock_read(prl_table *table, prl_version version)
{
	if (version != PRL_VERSION_WORKING)
		pthread_rwlock_unlock(&table->lock);
}

const void *prl_table_find(prl_table *table, prl_version version, prl_bytes key)
{
	lock_read(table, version);
	const prl_slot *slot = slot_find(table, key);
	const void *value = slot ? value_at(slot, version) : NULL;
	unlock_read(table, version);
	return value;
}

size_t prl_table_count(prl_table *table, prl_version version)
{
	lock_read(table, version);
	size_t i = table->count_size - 1;
	while (i > 0 && table->counts[i].version > version)
		i--;
	size_t count = table->counts[i].count;
	unlock_read(table, version);
	return count;
}

typedef struct found_list {
	prl_found *items;
	size_t size, room;
} found_list;

static bool found_add(found_list *list, const prl_slot *slot, const void *value)
{
	if (list->size == list->room) {
		size_t room = list->room ? 2 * list->room : 64;
		prl_found *items = prl_array_resize(list->items, room, sizeof *items);
		if (!items)
			return false;
		list->items = items;
		list->room = room;
	}
	unsigned char first[8] = { 0 };
	uint64_t prefix = 0;
	memcpy(first, slot->key, slot->key_size < 8 ? slot->key_size : 8);
	for (int i = 0; i < 8; i++)
		prefix = prefix << 8 | first[i];
	list->items[list->size++] = (prl_found){ prefix, slot, value };
	return true;
}

static int by_key(const void *a, const void *b)
{
	const prl_found *left = a, *right = b;
	if (left->prefix != right->prefix)
		return left->prefix < right->prefix ? -1 : 1;
	size_t n = left->slot->key_size, m = right->slot->key_size;
	int order = memcmp(left->slot->key, right->slot->key, n < m ? n : m);
	return order ? order : (n > m) - (n < m);
}

#define DIGITS 65536u

/* By the first two bytes into piles, then each pile: keys of a table that is large are hashes, and piles small enough
 * to be sorted within the cache. Where keys begin alike, or there is no memory for it, it is one pile. */
static void sort_found(found_list *list)
{
	size_t *places = list->size > DIGITS / 4 ? calloc(DIGITS + 1, sizeof *places) : NULL;
	prl_found *sorted = places ? prl_array_new(list->size, sizeof *sorted) : NULL;
	if (!sorted) {
		free(places);
		if (list->size > 1)
			qsort(list->items, list->size, sizeof *list->items, by_key);
		return;
	}
	for (size_t i = 0; i < list->size; i++)
		places[(list->items[i].prefix >> 48) + 1]++;
	for (size_t i = 1; i <= DIGITS; i++)
		places[i] += places[i - 1];
	for (size_t i = 0; i < list->size; i++) /* each place goes on to where the next pile begins */
		sorted[places[list->items[i].prefix >> 48]++] = list->items[i];
	for (size_t i = 0, from = 0; i < DIGITS; from = places[i++])
		if (places[i] - from > 1)
			qsort(sorted + from, places[i] - from, sizeof *sorted, by_key);
	free(places);
	free(list->items);
	list->items = sorted;
	list->room = list->size;
}

/* While the lock is let go a slot may move to a bucket that is still to come, never to one that was looked at: none is
 * missed, some are found twice. */
static void drop_twins(found_list *list)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->size; i++)
		if (i == 0 || list->items[i].slot != list->items[kept - 1].slot)
			list->items[kept++] = list->items[i];
	list->size = kept;
}

#define AHEAD 16u /* buckets whose first slot is fetched: they lie anywhere */

static bool collect_segment(prl_table *table, prl_version version, size_t *bucket, found_list *list, bool *ret_end)
{
	bool fits = true;
	lock_read(table, version);
	for (size_t i = 0; i < PRL_SEGMENT && *bucket < table->buckets && fits; i++, (*bucket)++) {
		if (*bucket + AHEAD < table->buckets)
			__builtin_prefetch(*bucket_at(table, *bucket + AHEAD));
		for (const prl_slot *slot = *bucket_at(table, *bucket); slot && fits; slot = slot->next) {
			const void *value = value_at(slot, version);
			fits = !value || found_add(list, slot, value);
		}
	}
	*ret_end = *bucket >= table->buckets;
	unlock_read(table, version);
	return fits;
}

prl_status prl_table_collect(prl_table *table, prl_version version, prl_found **ret, size_t *ret_count, prl_error *err)
{
	found_list list = { 0 };
	bool end = false;
	for (size_t bucket = 0; !end;) {
		if (!collect_segment(table, version, &bucket, &list, &end)) {
			free(list.items);
			return prl_error_memory(err);
		}
	}
	sort_found(&list);
	drop_twins(&list);
	*ret = list.items;
	*ret_count = list.size;
	return PRL_OK;
}

/* ---- changing ---------------------------------------------------------------------------------------------------- */

static bool reserve_count(prl_table *table)
{
	if (table->count_size < table->count_room)
		return true;
	struct prl_count *counts = prl_array_resize(table->counts, 2 * table->count_room, sizeof *counts);
	if (!counts)
		return false;
	table->counts = counts;
	table->count_room *= 2;
	return true;
}

/* Room was reserved. */
static void count_change(prl_table *table, prl_version version, bool was, bool is)
{
	struct prl_count *last = &table->counts[table->count_size - 1];
	if (was == is)
		return;
	if (last->version != version) {
		last[1] = (struct prl_count){ version, last->count };
		last++;
		table->count_size++;
	}
	last->count = is ? last->count + 1 : last->count - 1;
}

static prl_slot *slot_new(prl_version version, prl_bytes key, void *value)
{
	prl_slot *slot = malloc(offsetof(prl_slot, key) + key.size);
	if (!slot)
		return NULL;
	slot->next = NULL;
	slot->older = NULL;
	slot->value = value;
	slot->born = version;
	slot->pending = 1;
	slot->key_size = (uint16_t)key.size;
	if (key.size)
		memcpy(slot->key, key.data, key.size);
	return slot;
}

static prl_slot *insert(prl_table *table, prl_version version, prl_bytes key, void *value)
{
	prl_slot *slot = slot_new(version, key, value);
	if (!slot)
		return NULL;
	prl_slot **bucket = bucket_of(table, key);
	slot->next = *bucket;
	*bucket = slot;
	table->slots++;
	grow(table);
	return slot;
}

/* The slot's newest object goes behind, or is replaced where it is of the same version. */
static bool supersede(prl_slot *slot, prl_version version, void *value, prl_change *change)
{
	if (slot->born == version) {
		change->in_place = true;
		change->replaced = slot->value;
	} else {
		prl_past *past = malloc(sizeof *past);
		if (!past)
			return false;
		*past = (prl_past){ slot->older, slot->value, slot->born };
		slot->older = past;
		slot->born = version;
	}
	slot->value = value;
	slot->pending++;
	return true;
}

prl_status prl_table_set(prl_table *table, prl_version version, prl_bytes key, void *value, prl_change *ret_change,
			 prl_error *err)
{
	if (key.size > UINT16_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a key of %zu bytes; a table takes 65535", key.size);
	prl_change change = { .version = version, .table = table };
	pthread_rwlock_wrlock(&table->lock);
	prl_slot *slot = slot_find(table, key);
	bool was = slot && slot->value, done = reserve_count(table);
	if (done && slot)
		done = supersede(slot, version, value, &change);
	else if (done)
		done = (slot = insert(table, version, key, value)) != NULL;
	if (done)
		count_change(table, version, was, value != NULL);
	pthread_rwlock_unlock(&table->lock);
	if (!done)
		return prl_error_memory(err);
	change.slot = slot;
	*ret_change = change;
	return PRL_OK;
}

prl_status prl_table_load(prl_table *table, prl_version version, prl_bytes key, prl_bytes object, prl_error *err)
{
	if (key.size > UINT16_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "a key of %zu bytes; a table takes 65535", key.size);
	prl_slot **bucket = bucket_of(table, key);
	__builtin_prefetch(bucket, 1); /* it comes while the object is made */
	void *value = table->noun.load(object, err);
	if (!value)
		return PRL_E_SYNTAX;
	prl_slot *slot = slot_new(version, key, value);
	if (!slot) {
		free_value(table, value);
		return prl_error_memory(err);
	}
	slot->pending = 0;
	slot->next = __atomic_load_n(bucket, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(bucket, &slot->next, slot, true, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		continue;
	return PRL_OK;
}

void prl_table_loaded(prl_table *table, prl_version version, size_t slots)
{
	size_t buckets = 0;
	pthread_rwlock_wrlock(&table->lock);
	table->slots = slots;
	if (slots) {
		table->counts[1] = (struct prl_count){ version, slots };
		table->count_size = 2;
	}
	while (buckets != table->buckets) { /* where there was no memory to reserve them */
		buckets = table->buckets;
		grow(table);
	}
	pthread_rwlock_unlock(&table->lock);
}

void prl_table_undo(const prl_change *change)
{
	prl_table *table = change->table;
	prl_slot *slot = change->slot;
	prl_past *past = NULL;
	bool gone = false;
	pthread_rwlock_wrlock(&table->lock);
	void *value = slot->value;
	slot->pending--;
	if (change->in_place) {
		slot->value = change->replaced;
	} else if ((past = slot->older)) {
		slot->older = past->older;
		slot->value = past->value;
		slot->born = past->born;
	} else {
		slot->value = NULL;
		unlink_slot(table, slot);
		gone = true;
	}
	while (table->counts[table->count_size - 1].version > change->version)
		table->count_size--;
	count_change(table, change->version, value != NULL, slot->value != NULL);
	pthread_rwlock_unlock(&table->lock);
	free_value(table, value);
	free(past);
	if (gone)
		free(slot);
}

void prl_table_settle(const prl_change *change)
{
	change->slot->pending--;
	free_value(change->table, change->replaced);
}

static void trim_counts(prl_table *table, prl_version horizon)
{
	size_t first = 0;
	while (first + 1 < table->count_size && table->counts[first + 1].version <= horizon)
		first++;
	if (first == 0)
		return;
	table->count_size -= first;
	memmove(table->counts, table->counts + first, table->count_size * sizeof *table->counts);
}

void prl_table_trim(const prl_change *change, prl_version horizon)
{
	prl_table *table = change->table;
	prl_slot *slot = change->slot;
	prl_past *dead = NULL;
	pthread_rwlock_wrlock(&table->lock);
	prl_past **link = &slot->older;
	if (slot->born > horizon) {
		while (*link && (*link)->born > horizon)
			link = &(*link)->older;
		if (*link)
			link = &(*link)->older;
	}
	dead = *link;
	*link = NULL;
	slot->pending--;
	bool gone = !slot->value && !slot->older && !slot->pending;
	if (gone)
		unlink_slot(table, slot);
	trim_counts(table, horizon);
	pthread_rwlock_unlock(&table->lock);
	free_pasts(table, dead);
	if (gone)
		free(slot);
}
