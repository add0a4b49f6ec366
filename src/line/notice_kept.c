/* Notices as they are kept: seven tables beside the one of notices, so that a number, a version and a box are found
 * without looking at a million objects. */
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "line/notice_inside.h"
#include "line/receipt.h"
#include "line/thing.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <stdio.h>
#include <string.h>

/* ---- small numbers ----------------------------------------------------------------------------------------------- */

/* Seven bits a byte, the lowest first, the shortest form only: a million notices are loaded in the second. */
static bool put_number(prl_buffer *to, uint64_t number)
{
	unsigned char bytes[10];
	size_t size = 0;
	do {
		bytes[size] = (unsigned char)((number & 0x7f) | (number > 0x7f ? 0x80 : 0));
		number >>= 7;
	} while (bytes[size++] & 0x80);
	return prl_buffer_append(to, bytes, size);
}

static uint64_t take_number(prl_unpack *from, uint64_t max)
{
	uint64_t number = 0;
	for (unsigned shift = 0; shift < 64; shift += 7) {
		if (from->bad || from->rest.size == 0)
			break;
		unsigned char byte = (unsigned char)*from->rest.data;
		from->rest.data++;
		from->rest.size--;
		if ((shift == 63 && byte > 1) || (shift > 0 && byte == 0))
			break;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			from->bad = from->bad || number > max;
			return from->bad ? 0 : number;
		}
	}
	from->bad = true;
	return 0;
}

/* Times near 0 and the open ends are short either way: the sign goes last. */
static bool put_time(prl_buffer *to, prl_time time)
{
	return put_number(to, ((uint64_t)time << 1) ^ (uint64_t)(time >> 63));
}

static prl_time take_time(prl_unpack *from)
{
	uint64_t number = take_number(from, UINT64_MAX);
	return (prl_time)((number >> 1) ^ (~(number & 1) + 1));
}

static bool put_bytes(prl_buffer *to, const void *bytes, size_t size)
{
	return prl_buffer_append(to, bytes, size);
}

static bool take_bytes(prl_unpack *from, void *bytes, size_t size)
{
	if (from->bad || from->rest.size < size) {
		from->bad = true;
		return false;
	}
	memcpy(bytes, from->rest.data, size);
	from->rest.data += size;
	from->rest.size -= size;
	return true;
}

/* ---- notice ------------------------------------------------------------------------------------------------------ */

enum { FLAG_RELAYED = 1, FLAG_CONTENT = 2, FLAG_AUDIENCE = 4, FLAG_CHANGED = 8, USS_SHIFT = 4 };

static unsigned flags_of(const prl_notice *n)
{
	return (n->relayed ? FLAG_RELAYED : 0u) | (n->has_content ? FLAG_CONTENT : 0u) |
	       (n->audience ? FLAG_AUDIENCE : 0u) | (prl_hash_equal(&n->id, &n->version) ? 0u : FLAG_CHANGED) |
	       (unsigned)n->uss << USS_SHIFT;
}

static bool save_notice(const void *value, prl_buffer *to)
{
	const prl_notice *n = value;
	const unsigned char marks[] = {
		(unsigned char)flags_of(n), n->kind, n->mode, n->state, n->disclosure, n->policy
	};
	return put_bytes(to, marks, sizeof marks) && put_bytes(to, n->id.bytes, 32) &&
	       (!(marks[0] & FLAG_CHANGED) || put_bytes(to, n->version.bytes, 32)) &&
	       (!(marks[0] & FLAG_CONTENT) || put_bytes(to, n->content.bytes, 32)) && put_number(to, n->index) &&
	       put_number(to, n->filed_index) && put_number(to, n->version_index) && put_time(to, n->filed) &&
	       put_time(to, n->changed) && put_time(to, n->given) && put_time(to, n->from) && put_time(to, n->to) &&
	       put_number(to, n->lead_required_s) && put_number(to, n->number) &&
	       (!(marks[0] & FLAG_AUDIENCE) || prl_pack_texts(to, n->audience)) &&
	       put_bytes(to, n->party, strlen(n->party));
}

