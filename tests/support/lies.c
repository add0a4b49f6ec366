#include "support/lies.h"

#include "base/hash.h"
#include "base/text.h"

#include <sodium.h>

#include <stdio.h>
#include <string.h>

static size_t other_body(const liar *l, char *text)
{
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, LIES_GOOD, &l->node->console, text);
	char *at = memmem(text, size, "a lie", 5);
	memcpy(at, "A LIE", 5);
	return size;
}

static size_t no_key(const liar *l, char *text)
{
	prl_signer other;
	prl_error err;
	if (prl_signer_new(l->node->console.verifier.name, PRL_KEY_NOTE, &other, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	return liar_write(l, &(prl_entry_head){ 0 }, LIES_GOOD, &other, text);
}

/* RFC 8032 section 5.1.7: S must be below L. S + L is the same number to whoever does not look. */
static size_t large_s(const liar *l, char *text)
{
	static const uint8_t order[32] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
					   0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
					   0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10 };
	prl_note note;
	prl_error err;
	uint8_t signature[68];
	char base64[100];
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, LIES_GOOD, &l->node->console, text);
	if (prl_note_read((prl_bytes){ text, size }, &note, &err))
		nodes_fail(__FILE__, __LINE__, err.text);
	for (unsigned i = 0; i < 4; i++)
		signature[i] = (uint8_t)(note.signatures[0].id >> (24 - 8 * i));
	memcpy(signature + 4, note.signatures[0].bytes, 64);
	for (unsigned i = 0, carry = 0; i < 32; i++) {
		unsigned sum = signature[36 + i] + order[i] + carry;
		signature[36 + i] = (uint8_t)sum;
		carry = sum >> 8;
	}
	(void)sodium_bin2base64(base64, sizeof base64, signature, sizeof signature, sodium_base64_VARIANT_ORIGINAL);
	memcpy(text + size - 1 - strlen(base64), base64, strlen(base64));
	return size;
}

/* A key of small order: its owner could sign everything for everybody. */
static size_t small_order(const liar *l, char *text)
{
	static const uint8_t low[32] = { 1 }; /* the neutral element */
	char vkey[PRL_KEY_TEXT_MAX], body[500];
	uint8_t hashed[200];
	prl_verifier v = { .type = PRL_KEY_NOTE };
	(void)snprintf(v.name, sizeof v.name, "%.60s/low", l->node->desk.verifier.name);
	size_t length = strlen(v.name);
	memcpy(hashed, v.name, length);
	hashed[length] = '\n';
	hashed[length + 1] = PRL_KEY_NOTE;
	memcpy(hashed + length + 2, low, 32);
	memcpy(v.public_key, low, 32);
	prl_hash hash = prl_sha256(hashed, length + 34);
	v.id = (uint32_t)hash.bytes[0] << 24 | (uint32_t)hash.bytes[1] << 16 | (uint32_t)hash.bytes[2] << 8 |
	       hash.bytes[3];
	prl_verifier_write(&v, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	prl_entry_head head = { .kind = "key.certified",
				.key = l->node->desk.verifier.name,
				.serial = l->desk_serial + 1,
				.previous = &l->desk_previous };
	return liar_write(l, &head, body, &l->node->desk, text);
}

static size_t gap(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .serial = l->serial + 5 }, LIES_GOOD, &l->node->console, text);
}

static size_t wrong_previous(const liar *l, char *text)
{
	static const prl_hash wrong = { { 7 } };
	return liar_write(l, &(prl_entry_head){ .previous = &wrong, .serial = l->serial + 1 }, LIES_GOOD,
			  &l->node->console, text);
}

static size_t serial_again(const liar *l, char *text)
{
	static const prl_hash none;
	return liar_write(l, &(prl_entry_head){ .serial = 1, .previous = &none }, LIES_GOOD, &l->node->console, text);
}

static size_t unknown_kind(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .kind = "world.ended" }, "{}", &l->node->console, text);
}

static size_t other_party(const liar *l, char *text)
{
	bool is_us = strcmp(l->node->party, "us") == 0;
	return liar_write(l, &(prl_entry_head){ .party = is_us ? "ru" : "us" }, LIES_GOOD, &l->node->console, text);
}

static size_t other_desk(const liar *l, char *text)
{
	bool is_us = strcmp(l->node->party, "us") == 0;
	return liar_write(l, &(prl_entry_head){ .desk = is_us ? "ru-ops" : "us-ops" }, LIES_GOOD, &l->node->console,
			  text);
}

