#include "node/seen.h"

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

#include <string.h>

prl_status prl_seen_new(prl_picture *picture, const char *log, prl_seen **ret, prl_error *err)
{
	prl_seen *seen = calloc(1, sizeof *seen);
	if (!seen)
		return prl_error_memory(err);
	seen->picture = picture;
	seen->log = log;
	*ret = seen;
	return PRL_OK;
}

void prl_seen_free(prl_seen *seen)
{
	free(seen);
}

/* The reason quotes what a peer wrote, and is cut to its room: the last character may be half there. */
static void set_reason(prl_fault *fault, const prl_error *why)
{
	char text[sizeof why->where + sizeof why->text + 3];
	size_t length = (size_t)snprintf(text, sizeof text, "%s%s%s", why->where, why->where[0] ? ": " : "", why->text);
	if (length >= sizeof fault->reason)
		length = sizeof fault->reason - 1;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			text[i] = ' ';
	for (size_t cut = 0; cut < 4 && length && !prl_utf8_check((prl_bytes){ text, length }, false); cut++)
		length--;
	if (!prl_utf8_check((prl_bytes){ text, length }, false))
		length = 0;
	memcpy(fault->reason, text, length);
	fault->reason[length] = 0;
	if (length == 0)
		strcpy(fault->reason, prl_status_text(why->status));
}

static void set_down(prl_seen *seen, uint64_t index, const prl_error *why)
{
	prl_fault *fault = &seen->first_more;
	if (seen->count < PRL_MAX_FAULTS_A_BATCH) {
		fault = &seen->faults[seen->count++];
	} else {
		seen->last_more = index;
		if (seen->more++)
			return;
	}
	fault->index = index;
	fault->hash = seen->entry.hash;
	set_reason(fault, why);
}

/* What is no entry has a place in the log all the same; the fold refuses it for want of a head. */
static void set_unreadable(prl_entry *entry, prl_bytes bytes)
{
	memset(entry, 0, sizeof *entry);
	entry->whole = bytes;
	entry->hash = prl_sha256(bytes.data, bytes.size);
	entry->kind = prl_bytes_of("");
}

prl_status prl_seen_apply(void *context, uint64_t index, prl_bytes bytes, prl_error *err)
{
	prl_seen *seen = context;
	prl_error why = { 0 }, unread = { 0 };
	prl_status read = prl_entry_read(bytes, &seen->entry, &unread);
	if (read)
		set_unreadable(&seen->entry, bytes);
	prl_status st = prl_picture_apply(seen->picture, seen->log, index, &seen->entry, NULL, NULL, &why);
	if (st == PRL_E_MEMORY || st == PRL_E_EARLY) {
		*err = why;
		return st;
	}
	if (st)
		set_down(seen, index, read ? &unread : &why);
	return PRL_OK;
}

bool prl_seen_receipt(const prl_picture *picture, prl_bytes entry)
{
	static const char first[] = "parley/v1 ";
	prl_bytes line;
	if (!prl_line_take(&entry, &line) || line.size < sizeof first ||
	    memcmp(line.data, first, sizeof first - 1) != 0)
		return false;
	const prl_act_kind *kind =
		prl_picture_kind(picture, (prl_bytes){ line.data + sizeof first - 1, line.size - (sizeof first - 1) });
	return kind && kind->receipt;
}
