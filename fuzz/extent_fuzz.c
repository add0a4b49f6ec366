/* Extents: JSON taken for Volume4D, bytes taken for a stored extent, and what must hold whatever they are. */
#include "dss/extent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_stored(const prl_extent *extent)
{
	prl_buffer once = PRL_BUFFER(64u << 20), again = PRL_BUFFER(64u << 20);
	prl_extent *back = NULL;
	if (!prl_extent_save(extent, &once))
		abort();
	prl_bytes from = { once.data, once.size };
	if (prl_extent_load(&from, &back, NULL) || from.size)
		abort();
	if (!prl_extent_save(back, &again) || once.size != again.size || memcmp(once.data, again.data, once.size) != 0)
		abort();
	if (prl_extent_bytes(extent) != prl_extent_bytes(back) || memcmp(extent, back, prl_extent_bytes(back)) != 0)
		abort();
	prl_extent_free(back);
	prl_buffer_done(&once);
	prl_buffer_done(&again);
}

static void check_boxes(const prl_extent *extent)
{
	prl_box *boxes = NULL;
	size_t count = 0;
	if (prl_extent_boxes(extent, true, &boxes, &count, NULL))
		abort();
	if (!count || count > 2 * (size_t)(extent->outlines ? extent->outlines : 1))
		abort();
	for (size_t i = 0; i < count; i++)
		for (int axis = 0; axis < 4; axis++)
			if (boxes[i].min[axis] > boxes[i].max[axis])
				abort();
	free(boxes);
	prl_bounds b = prl_extent_bounds(extent);
	if (!(b.south_deg >= -90 && b.north_deg <= 90 && b.south_deg <= b.north_deg && fabs(b.west_deg) <= 180 &&
	      fabs(b.east_deg) <= 180))
		abort();
}

static bool meets(const prl_extent *a, const prl_extent *b, bool altitudes)
{
	prl_extent_ready ready;
	bool yes = false;
	if (prl_extent_prepare(a, &ready, NULL) || prl_extent_meets(&ready, b, altitudes, &yes, NULL))
		abort();
	prl_extent_ready_done(&ready);
	return yes;
}

/* Two extents: one answer whichever comes first; what covers another meets it. */
static void check_two(const prl_extent *a, const prl_extent *b)
{
	bool yes = meets(a, b, true), covers = false;
	if (meets(b, a, true) != yes || (yes && !meets(a, b, false)))
		abort();
	if (prl_extent_covers(a, b, &covers, NULL))
		abort();
	prl_extent *c = NULL, *always_a = NULL, *always_b = NULL;
	if (prl_extent_during(a, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &always_a, NULL) ||
	    prl_extent_during(b, PRL_TIME_OPEN_START, PRL_TIME_OPEN_END, &always_b, NULL) ||
	    prl_extent_join(a, b, &c, NULL))
		abort();
	/* 0.9 m outside is taken, so a little one may be covered and not met. */
	if (covers && a->outlines && !meets(always_a, always_b, false) && b->outlines == 1 &&
	    prl_extent_outlines(b)->count == 1 && prl_extent_outlines(b)->radius_m > 2)
		abort();
	if (!meets(c, a, true) || !meets(c, b, true))
		abort();
	bool all = false;
	if (prl_extent_covers(c, a, &all, NULL) || !all)
		abort();
	prl_extent_free(c);
	prl_extent_free(always_a);
	prl_extent_free(always_b);
}

#define SLOW 300u /* vertices; what has more is well, but slow */

static void use(prl_extent *extent)
{
	if (extent->vertices <= SLOW) {
		check_stored(extent);
		check_boxes(extent);
		check_two(extent, extent);
	}
	prl_extent_free(extent);
}

/* The first two of a list, each by itself. */
static void use_two(const json_t *list)
{
	const prl_extent_rules lax = { .form = PRL_EXTENT_ONE };
	prl_extent *a = NULL, *b = NULL;
	if (prl_extent_read(json_array_get(list, 0), &lax, &a, NULL) == PRL_OK &&
	    prl_extent_read(json_array_get(list, 1), &lax, &b, NULL) == PRL_OK && a->vertices + b->vertices <= SLOW) {
		check_two(a, b);
		check_two(b, a);
	}
	prl_extent_free(a);
	prl_extent_free(b);
}

static void read_text(const char *text, size_t size, unsigned how)
{
	prl_extent_rules rules = { .form = (prl_extent_form)(how % 3),
				   .footprints = how & 4,
				   .times = how & 8,
				   .altitudes = how & 16,
				   .area_max_m2 = how & 32 ? 2500e6 : 0,
				   .vertices_max = how & 64 ? 20 : 0 };
	prl_extent *extent = NULL;
	prl_error err = { 0 };
	json_t *json = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (!json)
		return;
	prl_status status = prl_extent_read(json, &rules, &extent, &err);
	if (status ? extent || err.status != status || !err.text[0] || status == PRL_E_MEMORY : !extent)
		abort();
	/* Without limits it is taken too. */
	prl_extent_rules lax = { 0 };
	prl_extent *other = NULL;
	if (extent &&
	    (prl_extent_read(json, &lax, &other, &err) || prl_extent_bytes(other) != prl_extent_bytes(extent)))
		abort();
	prl_extent_free(other);
	if (extent && json_array_size(json) > 1)
		use_two(json);
	json_decref(json);
	if (extent)
		use(extent);
}

static void read_bytes(const char *bytes, size_t size)
{
	prl_bytes from = { bytes, size };
	prl_extent *extent = NULL;
	prl_error err = { 0 };
	prl_status status = prl_extent_load(&from, &extent, &err);
	if (status ? extent || status != PRL_E_SYNTAX || !err.text[0] : !extent || from.size >= size)
		abort();
	if (extent)
		use(extent);
}

/* The first byte says what the rest is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	if (data[0] < 128)
		read_text((const char *)data + 1, size - 1, data[0]);
	else
		read_bytes((const char *)data + 1, size - 1);
	return 0;
}
