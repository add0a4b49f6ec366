/* A million live notices as the picture keeps them: bytes each, seconds to save and to load them, and to list what is
 * live. notices_bench [N]. Prints Markdown. */
#include "line/details.h"
#include "line/line.h"
#include "line/notice_inside.h"

#include "base/hash.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu_seconds(void)
{
	return (double)clock() / CLOCKS_PER_SEC;
}

static void must(prl_status status, const prl_error *err)
{
	if (!status)
		return;
	fprintf(stderr, "notices_bench: %s\n", err->text);
	exit(3);
}

static size_t held(void)
{
	struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
}

static prl_notice *notice_of(uint32_t i, prl_time now)
{
	static const char *const parties[] = { "us", "ru", "un" };
	const char *party = parties[i % 3];
	prl_notice *n = calloc(1, sizeof *n + strlen(party) + 1);
	if (!n)
		abort();
	memcpy(n->party, party, strlen(party));
	n->id = n->version = prl_sha256(&i, sizeof i);
	n->index = n->filed_index = n->version_index = i;
	n->filed = n->changed = n->given = now - i * PRL_SECOND;
	n->from = now;
	n->to = now + 86400 * PRL_SECOND;
	n->kind = (uint8_t)(1 + i % 9);
	return n;
}

static void put(prl_picture *picture, uint32_t i, prl_time now)
{
	prl_error err;
	prl_notice *n = notice_of(i, now);
	prl_hash id = n->id;
	prl_notice_boxes *boxes = calloc(1, sizeof *boxes + sizeof *boxes->boxes);
	if (!boxes)
		abort();
	boxes->count = 1;
	boxes->boxes[0] = (prl_box){ { (int32_t)i, 0, 0, 0 }, { (int32_t)i + 10, 10, 10, 10 } };
	must(prl_notice_put_boxes(picture, &id, boxes, &err), &err);
	must(prl_notice_put(picture, NULL, n, &err), &err);
	if (i % 1000 == 999)
		prl_picture_publish(picture, prl_picture_seal(picture));
}

static prl_picture *picture_new(void)
{
	prl_picture *picture;
	prl_error err;
	must(prl_picture_new("us.example/line", &picture, &err), &err);
	must(prl_line_add(picture, &err), &err);
	return picture;
}

static bool count_one(void *context, const prl_notice *notice)
{
	(void)notice;
	++*(size_t *)context;
	return true;
}

static size_t count_live(prl_picture *picture, prl_version version, prl_time now)
{
	static const char *const parties[] = { "us", "ru", "un" };
	size_t count = 0;
	for (size_t i = 0; i < 3; i++)
		prl_notice_each(picture, version, (prl_bytes){ parties[i], 2 }, 1, true, now, count_one, &count);
	return count;
}

/* What the clerk's thread does for a filing beyond the tables: details read as a plan, and its boxes. */
static double plan_us(void)
{
	const unsigned times = 20000;
	char why[300];
	prl_error err;
	json_t *details = json_loads(
		"{\"kind\": \"flight\", \"from\": \"2016-09-17T14:00:00Z\", \"to\": \"2016-09-17T15:00:00Z\", "
		"\"areas\": "
		"[{\"vertices\": [\"35.10N 40.10E\", \"35.10N 40.20E\", \"35.20N 40.20E\", \"35.20N 40.10E\"], "
		"\"upper\": {\"value\": 20000, \"unit\": \"FT\", \"datum\": \"MSL\"}}]}",
		0, NULL);
	double start = seconds();
	for (unsigned i = 0; i < times; i++) {
		prl_plan *plan;
		prl_notice_boxes *boxes;
		must(prl_details_plan(details, "x", "us", &plan, why, &err), &err);
		must(prl_notice_boxes_make(plan, &boxes, &err), &err);
		free(boxes);
		prl_plan_free(plan);
	}
	json_decref(details);
	return (seconds() - start) / times * 1e6;
}

int main(int argc, char **argv)
{
	uint32_t count = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	const prl_time now = INT64_C(1474117200) * PRL_SECOND;
	char path[] = "/tmp/parley-notices-XXXXXX";
	prl_snapshot_head head = { 0 };
	prl_error err;
	close(mkstemp(path));
	prl_picture *picture = picture_new();
	size_t before = held();
	double start = seconds();
	for (uint32_t i = 0; i < count; i++)
		put(picture, i, now);
	prl_picture_publish(picture, prl_picture_seal(picture));
	prl_picture_seal(picture);
	double put_s = seconds() - start;
	prl_version version = prl_picture_pin(picture);
	start = seconds();
	must(prl_picture_save(picture, version, &head, path, &err), &err);
	double save_s = seconds() - start;
	prl_picture_unpin(picture, version);
	prl_picture_free(picture);

	picture = picture_new();
	before = held();
	start = seconds();
	double start_cpu = cpu_seconds();
	must(prl_picture_load(picture, path, &head, &err), &err);
	double load_s = seconds() - start, load_cpu_s = cpu_seconds() - start_cpu;
	size_t bytes = held() - before;
	start = seconds();
	size_t live = count_live(picture, PRL_VERSION_WORKING, now);
	double live_s = seconds() - start;
	start = seconds();
	size_t past = count_live(picture, PRL_VERSION_WORKING, now + 2 * 86400 * PRL_SECOND);
	double past_s = seconds() - start;
	printf("| %u notices, one box each | |\n|---|---|\n", count);
	printf("| bytes a notice: its object, number, box, with slots and what malloc adds | %.0f |\n",
	       (double)bytes / count);
	printf("| put | %.2f s |\n| snapshot saved | %.2f s |\n| snapshot loaded | %.2f s, %.2f s of a processor |\n",
	       put_s, save_s, load_s, load_cpu_s);
	printf("| details of four vertices read as a plan, with its box | %.0f µs |\n", plan_us());
	printf("| all %zu live ones listed | %.3f s |\n| none live: %zu listed | %.4f s |\n", live, live_s, past,
	       past_s);
	prl_picture_free(picture);
	if (!getenv("PARLEY_KEEP"))
		unlink(path);
	return 0;
}
