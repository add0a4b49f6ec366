#include "cli/watch_flood.h"

#include <string.h>

static const char *text_in(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));
	return text ? text : "";
}

void watch_flood_done(watch_flood *f)
{
	json_decref(f->known);
	json_decref(f->listed);
	json_decref(f->floods);
	*f = (watch_flood){ 0 };
}

const char *watch_flood_peer(const json_t *alarm)
{
	const char *peer = text_in(json_object_get(alarm, "about"), "peer");
	return *peer ? peer : "own";
}

static bool is_flooding(const watch_flood *f, int64_t now_ms)
{
	return f->rows >= WATCH_FLOOD_ROWS && now_ms - f->rows_ms[f->rows % WATCH_FLOOD_ROWS] < WATCH_FLOOD_MS;
}

static void look_at(watch_flood *f, const json_t *alarm, int64_t now_ms)
{
	json_int_t class = json_integer_value(json_object_get(alarm, "class"));
	const char *situation = text_in(alarm, "situation");
	const json_t *known = json_object_get(f->known, situation);
	bool in = json_is_true(json_object_get(known, "in"));
	if (class < 3 || json_is_object(json_object_get(alarm, "shelved"))) {
		in = false; /* has its own row, or none; comes down to class 3 as one that is known */
	} else if (!known) {
		in = is_flooding(f, now_ms);
		if (!in)
			f->rows_ms[f->rows++ % WATCH_FLOOD_ROWS] = now_ms;
	}
	(void)json_object_set_new(f->known, situation,
				  json_pack("{s:I, s:b}", "seen", (json_int_t)now_ms, "in", (int)in));
}

static void forget(watch_flood *f, int64_t now_ms)
{
	const char *name;
	json_t *value;
	void *next;
	json_object_foreach_safe(f->known, next, name, value)
	{
		if (now_ms - json_integer_value(json_object_get(value, "seen")) > WATCH_FLOOD_GONE_MS)
			(void)json_object_del(f->known, name);
	}
}

/* A flood is over with the last of its situations; then it is closed. */
static void count_floods(watch_flood *f, const json_t *alarms)
{
	const json_t *one;
	const char *peer;
	json_t *flood, *on = json_object();
	size_t i;
	void *next;
	json_array_foreach(alarms, i, one)
	{
		if (watch_flood_has(f, one))
			(void)json_object_set_new(on, watch_flood_peer(one), json_true());
	}
	json_object_foreach_safe(f->floods, next, peer, flood)
	{
		bool was = json_is_true(json_object_get(flood, "on")), is = json_object_get(on, peer) != NULL;
		json_int_t number = json_integer_value(json_object_get(flood, "number"));
		(void)json_object_set_new(flood, "number", json_integer(number + (is && !was)));
		(void)json_object_set_new(flood, "on", json_boolean(is));
		if (!is)
			(void)json_object_del(f->listed, peer);
	}
	json_object_foreach_safe(on, next, peer, flood)
	{
		if (!json_object_get(f->floods, peer))
			(void)json_object_set_new(f->floods, peer, json_pack("{s:i, s:b}", "number", 1, "on", 1));
	}
	json_decref(on);
}

void watch_flood_look(watch_flood *f, const json_t *alarms, int64_t now_ms)
{
	const json_t *one;
	size_t i;
	if (!f->floods)
		f->floods = json_object();
	if (!f->known)
		f->known = json_object();
	if (!f->listed)
		f->listed = json_object();
	json_array_foreach(alarms, i, one) look_at(f, one, now_ms);
	forget(f, now_ms);
	count_floods(f, alarms);
}

int watch_flood_number(const watch_flood *f, const char *peer)
{
	return (int)json_integer_value(json_object_get(json_object_get(f->floods, peer), "number"));
}

bool watch_flood_has(const watch_flood *f, const json_t *alarm)
{
	return json_is_true(json_object_get(json_object_get(f->known, text_in(alarm, "situation")), "in"));
}

void watch_flood_toggle(watch_flood *f, const char *peer)
{
	if (json_object_del(f->listed, peer) != 0)
		(void)json_object_set_new(f->listed, peer, json_true());
}

bool watch_flood_is_listed(const watch_flood *f, const char *peer)
{
	return json_object_get(f->listed, peer) != NULL;
}
