#include "support/uss.h"

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

/* ---- requests ---------------------------------------------------------------------------------------------------- */

static void write_extents(uss_request *to, const uss_place *p)
{
	char from[PRL_TIME_TEXT_MAX], until[PRL_TIME_TEXT_MAX];
	prl_time_format(p->from, from);
	prl_time_format(p->to, until);
	snprintf(to->extents, sizeof to->extents,
		 "[{\"volume\":{\"outline_circle\":{\"center\":{\"lat\":%.9f,\"lng\":%.9f},\"radius\":{\"value\":%.3f,"
		 "\"units\":\"M\"}},\"altitude_lower\":{\"value\":%.3f,\"reference\":\"W84\",\"units\":\"M\"},"
		 "\"altitude_upper\":{\"value\":%.3f,\"reference\":\"W84\",\"units\":\"M\"}},\"time_start\":{\"value\":"
		 "\"%s\",\"format\":\"RFC3339\"},\"time_end\":{\"value\":\"%s\",\"format\":\"RFC3339\"}}]",
		 p->lat, p->lng, p->radius_m, p->lower_m, p->upper_m, from, until);
}

static void read_extents(uss_request *to)
{
	prl_error err = { 0 };
	const prl_extent_rules rules = { 0 };
	json_t *json = json_loads(to->extents, 0, NULL);
	assert_non_null(json);
	if (prl_extent_read(json, &rules, &to->request.extent, &err) ||
	    prl_extent_prepare(to->request.extent, &to->request.ready, &err))
		fail_msg("%s: %s", err.where, err.text);
	json_decref(json);
	to->request.extents = prl_bytes_of(to->extents);
}

uss_request *uss_request_new(prl_dss_act act, const char *manager, const prl_uuid *id, const uss_place *place)
{
	uss_request *to = calloc(1, sizeof *to);
	assert_non_null(to);
	snprintf(to->manager, sizeof to->manager, "%s", manager);
	snprintf(to->url, sizeof to->url, "https://%s.example/uss", manager);
	to->request = (prl_dss_request){ .act = act,
					 .manager = to->manager,
					 .id = *id,
					 .url = to->url,
					 .new_url = to->url,
					 .fresh = prl_uuid_random() };
	randombytes_buf(to->request.nonce, sizeof to->request.nonce);
	randombytes_buf(to->request.fresh_nonce, sizeof to->request.fresh_nonce);
	randombytes_buf(to->request.salt, sizeof to->request.salt);
	if (place) {
		write_extents(to, place);
		read_extents(to);
	}
	return to;
}

void uss_request_free(uss_request *request)
{
	if (request->request.extent)
		prl_extent_ready_done(&request->request.ready);
	prl_extent_free(request->request.extent);
	for (size_t i = 0; i < request->request.key_count; i++)
		free(request->keys[i]);
	free(request);
}

static prl_entity_kind kind_of(prl_dss_act act)
{
	bool intent = act == PRL_DSS_PUT_INTENT || act == PRL_DSS_DELETE_INTENT;
	bool constraint = act == PRL_DSS_PUT_CONSTRAINT || act == PRL_DSS_DELETE_CONSTRAINT;
	return intent ? PRL_INTENT : constraint ? PRL_CONSTRAINT : PRL_SUBSCRIPTION;
}

void uss_request_current(uss_request *request, prl_picture *picture)
{
	prl_version version = prl_picture_pin(picture);
	const prl_entity *entity =
		prl_entity_find(picture, version, kind_of(request->request.act), &request->request.id);
	request->request.stamp = entity ? request->stamp : NULL;
	if (entity)
		prl_stamp_write(&entity->stamp, &entity->id, request->stamp);
	prl_picture_unpin(picture, version);
}