void prl_notice_free(void *value)
{
	prl_notice *notice = value;
	if (notice)
		json_decref(notice->audience);
	free(notice);
}

static void take_times(prl_unpack *from, prl_notice *n)
{
	n->index = take_number(from, UINT64_MAX);
	n->filed_index = take_number(from, UINT64_MAX);
	n->version_index = take_number(from, UINT64_MAX);
	n->filed = take_time(from);
	n->changed = take_time(from);
	n->given = take_time(from);
	n->from = take_time(from);
	n->to = take_time(from);
	n->lead_required_s = (uint32_t)take_number(from, UINT32_MAX);
	n->number = (uint32_t)take_number(from, UINT32_MAX);
}

static bool marks_hold(const unsigned char marks[6])
{
	return marks[0] >> USS_SHIFT <= PRL_NOTICE_USS_FULL && marks[1] <= PRL_KIND_EVACUATION &&
	       marks[2] <= PRL_MODE_TEST && marks[3] <= PRL_NOTICE_ENDED && marks[4] <= PRL_DISCLOSURE_SEALED &&
	       marks[5] <= PRL_ANSWER_NEVER;
}

/* What the party's name follows is read first: only then it is known how much memory the notice takes. */
static void take_notice(prl_unpack *from, prl_notice *n)
{
	unsigned char marks[6];
	if (!take_bytes(from, marks, sizeof marks) || !marks_hold(marks)) {
		from->bad = true;
		return;
	}
	n->relayed = marks[0] & FLAG_RELAYED;
	n->has_content = marks[0] & FLAG_CONTENT;
	n->uss = marks[0] >> USS_SHIFT;
	n->kind = marks[1];
	n->mode = marks[2];
	n->state = marks[3];
	n->disclosure = marks[4];
	n->policy = marks[5];
	take_bytes(from, n->id.bytes, 32);
	n->version = n->id;
	if (marks[0] & FLAG_CHANGED)
		take_bytes(from, n->version.bytes, 32);
	if (n->has_content)
		take_bytes(from, n->content.bytes, 32);
	take_times(from, n);
	if (marks[0] & FLAG_AUDIENCE)
		n->audience = prl_unpack_texts(from);
}

static prl_notice *with_party(const prl_notice *head, prl_bytes party)
{
	prl_notice *notice = malloc(sizeof *notice + party.size + 1);
	if (!notice)
		return NULL;
	memcpy(notice, head, sizeof *notice);
	memcpy(notice->party, party.data, party.size);
	notice->party[party.size] = 0;
	return notice;
}

static void *load_notice(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	prl_notice head;
	memset(&head, 0, sizeof head);
	take_notice(&from, &head);
	prl_bytes party = from.rest;
	from.rest.size = 0;
	from.bad = from.bad || party.size == 0 || party.size > PRL_KEY_NAME_MAX || memchr(party.data, 0, party.size);
	prl_notice *notice = prl_unpack_end(&from, "notice", err) ? with_party(&head, party) : NULL;
	if (!notice)
		json_decref(head.audience);
	return notice;
}

prl_notice *prl_notice_copy(const prl_notice *notice)
{
	prl_notice *copy = with_party(notice, prl_bytes_of(notice->party));
	if (copy)
		json_incref(copy->audience);
	return copy;
}

/* ---- by number --------------------------------------------------------------------------------------------------- */

#define BLOCK 32u

/* 32 notices of one party by number: whatever is over in all of them is passed by without looking at them. */
typedef struct block {
	uint32_t count, over; /* over: a bit each, cancelled or ended */
	prl_time latest;      /* none that is not over ends later */
	prl_hash ids[];
} block;

static size_t block_size(uint32_t count)
{
	return sizeof(block) + count * sizeof(prl_hash);
}

static bool save_block(const void *value, prl_buffer *to)
{
	const block *b = value;
	return put_number(to, b->count) && put_number(to, b->over) && put_time(to, b->latest) &&
	       put_bytes(to, b->ids, b->count * sizeof(prl_hash));
}

