/* Any JSON as the body of a call and of its answers: nothing is refused, what is kept is of the type and size that it
 * is shown with, and answers end in one order whichever came first. */
#include "line/call.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static prl_entry entry_of(const char *kind, const char *party, unsigned char number)
{
	prl_entry entry = { .kind = prl_bytes_of(kind),
			    .party = prl_bytes_of(party),
			    .key = prl_bytes_of(party),
			    .time = (prl_time)(number % 7) * PRL_SECOND };
	memset(entry.hash.bytes, number, sizeof entry.hash.bytes);
	return entry;
}

/* The first bytes say which answers there are; they are added forth and back. */
static void answer(json_t *call, const json_t *body, const uint8_t *order, size_t count, bool back)
{
	static const char *const kinds[] = { "call.taken", "call.passed", "call.reported", "call.withdrawn" };
	static const char *const parties[] = { "us", "ru", "un" };
	for (size_t i = 0; i < count; i++) {
		uint8_t one = order[back ? count - 1 - i : i];
		prl_entry *entry = malloc(sizeof *entry);
		check(entry != NULL);
		*entry = entry_of(kinds[one % 4], parties[one / 4 % 3], one);
		json_t *made = prl_call_answer(entry, body, one & 64 ? "ru.example/line" : NULL, one);
		check(made && prl_call_add(call, made));
		free(entry);
	}
}

static void check_view(const json_t *call)
{
	json_t *parties = json_pack("[s, s]", "ru", "un"), *view = prl_call_view(call, parties, 100 * PRL_SECOND);
	check(view && json_array_size(json_object_get(view, "parties")) == 2);
	check(json_is_string(json_object_get(view, "words")) && json_is_string(json_object_get(view, "place")));
	check(json_string_length(json_object_get(view, "words")) <= PRL_CALL_WORDS_MAX);
	char name[PRL_CALL_NAME_MAX];
	prl_call_name(call, name);
	check(strlen(name) < sizeof name && prl_call_repeats(call, call));
	(void)prl_call_is_over(call, parties);
	json_decref(view);
	json_decref(parties);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t count = size ? data[0] % 24 : 0;
	if (size < 1 + count)
		return 0;
	json_t *body = json_loadb((const char *)data + 1 + count, size - 1 - count, 0, NULL);
	prl_entry *entry = malloc(sizeof *entry);
	check(entry != NULL);
	*entry = entry_of("call.raised", "us", 1);
	json_t *forth = prl_call_new(entry, body, "us.example/line", 4), *back = json_deep_copy(forth);
	check(forth && back);
	answer(forth, body, data + 1, count, false);
	answer(back, body, data + 1, count, true);
	check_view(forth);
	/* the place in a log of one that came twice may differ: the rest is the same */
	check(json_array_size(json_object_get(forth, "answers")) == json_array_size(json_object_get(back, "answers")));
	json_decref(forth);
	json_decref(back);
	json_decref(body);
	free(entry);
	return 0;
}
