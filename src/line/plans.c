#include "line/plans.h"

#include "base/error.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>

#define BUCKETS 65536u /* two bytes of a hash */

struct prl_held {
	prl_hash hash;
	prl_plan *plan;
	size_t bytes;
	uint32_t taken, pins;
	prl_held *next;          /* of the bucket */
	prl_held *newer, *older; /* by when it was last asked for */
};

struct prl_plans {
	pthread_mutex_t lock;
	prl_held *buckets[BUCKETS];
	prl_held *newest, *oldest;
	size_t bytes, most;
};

/* What it holds, about: a footprint is half a kilobyte and 60 bytes a vertex, a sample 48 bytes and its leg. */
static size_t bytes_of(const prl_plan *plan)
{
	size_t bytes = sizeof(prl_held) + sizeof *plan + 128 + plan->volume_count * sizeof *plan->volumes;
	bytes += plan->footprint_count * 1536;
	for (size_t i = 0; i < plan->trajectory_count; i++)
		bytes += 64 + prl_trajectory_count(plan->trajectories[i]) * 64;
	return bytes;
}

prl_status prl_plans_new(size_t most, prl_plans **ret, prl_error *err)
{
	prl_plans *plans = calloc(1, sizeof *plans);
	if (!plans)
		return prl_error_memory(err);
	pthread_mutex_init(&plans->lock, NULL);
	plans->most = most;
	*ret = plans;
	return PRL_OK;
}

static void held_free(prl_held *held)
{
	prl_plan_free(held->plan);
	free(held);
}

void prl_plans_free(prl_plans *plans)
{
	if (!plans)
		return;
	for (prl_held *held = plans->newest, *older; held; held = older) {
		older = held->older;
		held_free(held);
	}
	pthread_mutex_destroy(&plans->lock);
	free(plans);
}

/* ---- with the lock held ------------------------------------------------------------------------------------------ */

static prl_held **bucket_of(prl_plans *plans, const prl_hash *hash)
{
	return &plans->buckets[(size_t)hash->bytes[0] << 8 | hash->bytes[1]];
}

static prl_held *find(prl_plans *plans, const prl_hash *hash)
{
	prl_held *held = *bucket_of(plans, hash);
	while (held && memcmp(&held->hash, hash, sizeof *hash) != 0)
		held = held->next;
	return held;
}

static void unlink_age(prl_plans *plans, prl_held *held)
{
	*(held->newer ? &held->newer->older : &plans->newest) = held->older;
	*(held->older ? &held->older->newer : &plans->oldest) = held->newer;
}

static void link_newest(prl_plans *plans, prl_held *held)
{
	held->newer = NULL;
	held->older = plans->newest;
	*(plans->newest ? &plans->newest->newer : &plans->oldest) = held;
	plans->newest = held;
}

static void throw_out(prl_plans *plans, prl_held *held)
{
	prl_held **link = bucket_of(plans, &held->hash);
	while (*link != held)
		link = &(*link)->next;
	*link = held->next;
	unlink_age(plans, held);
	plans->bytes -= held->bytes;
	held_free(held);
}

/* Those that are in use are passed over: they are few. */
static void make_room(prl_plans *plans)
{
	for (prl_held *held = plans->oldest, *newer; held && plans->bytes > plans->most; held = newer) {
		newer = held->newer;
		if (!held->taken && !held->pins)
			throw_out(plans, held);
	}
}

static void touch(prl_plans *plans, prl_held *held)
{
	unlink_age(plans, held);
	link_newest(plans, held);
}

/* ---- from any thread --------------------------------------------------------------------------------------------- */

prl_status prl_plans_put(prl_plans *plans, const prl_hash *hash, prl_plan *plan, bool pin, prl_held **ret,
			 prl_error *err)
{
	prl_held *new = calloc(1, sizeof *new);
	if (!new) {
		prl_plan_free(plan);
		return prl_error_memory(err);
	}
	*new = (prl_held){ .hash = *hash, .plan = plan, .bytes = bytes_of(plan) };
	pthread_mutex_lock(&plans->lock);
	prl_held *held = find(plans, hash);
	if (held) {
		touch(plans, held);
	} else {
		held = new;
		new = NULL;
		held->next = *bucket_of(plans, hash);
		*bucket_of(plans, hash) = held;
		link_newest(plans, held);
		plans->bytes += held->bytes;
	}
	held->taken++;
	held->pins += pin;
	make_room(plans);
	pthread_mutex_unlock(&plans->lock);
	if (new)
		held_free(new);
	*ret = held;
	return PRL_OK;
}

prl_held *prl_plans_take(prl_plans *plans, const prl_hash *hash)
{
	pthread_mutex_lock(&plans->lock);
	prl_held *held = find(plans, hash);
	if (held) {
		held->taken++;
		touch(plans, held);
	}
	pthread_mutex_unlock(&plans->lock);
	return held;
}

const prl_plan *prl_held_plan(const prl_held *held)
{
	return held->plan;
}

void prl_plans_give(prl_plans *plans, prl_held *held)
{
	if (!held)
		return;
	pthread_mutex_lock(&plans->lock);
	held->taken--;
	make_room(plans);
	pthread_mutex_unlock(&plans->lock);
}

void prl_plans_unpin(prl_plans *plans, const prl_hash *hash)
{
	pthread_mutex_lock(&plans->lock);
	prl_held *held = find(plans, hash);
	if (held && held->pins)
		held->pins--;
	make_room(plans);
	pthread_mutex_unlock(&plans->lock);
}

size_t prl_plans_bytes(prl_plans *plans)
{
	pthread_mutex_lock(&plans->lock);
	size_t bytes = plans->bytes;
	pthread_mutex_unlock(&plans->lock);
	return bytes;
}
