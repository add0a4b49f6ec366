#include "formats/lift.h"

#include "base/error.h"
#include "formats/number.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* Arrays keep their memory from item to item; room[] is what they may hold. */
struct numbers_slot {
	prl_numbers numbers;
	size_t room[PRL_LIFT_LEVELS + 1];
};

struct instants_slot {
	prl_instants instants;
	size_t room;
};

struct prl_lift {
	locale_t c_locale;
	char mark[24]; /* "~" and 16 hexadecimal digits */
	struct numbers_slot *numbers;
	size_t numbers_count, numbers_room;
	struct instants_slot *instants;
	size_t instants_count, instants_room;
	prl_buffer text;
	bool no_memory;
};

/* Where the lifter stands in the text. */
struct cursor {
	const char *at, *end;
};

prl_status prl_lift_new(prl_lift **ret_lift, prl_error *err)
{
	uint64_t nonce = 0;
	prl_lift *lift = calloc(1, sizeof *lift);
	if (!lift)
		return prl_error_memory(err);
	lift->text = PRL_BUFFER(SIZE_MAX / 2);
	lift->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (!lift->c_locale || getrandom(&nonce, sizeof nonce, 0) != (ssize_t)sizeof nonce) {
		prl_status status = prl_error_set(err, PRL_E_IO, "the system gives no locale or no random number: %s",
		                                  strerror(errno));
		prl_lift_free(lift);
		return status;
	}
	snprintf(lift->mark, sizeof lift->mark, "~%016" PRIx64, nonce);
	*ret_lift = lift;
	return PRL_OK;
}

void prl_lift_free(prl_lift *lift)
{
	if (!lift)
		return;
	for (size_t i = 0; i < lift->numbers_room; i++) {
		free(lift->numbers[i].numbers.values);
		for (size_t k = 0; k < PRL_LIFT_LEVELS; k++)
			free(lift->numbers[i].numbers.ends[k]);
	}
	for (size_t i = 0; i < lift->instants_room; i++)
		free(lift->instants[i].instants.times);
	free(lift->numbers);
	free(lift->instants);
	prl_buffer_done(&lift->text);
	if (lift->c_locale)
		freelocale(lift->c_locale);
	free(lift);
}

/* ---- growing ------------------------------------------------------------------------------------------------- */

/* The array with room for one more item than count, new room zeroed; NULL, and the array as it was, out of memory. */
static void *grow(void *array, size_t *room, size_t count, size_t item)
{
	if (count < *room)
		return array;
	size_t wanted = *room < 8 ? 16 : 2 * *room;
	char *grown = prl_array_resize(array, wanted, item);
	if (!grown)
		return NULL;
	memset(grown + *room * item, 0, (wanted - *room) * item);
	*room = wanted;
	return grown;
}

static bool add_value(struct numbers_slot *slot, double value)
{
	prl_numbers *n = &slot->numbers;
	if (n->count[0] == slot->room[0]) {
		double *values = grow(n->values, &slot->room[0], n->count[0], sizeof *values);
		if (!values)
			return false;
		n->values = values;
	}
	n->values[n->count[0]++] = value;
	return true;
}

/* The list of this level that is being read ends here. */
static bool add_end(struct numbers_slot *slot, unsigned level)
{
	prl_numbers *n = &slot->numbers;
	uint32_t *ends = grow(n->ends[level - 1], &slot->room[level], n->count[level], sizeof *ends);
	if (!ends)
		return false;
	n->ends[level - 1] = ends;
	ends[n->count[level]++] = (uint32_t)n->count[level - 1];
	return true;
}

/* ---- lists of numbers ---------------------------------------------------------------------------------------- */

static char skip_space(struct cursor *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t' || *c->at == '\r'))
		c->at++;
	return c->at < c->end ? *c->at : 0;
}

/* How many lists begin here, one in the other. */
static unsigned count_levels(struct cursor c)
{
	unsigned level = 0;
	for (; skip_space(&c) == '['; c.at++)
		level++;
	return level;
}