static void *load_block(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	uint32_t count = (uint32_t)take_number(&from, BLOCK);
	block *b = calloc(1, block_size(count));
	if (!b) {
		prl_error_memory(err);
		return NULL;
	}
	b->count = count;
	b->over = (uint32_t)take_number(&from, UINT32_MAX);
	b->latest = take_time(&from);
	take_bytes(&from, b->ids, count * sizeof(prl_hash));
	if (prl_unpack_end(&from, "block of notices", err))
		return b;
	free(b);
	return NULL;
}

static bool save_count(const void *value, prl_buffer *to)
{
	const uint32_t *count = value;
	return put_number(to, *count);
}

static void *load_count(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	uint32_t *count = malloc(sizeof *count);
	if (!count) {
		prl_error_memory(err);
		return NULL;
	}
	*count = (uint32_t)take_number(&from, UINT32_MAX);
	if (prl_unpack_end(&from, "count of notices", err))
		return count;
	free(count);
	return NULL;
}

/* ---- versions ---------------------------------------------------------------------------------------------------- */

/* An update, cancellation or end, by its hash. */
typedef struct later {
	prl_hash notice;
	uint64_t index; /* in the home log */
} later;

static bool save_later(const void *value, prl_buffer *to)
{
	const later *l = value;
	return put_bytes(to, l->notice.bytes, 32) && put_number(to, l->index);
}

static void *load_later(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	later *l = calloc(1, sizeof *l);
	if (!l) {
		prl_error_memory(err);
		return NULL;
	}
	take_bytes(&from, l->notice.bytes, 32);
	l->index = take_number(&from, UINT64_MAX);
	if (prl_unpack_end(&from, "version of a notice", err))
		return l;
	free(l);
	return NULL;
}

/* ---- boxes ------------------------------------------------------------------------------------------------------- */

static bool save_boxes(const void *value, prl_buffer *to)
{
	const prl_notice_boxes *boxes = value;
	bool done = put_number(to, boxes->count);
	for (size_t i = 0; i < boxes->count && done; i++)
		for (int a = 0; a < 8 && done; a++) {
			int32_t at = a < 4 ? boxes->boxes[i].min[a] : boxes->boxes[i].max[a - 4];
			unsigned char bytes[4] = { (unsigned char)((uint32_t)at >> 24),
						   (unsigned char)((uint32_t)at >> 16),
						   (unsigned char)((uint32_t)at >> 8), (unsigned char)at };
			done = put_bytes(to, bytes, 4);
		}
	return done;
}

static int32_t take_place(prl_unpack *from)
{
	unsigned char b[4] = { 0 };
	take_bytes(from, b, sizeof b);
	return (int32_t)((uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3]);
}

static prl_notice_boxes *boxes_new(size_t count)
{
	return calloc(1, sizeof(prl_notice_boxes) + count * sizeof(prl_box));
}

static void *load_boxes(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	size_t count = take_number(&from, PRL_NOTICE_BOXES_MAX);
	prl_notice_boxes *boxes = boxes_new(count);
	if (!boxes) {
		prl_error_memory(err);
		return NULL;
	}
	boxes->count = count;
	for (size_t i = 0; i < count; i++) {
		for (int a = 0; a < 4; a++)
			boxes->boxes[i].min[a] = take_place(&from);
		for (int a = 0; a < 4; a++)
			boxes->boxes[i].max[a] = take_place(&from);
	}
	if (prl_unpack_end(&from, "box of a notice", err))
		return boxes;
	free(boxes);
	return NULL;
}

/* ---- without an end ---------------------------------------------------------------------------------------------- */

static bool save_open(const void *value, prl_buffer *to)
{
	(void)value, (void)to;
	return true;
}

static void *load_open(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	char *open = prl_unpack_end(&from, "notice without an end", err) ? calloc(1, 1) : NULL;
	if (!open && !bytes.size)
		prl_error_memory(err);
	return open;
}

