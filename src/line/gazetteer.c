#include "line/gazetteer.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* A name of a place, folded; folded texts lie one after the other in `folded`. */
typedef struct called {
	size_t at, size, place;
} called;

struct prl_gazetteer {
	char *text;
	prl_gazetteer_place *places;
	size_t place_count, place_room;
	called *names;
	size_t name_count, name_room;
	prl_buffer folded;
};

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* A code point of text that is known to be UTF-8. */
static uint32_t take_point(const unsigned char **at)
{
	const unsigned char *p = *at;
	unsigned more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t point = more == 0 ? p[0] : p[0] & (0x3fu >> more);
	for (unsigned i = 1; i <= more; i++)
		point = point << 6 | (p[i] & 0x3f);
	*at = p + more + 1;
	return point;
}

static size_t put_point(uint32_t point, char to[4])
{
	if (point < 0x80) {
		to[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		to[0] = (char)(0xc0 | point >> 6);
		to[1] = (char)(0x80 | (point & 0x3f));
		return 2;
	}
	if (point < 0x10000) {
		to[0] = (char)(0xe0 | point >> 12);
		to[1] = (char)(0x80 | (point >> 6 & 0x3f));
		to[2] = (char)(0x80 | (point & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | point >> 18);
	to[1] = (char)(0x80 | (point >> 12 & 0x3f));
	to[2] = (char)(0x80 | (point >> 6 & 0x3f));
	to[3] = (char)(0x80 | (point & 0x3f));
	return 4;
}

/* 0: not compared at all. */
static uint32_t fold_arabic(uint32_t c)
{
	if ((c >= 0x64b && c <= 0x65f) || c == 0x670 || c == 0x640)
		return 0; /* vowel signs, superscript alif, tatweel */
	if (c == 0x622 || c == 0x623 || c == 0x625 || c == 0x671)
		return 0x627; /* forms of alif */
	if (c == 0x649 || c == 0x6cc)
		return 0x64a;                               /* alif maqsura, Persian ya */
	return c == 0x629 ? 0x647 : c == 0x6a9 ? 0x643 : c; /* ta marbuta, Persian kaf */
}

static bool is_gap(uint32_t c)
{
	return c <= 0x20 || c == '-' || c == '\'' || c == '`' || c == '.' || c == 0xa0 ||
	       (c >= 0x2000 && c <= 0x200f) || (c >= 0x2010 && c <= 0x2019) || c == 0x2bc || c == 0x2be || c == 0x2bf ||
	       c == 0x202f || c == 0xfeff;
}

static uint32_t fold_point(uint32_t c)
{
	if (is_gap(c))
		return 0;
	if (c < 0x80)
		return c >= 'A' && c <= 'Z' ? c + 32 : c;
	if (c >= 0xc0 && c <= 0xde && c != 0xd7)
		return c + 32; /* Latin-1 */
	if (c >= 0x100 && c <= 0x137)
		return c | 1; /* Latin Extended-A, where capitals are even */
	if (c >= 0x410 && c <= 0x42f)
		return c + 32;
	if (c == 0x401 || c == 0x451)
		return 0x435; /* ё */
	if (c >= 0x400 && c <= 0x40f)
		return c + 80;
	return c >= 0x600 && c <= 0x6ff ? fold_arabic(c) : c;
}

bool prl_name_fold(prl_bytes name, char *ret, size_t room, size_t *ret_size)
{
	size_t size = 0;
	if (name.size > PRL_NAME_BYTES_MAX || !prl_utf8_check(name, true))
		return false;
	const unsigned char *at = (const unsigned char *)name.data, *end = at + name.size;
	while (at < end) {
		char bytes[4];
		uint32_t point = fold_point(take_point(&at));
		size_t more = point ? put_point(point, bytes) : 0;
		if (size + more > room)
			return false;
		memcpy(ret + size, bytes, more);
		size += more;
	}
	*ret_size = size;
	return size > 0;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* Room for one more; NULL, and the array as it was, when out of memory. */
static void *room_for_one(void *array, size_t *room, size_t count, size_t item)
{
	if (count < *room)
		return array;
	size_t wanted = *room ? 2 * *room : 64;
	void *grown = prl_array_resize(array, wanted, item);
	if (grown)
		*room = wanted;
	return grown;
}

static prl_bytes take_field(prl_bytes *rest, char end)
{
	const char *found = rest->size ? memchr(rest->data, end, rest->size) : NULL;
	prl_bytes field = { rest->data, found ? (size_t)(found - rest->data) : rest->size };
	size_t taken = field.size + (found ? 1 : 0);
	*rest = (prl_bytes){ rest->data + taken, rest->size - taken };
	return field;
}

/* A plain decimal number, read the same in every locale. */
static bool read_number(prl_bytes text, double low, double high, double *ret)
{
	json_t *json = text.size && text.size < 40 ? json_loadb(text.data, text.size, JSON_DECODE_ANY, NULL) : NULL;
	bool fits = json_is_number(json);
	double number = json_number_value(json);
	json_decref(json);
	if (!fits || !(number >= low && number <= high))
		return false;
	*ret = number;
	return true;
}

static prl_status add_name(prl_gazetteer *g, prl_bytes name, prl_error *err)
{
	char folded[PRL_NAME_BYTES_MAX];
	size_t size;
	if (!prl_name_fold(name, folded, sizeof folded, &size))
		return prl_error_set(err, PRL_E_SYNTAX, "a name of letters in UTF-8 is missing, or over %u bytes",
				     PRL_NAME_BYTES_MAX);
	called *names = room_for_one(g->names, &g->name_room, g->name_count, sizeof *names);
	if (names)
		g->names = names;
	if (!names || !prl_buffer_append(&g->folded, folded, size))
		return prl_error_memory(err);
	g->names[g->name_count++] = (called){ g->folded.size - size, size, g->place_count };
	return PRL_OK;
}

static prl_status add_names(prl_gazetteer *g, const prl_gazetteer_place *place, prl_error *err)
{
	prl_bytes others = place->others;
	prl_status status = add_name(g, place->name, err);
	while (!status && others.size)
		status = add_name(g, take_field(&others, '|'), err);
	return status;
}

static prl_status read_place(prl_gazetteer *g, prl_bytes line, prl_error *err)
{
	prl_gazetteer_place place = { .name = take_field(&line, '\t'), .others = take_field(&line, '\t') };
	prl_bytes lat = take_field(&line, '\t'), lng = take_field(&line, '\t'), radius = take_field(&line, '\t');
	place.kind = take_field(&line, '\t');
	place.source = take_field(&line, '\t');
	place.radius_m = (double)NAN;
	if (!prl_utf8_check(place.name, false) || !prl_utf8_check(place.others, false) ||
	    !prl_utf8_check(place.kind, false) || !prl_utf8_check(place.source, false))
		return prl_error_set(err, PRL_E_SYNTAX, "not UTF-8, or with control characters");
	if (!read_number(lat, -90, 90, &place.at.lat_deg))
		return prl_error_set(err, PRL_E_RANGE, "latitude \"%.*s\", expected degrees from -90 to 90",
				     lat.size < 40 ? (int)lat.size : 40, lat.data);
	if (!read_number(lng, -180, 180, &place.at.lng_deg))
		return prl_error_set(err, PRL_E_RANGE, "longitude \"%.*s\", expected degrees from -180 to 180",
				     lng.size < 40 ? (int)lng.size : 40, lng.data);
	if (radius.size && !read_number(radius, 0, 1e6, &place.radius_m))
		return prl_error_set(err, PRL_E_RANGE, "radius \"%.*s\", expected metres up to 1,000,000, or nothing",
				     radius.size < 40 ? (int)radius.size : 40, radius.data);
	if (line.size || place.kind.size > 200 || place.source.size > 200)
		return prl_error_set(err, PRL_E_SYNTAX, "expected seven fields, kind and source of at most 200 bytes");
	prl_status status = add_names(g, &place, err);
	if (status)
		return status;
	prl_gazetteer_place *places = room_for_one(g->places, &g->place_room, g->place_count, sizeof *places);
	if (!places)
		return prl_error_memory(err);
	g->places = places;
	places[g->place_count++] = place;
	return PRL_OK;
}

static prl_status read_lines(prl_gazetteer *g, prl_bytes text, prl_error *err)
{
	prl_status status = PRL_OK;
	for (size_t number = 1; text.size && !status; number++) {
		prl_bytes line = take_field(&text, '\n');
		if (line.size && line.data[line.size - 1] == '\r')
			line.size--;
		if (line.size && line.data[0] != '#')
			status = read_place(g, line, err);
		if (status && err)
			err->line = number;
	}
	return status;
}

/* ---- found ------------------------------------------------------------------------------------------------------- */

static int compare(const prl_gazetteer *g, const called *name, const char *folded, size_t size)
{
	int order = memcmp(g->folded.data + name->at, folded, name->size < size ? name->size : size);
	return order ? order : (name->size > size) - (name->size < size);
}

static int by_name(const void *a, const void *b, void *context)
{
	const prl_gazetteer *g = context;
	const called *x = a, *y = b;
	int order = compare(g, x, g->folded.data + y->at, y->size);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

prl_status prl_gazetteer_read(prl_bytes text, prl_gazetteer **ret, prl_error *err)
{
	prl_gazetteer *g = calloc(1, sizeof *g);
	if (!g)
		return prl_error_memory(err);
	g->folded = PRL_BUFFER(2 * (size_t)PRL_GAZETTEER_BYTES);
	g->text = prl_text_copy(text.data, text.size);
	prl_status status = g->text ? read_lines(g, (prl_bytes){ g->text, text.size }, err) : prl_error_memory(err);
	if (status) {
		prl_gazetteer_free(g);
		return status;
	}
	if (g->name_count)
		qsort_r(g->names, g->name_count, sizeof *g->names, by_name, g);
	*ret = g;
	return PRL_OK;
}

prl_status prl_gazetteer_open(const char *path, prl_gazetteer **ret, prl_error *err)
{
	prl_buffer bytes = PRL_BUFFER(PRL_GAZETTEER_BYTES);
	prl_status status = prl_file_read(path, &bytes, err);
	if (!status)
		status = prl_gazetteer_read((prl_bytes){ bytes.data ? bytes.data : "", bytes.size }, ret, err);
	prl_buffer_done(&bytes);
	return status ? prl_error_at(err, status, "%.80s", path) : PRL_OK;
}

void prl_gazetteer_free(prl_gazetteer *g)
{
	if (!g)
		return;
	free(g->text);
	free(g->places);
	free(g->names);
	prl_buffer_done(&g->folded);
	free(g);
}

/* The first name that is not before the folded one. */
static size_t lower_bound(const prl_gazetteer *g, const char *folded, size_t size)
{
	size_t low = 0, high = g->name_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(g, &g->names[middle], folded, size) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void prl_gazetteer_find(const prl_gazetteer *g, prl_bytes name, const prl_gazetteer_place **ret, size_t room,
			size_t *ret_count)
{
	char folded[PRL_NAME_BYTES_MAX];
	size_t size, count = 0, last = SIZE_MAX;
	*ret_count = 0;
	if (!g || !prl_name_fold(name, folded, sizeof folded, &size))
		return;
	for (size_t i = lower_bound(g, folded, size); i < g->name_count; i++) {
		if (compare(g, &g->names[i], folded, size) != 0)
			break;
		if (g->names[i].place == last) /* one place under two spellings of one name */
			continue;
		last = g->names[i].place;
		if (count < room)
			ret[count] = &g->places[last];
		count++;
	}
	*ret_count = count;
}

json_t *prl_gazetteer_json(const prl_gazetteer_place *p)
{
	json_t *json = json_pack("{s:s%, s:f, s:f, s:s%}", "name", p->name.data, p->name.size, "lat_deg", p->at.lat_deg,
				 "lng_deg", p->at.lng_deg, "source", p->source.size ? p->source.data : "not stated",
				 p->source.size ? p->source.size : strlen("not stated"));
	if (json && isfinite(p->radius_m))
		(void)json_object_set_new(json, "radius_m", json_real(p->radius_m));
	return json;
}