/* Behind an item of a list: a comma (true, moved behind it) or anything else. */
static bool next_item(struct cursor *c)
{
	if (skip_space(c) != ',')
		return false;
	c->at++;
	return true;
}

/* Reads the list at *c, whose innermost lists hold numbers; false where it is not wholly so, or out of memory. */
static bool read_numbers(prl_lift *lift, struct numbers_slot *slot, struct cursor *c, unsigned level)
{
	if (skip_space(c) != '[')
		return false;
	c->at++;
	do {
		double value;
		skip_space(c);
		if (level > 1) {
			if (!read_numbers(lift, slot, c, level - 1))
				return false;
		} else if (!prl_number_read(&c->at, c->end, lift->c_locale, &value)) {
			return false;
		} else if (!add_value(slot, value)) {
			return !(lift->no_memory = true);
		}
	} while (next_item(c));
	if (skip_space(c) != ']')
		return false;
	c->at++;
	return add_end(slot, level) || !(lift->no_memory = true);
}

static bool lift_numbers(prl_lift *lift, struct cursor *c)
{
	struct numbers_slot *slots = grow(lift->numbers, &lift->numbers_room, lift->numbers_count, sizeof *slots);
	if (!slots)
		return !(lift->no_memory = true);
	lift->numbers = slots;
	struct numbers_slot *slot = slots + lift->numbers_count;
	memset(slot->numbers.count, 0, sizeof slot->numbers.count);
	slot->numbers.level = count_levels(*c);
	if (slot->numbers.level > PRL_LIFT_LEVELS || !read_numbers(lift, slot, c, slot->numbers.level))
		return false;
	lift->numbers_count++;
	return true;
}

/* ---- lists of times ------------------------------------------------------------------------------------------ */

bool prl_lift_milliseconds(double ms, prl_time *ret_time)
{
	/* 1678-01-01 and 2262-01-01, as prl_time_parse() has it */
	if (!(ms >= -9214560000000.0 && ms < 9214646400000.0))
		return false;
	double whole = floor(ms);
	*ret_time = (prl_time)whole * 1000000 + (prl_time)rint((ms - whole) * 1e6);
	return true;
}

static bool read_instant(prl_lift *lift, struct cursor *c, prl_time *ret_time)
{
	double ms;
	if (skip_space(c) != '"')
		return prl_number_read(&c->at, c->end, lift->c_locale, &ms) && prl_lift_milliseconds(ms, ret_time);
	const char *text = c->at + 1;
	const char *quote = memchr(text, '"', (size_t)(c->end - text));
	if (!quote || prl_time_parse(text, (size_t)(quote - text), ret_time, NULL))
		return false;
	c->at = quote + 1;
	return true;
}

static bool add_instant(struct instants_slot *slot, prl_time t)
{
	prl_time *times = grow(slot->instants.times, &slot->room, slot->instants.count, sizeof t);
	if (!times)
		return false;
	slot->instants.times = times;
	times[slot->instants.count++] = t;
	return true;
}

static bool lift_instants(prl_lift *lift, struct cursor *c)
{
	struct instants_slot *slots = grow(lift->instants, &lift->instants_room, lift->instants_count, sizeof *slots);
	if (!slots)
		return !(lift->no_memory = true);
	lift->instants = slots;
	struct instants_slot *slot = slots + lift->instants_count;
	slot->instants.count = 0;
	c->at++;
	do {
		prl_time t;
		if (!read_instant(lift, c, &t))
			return false;
		if (!add_instant(slot, t))
			return !(lift->no_memory = true);
	} while (next_item(c));
	if (skip_space(c) != ']')
		return false;
	c->at++;
	lift->instants_count++;
	return true;
}

/* ---- the item ------------------------------------------------------------------------------------------------ */