static bool wants_end(const prl_notice *n)
{
	bool told = !n->has_content || n->disclosure == PRL_DISCLOSURE_AREA;
	return told && n->state == PRL_NOTICE_LIVE && n->to == PRL_TIME_OPEN_END && n->kind != PRL_KIND_SITE;
}

static bool wants_showing(const prl_notice *n)
{
	return n->uss != PRL_NOTICE_USS_NONE && n->state == PRL_NOTICE_LIVE;
}

/* ---- nouns ------------------------------------------------------------------------------------------------------- */

enum { NOTICE, NUMBER, COUNT, VERSION, BOX, OPEN, USS, SAID };

const prl_noun prl_notice_nouns[PRL_NOTICE_NOUNS] = {
	{ .name = "notice", .shared = true, .save = save_notice, .load = load_notice, .free = prl_notice_free },
	{ .name = "notice.number", .shared = true, .save = save_block, .load = load_block, .free = free },
	{ .name = "notice.count", .shared = true, .save = save_count, .load = load_count, .free = free },
	{ .name = "notice.version", .shared = true, .save = save_later, .load = load_later, .free = free },
	{ .name = "notice.box", .shared = false, .save = save_boxes, .load = load_boxes, .free = free },
	{ .name = "notice.open", .shared = false, .save = save_open, .load = load_open, .free = free },
	{ .name = "notice.uss", .shared = false, .save = save_open, .load = load_open, .free = free },
	PRL_THING_NOUN("notice.said"),
};

static bool table_of(const prl_picture *picture, int noun, unsigned *ret)
{
	return prl_picture_table(picture, prl_notice_nouns[noun].name, ret);
}

static const void *find(prl_picture *picture, prl_version version, int noun, prl_bytes key)
{
	unsigned table;
	return table_of(picture, noun, &table) ? prl_picture_find(picture, version, table, key) : NULL;
}

static prl_status put(prl_picture *picture, int noun, prl_bytes key, void *value, prl_error *err)
{
	unsigned table;
	if (table_of(picture, noun, &table))
		return prl_picture_put(picture, table, key, value, err);
	prl_notice_nouns[noun].free(value);
	return prl_error_set(err, PRL_E_NOT_FOUND, "no table of %ss", prl_notice_nouns[noun].name);
}

/* ---- found ------------------------------------------------------------------------------------------------------- */

const prl_notice *prl_notice_find(prl_picture *picture, prl_version version, const prl_hash *id)
{
	return find(picture, version, NOTICE, prl_hash_key(id));
}

/* Party, end of line, number of the block, big endian. */
typedef struct block_key {
	char bytes[PRL_KEY_NAME_MAX + 5];
	size_t size;
} block_key;

static block_key key_of_block(prl_bytes party, uint32_t number)
{
	block_key key = { .size = 0 };
	if (party.size > PRL_KEY_NAME_MAX)
		party.size = PRL_KEY_NAME_MAX;
	memcpy(key.bytes, party.data, party.size);
	key.size = party.size;
	key.bytes[key.size++] = '\n';
	for (int shift = 24; shift >= 0; shift -= 8)
		key.bytes[key.size++] = (char)(number >> shift & 0xff);
	return key;
}

static const block *find_block(prl_picture *picture, prl_version version, prl_bytes party, uint32_t number)
{
	block_key key = key_of_block(party, number);
	return find(picture, version, NUMBER, (prl_bytes){ key.bytes, key.size });
}

uint32_t prl_notice_count(prl_picture *picture, prl_version version, prl_bytes party)
{
	const uint32_t *count = find(picture, version, COUNT, party);
	return count ? *count : 0;
}

const prl_notice *prl_notice_numbered(prl_picture *picture, prl_version version, prl_bytes party, uint32_t number)
{
	if (number == 0 || party.size > PRL_KEY_NAME_MAX)
		return NULL;
	const block *b = find_block(picture, version, party, (number - 1) / BLOCK);
	uint32_t at = (number - 1) % BLOCK;
	return b && at < b->count ? prl_notice_find(picture, version, &b->ids[at]) : NULL;
}

