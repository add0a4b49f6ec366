/* HTTP above the library: the bytes are a request's head. They are taken apart the way libmicrohttpd 0.9.75 does it (a
 * few lines below, as its behaviour was found by test), with the same writing into the head; then our checks run. What
 * they let through must be, byte for byte, what RFC 9112 would write for the parts that were read. */
#include "node/http_route.h"
#include "node/http_strict.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                                     \
	do {                                                                                                           \
		if (!(what))                                                                                           \
			abort();                                                                                       \
	} while (0)

static char elsewhere[1]; /* where a folded line's field is moved to */

/* ---- as the parser reads ----------------------------------------------------------------------------------------- */

static char *next_line(char **at, char *end, size_t *ret_size)
{
	char *line = *at, *stop = memchr(line, '\n', (size_t)(end - line));
	if (!stop)
		return NULL;
	*at = stop + 1;
	*stop = 0;
	if (stop > line && stop[-1] == '\r')
		*--stop = 0;
	*ret_size = (size_t)(stop - line);
	return line;
}

static bool read_line(char *line, size_t size, prl_head *head)
{
	char *space = memchr(line, ' ', size), *end = line + size, *last = end - 1;
	if (!space || space == line)
		return false;
	*space++ = 0;
	while (space < end && *space == ' ')
		space++;
	while (last > space && *last == ' ')
		last--;
	while (last > space && *last != ' ')
		last--;
	if (space == end || last <= space)
		return false;
	*last = 0;
	if (end - last - 1 != 8 || memchr(space, ' ', (size_t)(last - space)))
		return false;
	head->method = prl_bytes_of(line);
	head->target = prl_bytes_of(space);
	head->version = prl_bytes_of(last + 1);
	return true;
}

static bool read_fields(char **at, char *end, prl_head *head)
{
	char *line;
	size_t size;
	while ((line = next_line(at, end, &size)) && line[0]) {
		if (head->count && (line[0] == ' ' || line[0] == '\t')) {
			head->fields[head->count - 1].name.data = elsewhere;
			continue;
		}
		char *colon = strchr(line, ':');
		if (!colon || head->count == PRL_MAX_HTTP_FIELDS)
			return false;
		*colon++ = 0;
		while (*colon == ' ' || *colon == '\t')
			colon++;
		head->fields[head->count++] = (prl_field){ prl_bytes_of(line), prl_bytes_of(colon) };
	}
	return line != NULL;
}

/* ---- what must hold ---------------------------------------------------------------------------------------------- */

static void expect(const char **raw, const char *end, prl_bytes part)
{
	MUST((size_t)(end - *raw) >= part.size && memcmp(*raw, part.data, part.size) == 0);
	*raw += part.size;
}

/* CR LF. What cannot be told from it afterwards is a 0 byte among the bytes of line ends. */
static void expect_end(const char **raw, const char *end, bool *exact, bool *zero)
{
	MUST(end - *raw >= 2);
	for (size_t i = 0; i < 2; i++) {
		char c = (*raw)[i];
		MUST(c == 0 || c == '\r' || c == '\n');
		*exact = *exact && c == "\r\n"[i];
		*zero = *zero || c == 0;
	}
	*raw += 2;
}

static void check_bytes(const prl_head *head, const char *raw, size_t size)
{
	const char *end = raw + size;
	bool exact = true, zero = false;
	expect(&raw, end, head->method);
	expect(&raw, end, prl_bytes_of(" "));
	expect(&raw, end, head->target);
	expect(&raw, end, prl_bytes_of(" "));
	expect(&raw, end, head->version);
	expect_end(&raw, end, &exact, &zero);
	for (size_t i = 0; i < head->count; i++) {
		expect(&raw, end, head->fields[i].name);
		expect(&raw, end, prl_bytes_of(":"));
		while (raw < end && (*raw == ' ' || *raw == '\t'))
			raw++;
		expect(&raw, end, head->fields[i].value);
		expect_end(&raw, end, &exact, &zero);
	}
	expect_end(&raw, end, &exact, &zero);
	MUST(raw == end && (exact || zero));
}

static void check_framing(const prl_head *head, const prl_framing *framing)
{
	size_t lengths = 0, codings = 0, hosts = 0;
	for (size_t i = 0; i < head->count; i++) {
		lengths += head->fields[i].name.size == 14 &&
			   strncasecmp(head->fields[i].name.data, "content-length", 14) == 0;
		codings += head->fields[i].name.size == 17 &&
			   strncasecmp(head->fields[i].name.data, "transfer-encoding", 17) == 0;
		hosts += head->fields[i].name.size == 4 && strncasecmp(head->fields[i].name.data, "host", 4) == 0;
	}
	MUST(hosts == 1 && lengths + codings <= 1 && framing->chunked == (codings == 1));
	MUST(lengths || framing->length == 0);
}