/* At a quote: moves behind the string; false where it does not end. */
static bool skip_string(struct cursor *c)
{
	for (c->at++; c->at < c->end && *c->at != '"'; c->at++)
		if (*c->at == '\\')
			c->at++;
	if (c->at >= c->end)
		return false;
	c->at++;
	return true;
}

/* Moves to the list that is the value of a key; false where no colon and bracket follow the string. */
static bool at_list(struct cursor *c)
{
	if (skip_space(c) != ':')
		return false;
	c->at++;
	return skip_space(c) == '[';
}

/* Puts the text up to first into the output, then a mark and the line ends of the list. */
static bool put_mark(prl_lift *lift, const char *copied, const char *first, const char *behind, char kind,
                     size_t index)
{
	char mark[sizeof lift->mark + 24]; /* by hand: printf was a tenth of the time of small features */
	size_t end = sizeof mark;
	mark[--end] = '"';
	do
		mark[--end] = (char)('0' + index % 10);
	while (index /= 10);
	mark[--end] = kind;
	end -= strlen(lift->mark);
	memcpy(mark + end, lift->mark, strlen(lift->mark));
	mark[--end] = '"';
	prl_buffer_append(&lift->text, copied, (size_t)(first - copied));
	prl_buffer_append(&lift->text, mark + end, sizeof mark - end);
	for (const char *p = first; (p = memchr(p, '\n', (size_t)(behind - p))); p++)
		prl_buffer_append(&lift->text, "\n", 1);
	return !lift->text.failed;
}

static bool is_key(const char *first, const char *behind, const char *key)
{
	size_t length = strlen(key);
	return (size_t)(behind - first) == length + 2 && !memcmp(first + 1, key, length);
}

prl_status prl_lift_item(prl_lift *lift, const char *bytes, size_t length, const char **ret_text, size_t *ret_length,
                         prl_error *err)
{
	struct cursor c = { bytes, bytes + length };
	const char *copied = bytes, *quote;
	lift->numbers_count = lift->instants_count = 0;
	prl_buffer_clear(&lift->text);
	while ((quote = memchr(c.at, '"', (size_t)(c.end - c.at)))) {
		c.at = quote;
		if (!skip_string(&c))
			break;
		bool numbers = is_key(quote, c.at, "coordinates"), instants = is_key(quote, c.at, "datetimes");
		struct cursor list = c;
		if (!(numbers || instants) || !at_list(&list))
			continue;
		const char *first = list.at;
		if (!(numbers ? lift_numbers(lift, &list) : lift_instants(lift, &list)))
			continue;
		size_t index = (numbers ? lift->numbers_count : lift->instants_count) - 1;
		if (!put_mark(lift, copied, first, list.at, numbers ? 'n' : 't', index))
			lift->no_memory = true;
		c = list;
		copied = c.at;
	}
	if (copied > bytes && !prl_buffer_append(&lift->text, copied, (size_t)(bytes + length - copied)))
		lift->no_memory = true;
	if (lift->no_memory)
		return prl_error_memory(err);
	*ret_text = copied > bytes ? lift->text.data : bytes;
	*ret_length = copied > bytes ? lift->text.size : length;
	return PRL_OK;
}

/* The index that a mark of this kind holds; SIZE_MAX where value is none. */
static size_t marked(const prl_lift *lift, const json_t *value, char kind)
{
	size_t length = strlen(lift->mark);
	const char *text = json_string_value(value);
	if (!text || strncmp(text, lift->mark, length) != 0 || text[length] != kind)
		return SIZE_MAX;
	return strtoul(text + length + 1, NULL, 10);
}

const prl_numbers *prl_lift_numbers(const prl_lift *lift, const json_t *value)
{
	size_t index = marked(lift, value, 'n');
	return index < lift->numbers_count ? &lift->numbers[index].numbers : NULL;
}

const prl_instants *prl_lift_instants(const prl_lift *lift, const json_t *value)
{
	size_t index = marked(lift, value, 't');
	return index < lift->instants_count ? &lift->instants[index].instants : NULL;
}