const prl_notice *prl_notice_named(prl_picture *picture, prl_version version, prl_bytes name)
{
	const char *sign = name.size ? memchr(name.data, '#', name.size) : NULL;
	uint64_t number;
	prl_hash id;
	if (!sign)
		return name.size && prl_hash_read(name, &id) ? prl_notice_find(picture, version, &id) : NULL;
	prl_bytes party = { name.data, (size_t)(sign - name.data) };
	prl_bytes digits = { sign + 1, name.size - party.size - 1 };
	if (!prl_decimal_read(digits, &number) || number > UINT32_MAX)
		return NULL;
	return prl_notice_numbered(picture, version, party, (uint32_t)number);
}

void prl_notice_name(const prl_notice *notice, char ret[PRL_NOTICE_NAME_MAX])
{
	(void)snprintf(ret, PRL_NOTICE_NAME_MAX, "%s#%u", notice->party, notice->number);
}

/* False where fn stops. */
static bool each_of_block(prl_picture *picture, prl_version version, const block *b, uint32_t at, bool live,
			  prl_time now, prl_notice_fn *fn, void *context)
{
	for (; at < b->count; at++) {
		if (live && (b->over >> at & 1))
			continue;
		const prl_notice *notice = prl_notice_find(picture, version, &b->ids[at]);
		if (notice && (!live || prl_notice_is_live(notice, now)) && !fn(context, notice))
			return false;
	}
	return true;
}

typedef struct each_from {
	prl_time from;
	prl_notice_fn *fn;
	void *context;
} each_from;

static bool from_one(void *context, const prl_notice *notice)
{
	const each_from *e = context;
	return notice->to < e->from || e->fn(e->context, notice);
}

/* Blocks that end before `from` are passed by. */
static void each(prl_picture *picture, prl_version version, prl_bytes party, uint32_t first, bool live, prl_time from,
		 prl_time now, prl_notice_fn *fn, void *context)
{
	uint32_t count = prl_notice_count(picture, version, party);
	uint32_t number = first ? first - 1 : 0;
	while (number < count) {
		uint32_t next = (number / BLOCK + 1) * BLOCK;
		const block *b = find_block(picture, version, party, number / BLOCK);
		if (b && b->latest >= from &&
		    !each_of_block(picture, version, b, number % BLOCK, live, now, fn, context))
			return;
		if (next < number) /* the last block of all */
			return;
		number = next;
	}
}

void prl_notice_each(prl_picture *picture, prl_version version, prl_bytes party, uint32_t first, bool live,
		     prl_time now, prl_notice_fn *fn, void *context)
{
	each(picture, version, party, first, live, live ? now : PRL_TIME_OPEN_START, now, fn, context);
}

void prl_notice_each_from(prl_picture *picture, prl_version version, prl_bytes party, uint32_t first, prl_time from,
			  prl_notice_fn *fn, void *context)
{
	each_from e = { from, fn, context };
	each(picture, version, party, first, false, from, from, from_one, &e);
}

/* ---- kept -------------------------------------------------------------------------------------------------------- */

/* The block with this notice in it as it is now; one more where it is new. NULL out of memory. */
static block *block_with(const block *old, const prl_notice *notice)
{
	uint32_t at = (notice->number - 1) % BLOCK, count = old && old->count > at ? old->count : at + 1;
	block *b = malloc(block_size(count));
	if (!b)
		return NULL;
	memset(b, 0, block_size(count));
	b->latest = PRL_TIME_OPEN_START;
	if (old)
		memcpy(b, old, block_size(old->count));
	b->count = count;
	b->ids[at] = notice->id;
	b->over &= ~(UINT32_C(1) << at);
	b->over |= (uint32_t)(notice->state != PRL_NOTICE_LIVE) << at;
	if (notice->to > b->latest)
		b->latest = notice->to;
	return b;
}

