/* Any bytes as the body of an entry of any kind: the first byte names the kind. A body that is taken holds what its
 * schema says: written and read again it is taken again. */
#include "base/text.h"
#include "line/line.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const kinds[] = { "constitution",      "constitution.amended",
				     "root.rotated",      "desk.opened",
				     "desk.closed",       "key.certified",
				     "key.rotated",       "key.revoked",
				     "key.compromised",   "program.admitted",
				     "program.dismissed", "setting.changed",
				     "peer.seen",         "peer.fault",
				     "peer.forked",       "content.got",
				     "content.deleted",   "clock.suspect",
				     "clock.trusted",     "node.alone",
				     "node.restored",     "tick",
				     "message.sent" };

static prl_picture *picture;

static void prepare(void)
{
	if (picture)
		return;
	if (prl_picture_new("us.example/line", &picture, NULL) || prl_line_add(picture, NULL))
		abort();
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!prl_picture_kind(picture, prl_bytes_of(kinds[i])))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	prepare();
	if (size == 0 || size > PRL_ENTRY_MAX)
		return 0;
	prl_error err = { 0 };
	json_t *body = NULL, *again = NULL;
	static prl_entry entry;
	entry.kind = prl_bytes_of(kinds[data[0] % (sizeof kinds / sizeof *kinds)]);
	entry.body = (prl_bytes){ (const char *)data + 1, size - 1 };
	prl_status status = prl_picture_body(picture, &entry, &body, &err);
	if (status) {
		if (body || err.status != status || !err.text[0])
			abort();
		return 0;
	}
	char *text = json_dumps(body, JSON_COMPACT);
	entry.body = text ? prl_bytes_of(text) : (prl_bytes){ NULL, 0 };
	if (!text || prl_picture_body(picture, &entry, &again, NULL) || !json_equal(body, again))
		abort();
	free(text);
	json_decref(body);
	json_decref(again);
	return 0;
}

/* The picture is made once; what is left at the end is no leak. */
__attribute__((destructor)) static void done(void)
{
	prl_picture_free(picture);
}