static bool equal_targets(const prl_target *a, const prl_target *b)
{
	bool equal = a->segment_count == b->segment_count && a->query_count == b->query_count;
	for (size_t i = 0; equal && i < a->segment_count; i++)
		equal = prl_bytes_equal(a->segments[i], b->segments[i]);
	for (size_t i = 0; equal && i < a->query_count; i++)
		equal = prl_bytes_equal(a->queries[i].name, b->queries[i].name) &&
			prl_bytes_equal(a->queries[i].value, b->queries[i].value);
	return equal;
}

static void escape(prl_buffer *to, prl_bytes bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		prl_buffer_printf(to, "%%%02X", (unsigned char)bytes.data[i]);
}

/* What was decoded reads the same when every byte of it is escaped. */
static void check_target(const prl_target *target)
{
	prl_buffer text = PRL_BUFFER(1u << 20);
	for (size_t i = 0; i < target->segment_count; i++) {
		prl_bytes segment = target->segments[i];
		MUST(prl_utf8_check(segment, false) && !prl_bytes_is(segment, ".") && !prl_bytes_is(segment, ".."));
		MUST(!memchr(segment.data, 0, segment.size));
		prl_buffer_append(&text, "/", 1);
		escape(&text, segment);
	}
	for (size_t i = 0; i < target->query_count; i++) {
		prl_buffer_append(&text, i ? "&" : "?", 1);
		escape(&text, target->queries[i].name);
		prl_buffer_append(&text, "=", 1);
		escape(&text, target->queries[i].value);
	}
	prl_target again;
	MUST(!text.failed && prl_target_read(text.data, text.size, &again, NULL) == PRL_OK &&
	     equal_targets(target, &again));
	prl_buffer_done(&text);
}

static void handle(void *node, prl_request *request)
{
	(void)node;
	(void)request;
}

static void check_routes(prl_target *target, prl_bytes method)
{
	static const prl_route routes[] = { { "GET", "/", PRL_MAY_ANYBODY, 0, NULL, handle },
					    { "GET", "/a/{b}", PRL_MAY_ANYBODY, 0, NULL, handle },
					    { "POST", "/a/b", PRL_MAY_ANYBODY, 0, NULL, handle },
					    { "GET", "/log/{rest*}", PRL_MAY_ANYBODY, 0, NULL, handle } };
	prl_route_line lines[4];
	for (size_t i = 0; i < 4; i++)
		MUST(prl_route_read(&routes[i], &lines[i], NULL) == PRL_OK);
	char allow[PRL_MAX_HTTP_ALLOW];
	bool known = false;
	const prl_route_line *line = prl_route_find(lines, 4, target, method, &known, allow);
	MUST(line || known == (allow[0] != 0));
	prl_bytes rest, again;
	if (!line || prl_route_part(line, target, "rest", &rest))
		return;
	MUST(!memmem(rest.data, rest.size, "..", 2) || (rest.size > 2 && !memmem(rest.data, rest.size, "/../", 4)));
	MUST(prl_route_part(line, target, "rest", &again) == PRL_OK && prl_bytes_equal(rest, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static prl_head head;
	prl_error err = { 0 };
	prl_framing framing;
	char *raw = malloc(size + 1), *block = malloc(size + 1), *at = block;
	MUST(raw && block);
	memcpy(raw, data, size);
	memcpy(block, data, size);
	raw[size] = block[size] = 0;
	head.count = 0;
	size_t line_size;
	char *line = next_line(&at, block + size, &line_size);
	if (line && line[0] && read_line(line, line_size, &head) && read_fields(&at, block + size, &head) &&
	    prl_head_covers(&head, block, (size_t)(at - block))) {
		check_bytes(&head, raw, (size_t)(at - block));
		unsigned status = prl_head_check(&head, &framing, &err);
		MUST(status == 0 || (status >= 400 && err.text[0]));
		if (!status)
			check_framing(&head, &framing);
		prl_target target;
		char *text = prl_text_copy(head.target.data, head.target.size);
		MUST(text);
		if (prl_target_read(text, head.target.size, &target, &err) == PRL_OK) {
			check_target(&target);
			check_routes(&target, head.method);
		}
		free(text);
		(void)prl_type_fits(prl_head_field(&head, "Content-Type"), "application/json");
		MUST(prl_bearer_token(prl_head_field(&head, "Authorization")).size <= size);
	}
	free(raw);
	free(block);
	return 0;
}