static prl_status put_count(prl_picture *picture, prl_bytes party, uint32_t number, prl_error *err)
{
	uint32_t *count = malloc(sizeof *count);
	if (!count)
		return prl_error_memory(err);
	*count = number;
	return put(picture, COUNT, party, count, err);
}

/* Whether the notice is one of those that the table is about. */
static prl_status put_mark(prl_picture *picture, int noun, const prl_notice *notice, bool wanted, prl_error *err)
{
	unsigned table;
	prl_bytes key = prl_hash_key(&notice->id);
	bool is_there = find(picture, PRL_VERSION_WORKING, noun, key) != NULL;
	if (wanted == is_there || !table_of(picture, noun, &table))
		return PRL_OK;
	return is_there ? prl_picture_remove(picture, table, key, err)
			: prl_picture_put(picture, table, key, calloc(1, 1), err);
}

static prl_status put_marks(prl_picture *picture, const prl_notice *old, const prl_notice *notice, prl_error *err)
{
	prl_status status = put_mark(picture, OPEN, notice, wants_end(notice), err);
	if (status || (!notice->uss && !(old && old->uss)))
		return status;
	return put_mark(picture, USS, notice, wants_showing(notice), err);
}

typedef struct each_open {
	prl_picture *picture;
	prl_version version;
	prl_notice_fn *fn;
	void *context;
} each_open;

static bool each_open_one(void *context, prl_bytes key, const void *value)
{
	each_open *e = context;
	prl_hash id;
	(void)value;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	const prl_notice *notice = key.size == sizeof id.bytes ? prl_notice_find(e->picture, e->version, &id) : NULL;
	return !notice || e->fn(e->context, notice);
}

static prl_status each_marked(prl_picture *picture, prl_version version, int noun, prl_notice_fn *fn, void *context,
			      prl_error *err)
{
	unsigned table;
	each_open e = { picture, version, fn, context };
	return table_of(picture, noun, &table) ? prl_picture_each(picture, version, table, each_open_one, &e, err)
					       : PRL_OK;
}

prl_status prl_notice_each_open(prl_picture *picture, prl_version version, prl_notice_fn *fn, void *context,
				prl_error *err)
{
	return each_marked(picture, version, OPEN, fn, context, err);
}

prl_status prl_notice_each_shown(prl_picture *picture, prl_version version, prl_notice_fn *fn, void *context,
				 prl_error *err)
{
	return each_marked(picture, version, USS, fn, context, err);
}

prl_status prl_notice_put(prl_picture *picture, const prl_notice *old, prl_notice *notice, prl_error *err)
{
	if (!notice)
		return prl_error_memory(err);
	prl_bytes party = prl_bytes_of(notice->party);
	prl_status status = PRL_OK;
	if (!old) {
		notice->number = prl_notice_count(picture, PRL_VERSION_WORKING, party) + 1;
		status = put_count(picture, party, notice->number, err);
	}
	block_key key = key_of_block(party, (notice->number - 1) / BLOCK);
	prl_bytes bytes = { key.bytes, key.size };
	if (!status)
		status = put(picture, NUMBER, bytes,
			     block_with(find(picture, PRL_VERSION_WORKING, NUMBER, bytes), notice), err);
	if (!status)
		status = put_marks(picture, old, notice, err);
	if (status) {
		prl_notice_free(notice);
		return status;
	}
	prl_hash id = notice->id;
	status = put(picture, NOTICE, prl_hash_key(&id), notice, err);
	return status ? status : prl_receipt_follow(picture, &id, err);
}

prl_status prl_notice_add_version(prl_picture *picture, const prl_act *act, const prl_notice *notice, prl_error *err)
{
	later *l = malloc(sizeof *l);
	if (!l)
		return prl_error_memory(err);
	*l = (later){ notice->id, act->index };
	return put(picture, VERSION, prl_hash_key(&act->entry->hash), l, err);
}