static bool add_key(void *context, const prl_entity *entity)
{
	uss_request *to = context;
	char text[PRL_STAMP_TEXT_MAX];
	assert_true(to->request.key_count < sizeof to->keys / sizeof *to->keys);
	prl_stamp_write(&entity->stamp, &entity->id, text);
	to->keys[to->request.key_count++] = strdup(text);
	return true;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void uss_request_key_all(uss_request *request, prl_picture *picture)
{
	prl_error err;
	prl_version version = prl_picture_pin(picture);
	assert_int_equal(prl_entities_each(picture, version, PRL_INTENT, add_key, request, &err), PRL_OK);
	assert_int_equal(prl_entities_each(picture, version, PRL_CONSTRAINT, add_key, request, &err), PRL_OK);
	prl_picture_unpin(picture, version);
	if (request->request.key_count)
		qsort(request->keys, request->request.key_count, sizeof *request->keys, by_text);
	request->request.key = (const char **)(void *)request->keys;
}

/* Of a refusal the further members; NULL where there are none. */
static json_t *answer_of(const prl_filing *filing)
{
	const prl_buffer *text = &filing->dss_answer;
	json_t *answer = NULL;
	if (!filing->status && filing->dss_status < 400) {
		answer = json_loadb(text->data, text->size, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(answer);
	} else if (!filing->status && text->size) {
		char *whole = strndup(text->data, text->size);
		assert_int_equal(whole[0], ',');
		whole[0] = '{';
		prl_buffer all = PRL_BUFFER(1u << 26);
		assert_true(prl_buffer_printf(&all, "%s}", whole));
		answer = json_loadb(all.data, all.size, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(answer);
		prl_buffer_done(&all);
		free(whole);
	}
	return answer;
}

unsigned uss_submit(test_node *node, uss_request *request, json_t **ret_answer)
{
	request->request.now = node->now;
	prl_filing filing = { .what = PRL_FILING_DSS, .dss = &request->request };
	prl_status status = prl_clerk_submit_wait(node->clerk, &filing);
	if (!status && filing.dss_later) {
		prl_error err;
		prl_look look = prl_registry_pin(node->registry);
		assert_int_equal(prl_dss_answer_later(&look, filing.dss, &filing.dss_answer, &err), PRL_OK);
		prl_registry_unpin(&look);
	}
	if (ret_answer)
		*ret_answer = answer_of(&filing);
	prl_buffer_done(&filing.dss_answer);
	if (status)
		print_message("# %s: %s\n", filing.err.where, filing.err.text);
	return status ? 500 : filing.dss_status;
}

/* ---- looking at all ---------------------------------------------------------------------------------------------- */

static bool put_entity(void *context, const prl_entity *e)
{
	prl_buffer *to = context;
	char stamp[PRL_STAMP_TEXT_MAX];
	prl_stamp_write(&e->stamp, &e->id, stamp);
	assert_true(prl_buffer_append(to, e->id.bytes, sizeof e->id));
	assert_true(prl_buffer_printf(to, "%u %u %u %u %u %s %llu %lld %s %s %u ", e->kind, e->state, e->flags,
				      e->version, e->notified, stamp, (unsigned long long)e->index,
				      (long long)e->changed, prl_entity_manager(e), prl_entity_url(e),
				      e->dependent_count));
	assert_true(prl_buffer_append(to, e->subscription.bytes, sizeof e->subscription));
	if (e->dependent_count)
		assert_true(prl_buffer_append(to, e->dependents, e->dependent_count * sizeof *e->dependents));
	assert_true(prl_extent_save(e->shape->extent, to));
	return true;
}

prl_hash uss_digest(prl_picture *picture)
{
	prl_error err;
	prl_buffer all = PRL_BUFFER(1u << 30);
	prl_version version = prl_picture_pin(picture);
	for (unsigned kind = 0; kind < PRL_ENTITY_KINDS; kind++)
		assert_int_equal(prl_entities_each(picture, version, (prl_entity_kind)kind, put_entity, &all, &err),
				 PRL_OK);
	prl_picture_unpin(picture, version);
	prl_hash hash = prl_sha256(all.data, all.size);
	prl_buffer_done(&all);
	return hash;
}

typedef struct meeting {
	prl_extent_ready ready;
	bool altitudes;
	prl_time now;
	prl_uuid *ids;
	size_t count, room;
} meeting;

static bool meet_one(void *context, const prl_entity *entity)
{
	meeting *m = context;
	bool meets = false;
	prl_error err;
	if (entity->shape->extent->to < m->now)
		return true;
	assert_int_equal(prl_extent_meets(&m->ready, entity->shape->extent, m->altitudes, &meets, &err), PRL_OK);
	if (!meets)
		return true;
	if (m->count == m->room) {
		m->room = m->room ? 2 * m->room : 16;
		m->ids = realloc(m->ids, m->room * sizeof *m->ids);
		assert_non_null(m->ids);
	}
	m->ids[m->count++] = entity->id;
	return true;
}

prl_uuid *uss_meeting(prl_picture *picture, prl_version version, prl_entity_kind kind, const prl_extent *extent,
		      bool altitudes, prl_time now, size_t *ret_count)
{
	prl_error err;
	meeting m = { .altitudes = altitudes, .now = now };
	assert_int_equal(prl_extent_prepare(extent, &m.ready, &err), PRL_OK);
	assert_int_equal(prl_entities_each(picture, version, kind, meet_one, &m, &err), PRL_OK);
	prl_extent_ready_done(&m.ready);
	*ret_count = m.count;
	return m.ids;
}
