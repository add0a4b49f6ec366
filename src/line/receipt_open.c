/* Which notices wait for receipts: the local noun "receipt.open", by the notice's id. A notice is in it while it is
 * live and some party for whom it is has not read it back though it must, or has a read-back that its sender has not
 * answered "as meant". Derived, so that nobody has to look through millions of notices each second; of parties that
 * join later it knows from the next act on a notice. */
#include "line/receipt_inside.h"

#include "base/error.h"
#include "base/text.h"
#include "line/thing.h"
#include "picture/body.h"
#include "picture/pack.h"

#include <string.h>

static const char noun_name[] = PRL_RECEIPT_OPEN_NOUN;

bool prl_receipt_open_save(const void *value, prl_buffer *to)
{
	return prl_pack_number(to, *(const unsigned char *)value);
}

static unsigned char *value_new(void)
{
	unsigned char *value = malloc(1);
	if (value)
		*value = 1;
	return value;
}

void *prl_receipt_open_load(prl_bytes bytes, prl_error *err)
{
	prl_unpack from = { bytes, false };
	(void)prl_unpack_number(&from, 1);
	return prl_unpack_end(&from, noun_name, err) ? value_new() : NULL;
}

typedef struct waiting {
	prl_picture *picture;
	const prl_notice *notice;
	bool any;
} waiting;

static void look_at_party(void *context, const prl_party *party)
{
	waiting *w = context;
	const json_t *newest = prl_receipt_newest(prl_receipt_slot(w->picture, PRL_VERSION_WORKING, w->notice,
								   &w->notice->version, prl_bytes_of(party->name)));
	bool as_meant = prl_bytes_is(prl_body_text(json_object_get(newest, "judged"), "judgement"), "as meant");
	w->any = w->any || (newest ? !as_meant : prl_receipt_why(w->notice) != NULL);
}

prl_status prl_receipt_follow(prl_picture *picture, const prl_hash *id, prl_error *err)
{
	unsigned table;
	waiting w = { .picture = picture, .notice = prl_notice_find(picture, PRL_VERSION_WORKING, id) };
	if (!w.notice || !prl_picture_table(picture, noun_name, &table))
		return PRL_OK;
	bool there = prl_picture_find(picture, PRL_VERSION_WORKING, table, prl_hash_key(id)) != NULL;
	if (w.notice->state == PRL_NOTICE_LIVE)
		prl_receipt_each_party(picture, PRL_VERSION_WORKING, w.notice, look_at_party, &w);
	if (w.any == there)
		return PRL_OK;
	return w.any ? prl_picture_put(picture, table, prl_hash_key(id), value_new(), err)
		     : prl_picture_remove(picture, table, prl_hash_key(id), err);
}

typedef struct each {
	const prl_show *show;
	prl_notice_fn *fn;
	void *context;
} each;

static bool each_one(void *context, prl_bytes key, const void *value)
{
	const each *e = context;
	prl_hash id;
	(void)value;
	memcpy(id.bytes, key.data, sizeof id.bytes);
	const prl_notice *notice = prl_notice_find(e->show->picture, e->show->version, &id);
	return !notice || !prl_notice_is_live(notice, e->show->now) || e->fn(e->context, notice);
}

prl_status prl_receipt_each_open(const prl_show *show, prl_notice_fn *fn, void *context, prl_error *err)
{
	unsigned table;
	each e = { show, fn, context };
	if (!prl_picture_table(show->picture, noun_name, &table))
		return PRL_OK;
	return prl_picture_each(show->picture, show->version, table, each_one, &e, err);
}