bool prl_notice_has_version(prl_picture *picture, const prl_act *act, const prl_notice *notice, const prl_hash *hash)
{
	/* by the constitution of the act's log: never by what happens to be in force here */
	const prl_party *party = prl_act_party(picture, act, prl_bytes_of(notice->party));
	prl_bytes log = prl_bytes_of(party ? party->log : "");
	if (prl_hash_equal(hash, &notice->id))
		return prl_act_sees(picture, act, log, notice->filed_index);
	const later *l = find(picture, PRL_VERSION_WORKING, VERSION, prl_hash_key(hash));
	return l && prl_hash_equal(&l->notice, &notice->id) && prl_act_sees(picture, act, log, l->index);
}

/* ---- what the party meant says ----------------------------------------------------------------------------------- */

static prl_bytes said_key(const prl_hash *id, prl_bytes party, char bytes[32 + PRL_KEY_NAME_MAX])
{
	size_t size = party.size < PRL_KEY_NAME_MAX ? party.size : PRL_KEY_NAME_MAX;
	memcpy(bytes, id->bytes, 32);
	if (size)
		memcpy(bytes + 32, party.data, size);
	return (prl_bytes){ bytes, 32 + size };
}

const json_t *prl_notice_said(prl_picture *picture, prl_version version, const prl_hash *id, prl_bytes party)
{
	char bytes[32 + PRL_KEY_NAME_MAX];
	return find(picture, version, SAID, said_key(id, party, bytes));
}

prl_status prl_notice_put_said(prl_picture *picture, const prl_hash *id, prl_bytes party, json_t *said, prl_error *err)
{
	char bytes[32 + PRL_KEY_NAME_MAX];
	return put(picture, SAID, said_key(id, party, bytes), said, err);
}

/* ---- boxes made -------------------------------------------------------------------------------------------------- */

const prl_notice_boxes *prl_notice_boxes_of(prl_picture *picture, prl_version version, const prl_hash *id)
{
	return find(picture, version, BOX, prl_hash_key(id));
}

prl_status prl_notice_put_boxes(prl_picture *picture, const prl_hash *id, prl_notice_boxes *boxes, prl_error *err)
{
	unsigned table;
	if (boxes)
		return put(picture, BOX, prl_hash_key(id), boxes, err);
	if (!prl_notice_boxes_of(picture, PRL_VERSION_WORKING, id) || !table_of(picture, BOX, &table))
		return PRL_OK;
	return prl_picture_remove(picture, table, prl_hash_key(id), err);
}

static void join(prl_box *to, const prl_box *with)
{
	for (int a = 0; a < 4; a++) {
		to->min[a] = with->min[a] < to->min[a] ? with->min[a] : to->min[a];
		to->max[a] = with->max[a] > to->max[a] ? with->max[a] : to->max[a];
	}
}

/* Neighbours in the order of the plan share a box, so that none is left out and there are not too many. */
static void shrink(prl_notice_boxes *boxes, size_t room)
{
	size_t group = (boxes->count + room - 1) / room, kept = 0;
	for (size_t i = 0; group > 1 && i < boxes->count; i++) {
		if (i % group == 0)
			boxes->boxes[kept++] = boxes->boxes[i];
		else
			join(&boxes->boxes[kept - 1], &boxes->boxes[i]);
	}
	if (group > 1)
		boxes->count = kept;
}

prl_status prl_notice_boxes_make(const prl_plan *plan, prl_notice_boxes **ret, prl_error *err)
{
	prl_check_options options = prl_check_options_default();
	prl_notice_boxes *boxes = boxes_new(2 * plan->volume_count);
	if (!boxes)
		return prl_error_memory(err);
	for (size_t i = 0; i < plan->volume_count; i++)
		boxes->count += prl_volume_boxes(&plan->volumes[i], &options, boxes->boxes + boxes->count);
	shrink(boxes, PRL_NOTICE_BOXES_MAX);
	prl_notice_boxes *less = realloc(boxes, sizeof *boxes + boxes->count * sizeof(prl_box));
	*ret = less ? less : boxes;
	return PRL_OK;
}