static size_t other_log(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .log = "xx.example/line" }, LIES_GOOD, &l->node->console, text);
}

static size_t other_line(const liar *l, char *text)
{
	static const prl_hash line = { { 9 } };
	return liar_write(l, &(prl_entry_head){ .line = &line }, LIES_GOOD, &l->node->console, text);
}

static size_t console_certifies(const liar *l, char *text)
{
	char vkey[PRL_KEY_TEXT_MAX], body[500];
	prl_verifier_write(&l->node->root.verifier, vkey);
	(void)snprintf(body, sizeof body, "{\"key\":\"%s\"}", vkey);
	return liar_write(l, &(prl_entry_head){ .kind = "key.certified" }, body, &l->node->console, text);
}

static size_t node_kind(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ .kind = "clock.suspect" }, "{\"reason\":\"none\"}", &l->node->console,
			  text);
}

static size_t no_json(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, "{\"text\":", &l->node->console, text);
}

static size_t twice_the_same(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, "{\"text\":\"a\",\"text\":\"b\",\"language\":\"en\"}",
			  &l->node->console, text);
}

static size_t deep_json(const liar *l, char *text)
{
	size_t depth = 30000;
	char *body = malloc(2 * depth + 1);
	memset(body, '[', depth);
	memset(body + depth, ']', depth);
	body[2 * depth] = 0;
	size_t size = liar_write(l, &(prl_entry_head){ 0 }, body, &l->node->console, text);
	free(body);
	return size;
}

static size_t no_utf8(const liar *l, char *text)
{
	size_t size = other_body(l, text);
	char *at = memmem(text, size, "A LIE", 5);
	memcpy(at, "\xed\xa0\x80\xc0\xaf", 5); /* a surrogate, an overlong / */
	return size;
}

static size_t control(const liar *l, char *text)
{
	size_t size = other_body(l, text);
	char *at = memmem(text, size, "A LIE", 5);
	memcpy(at, "\x1b[2J\x07", 5);
	return size;
}

static size_t garbage(const liar *l, char *text)
{
	(void)l;
	memset(text, 0xa5, PRL_ENTRY_MAX);
	return PRL_ENTRY_MAX;
}

static size_t nothing(const liar *l, char *text)
{
	(void)l, (void)text;
	return 0;
}

static size_t half(const liar *l, char *text)
{
	return liar_write(l, &(prl_entry_head){ 0 }, LIES_GOOD, &l->node->console, text) / 2;
}

const lie lies[] = {
	{ "another body under the signature", other_body, "does not hold for this text", 422,
	  "does not hold for this text", false },
	{ "a key of that name that nobody certified", no_key, "no such key of the party", 422,
	  "no such key of the party", false },
	{ "S + L", large_s, "does not hold for this text", 422, "does not hold for this text", false },
	{ "a key of small order", small_order, "main subgroup", 400, "main subgroup", true },
	{ "a gap", gap, "serial", 409, "serial", false },
	{ "another previous", wrong_previous, "previous is not the hash", 409, "previous is not the hash", false },
	{ "a serial again", serial_again, "serial 1", 409, "serial 1", false },
	{ "an unknown kind", unknown_kind, "world.ended is not known", 422, "world.ended is not known", true },
	{ "another party", other_party, "acts in log", 422, "no such key of the party", false },
	{ "another desk", other_desk, "is of desk", 403, "is of desk", false },
	{ "another log", other_log, "the entry is of log xx.example/line", 403, "the entry is of log xx.example/line",
	  false },
	{ "another line", other_line, "of another line", 403, "of another line", false },
	{ "a console certifies", console_certifies, "expected a desk's own key", 403, "expected a desk's own key",
	  true },
	{ "what only the node records", node_kind, "only the node itself records it", 403,
	  "only the node itself records it", false },
	{ "no JSON", no_json, "not JSON", 400, "not JSON", true },
	{ "a member twice", twice_the_same, "a name stands twice", 400, "a name stands twice", true },
	{ "deep JSON", deep_json, "nested deeper than 32", 400, "nested deeper than 32", true },
	{ "no UTF-8", no_utf8, "UTF-8", 400, "UTF-8", false },
	{ "control characters", control, "controls", 400, "controls", false },
	{ "garbage", garbage, "UTF-8", 400, "UTF-8", false },
	{ "nothing", nothing, "a note is empty", 400, "a note is empty", false },
	{ "a half", half, "without an empty line", 400, "without an empty line", false },
};
const size_t lie_count = sizeof lies / sizeof *lies;

bool lie_by_desk(const lie *l)
{
	return l->write == small_order;
}
