/* One load on a node's F3548 interface, one row of a Markdown table: what `bench/dss.sh` puts together.
 *   dss_load create|implicit|cell|query --port N --token JWT --folder ON_THE_DISK [option VALUE…]
 *
 *   create    new intents spread over the earth from 70 S to 70 N, none near another, without subscription
 *   implicit  the same with a new subscription each
 *   cell      all inside one circle of 1 km², in one of 20,000 slots of 120 s and of 10,000 altitudes of 1 m at random,
 * with a new subscription each: about N/20,000 of N subscriptions match. Where a slot is taken (409), once more with
 * the OVNs that the answer names query     circles of --radius M round intents that `create` made, the first --live of
 * them; each must be found
 *
 *   --label TEXT   first column(s) of the row          --seconds S, --count N   when it ends (default 10 s)
 *   --first N      number of the first intent          --connections N          default 16
 *   --pid N        the server's, to tell its processor time
 *
 * An answer that is none of those expected ends it with 1 and shows it; 3: the machine failed. */
#include "closed.h"
#include "dss_requests.h"
#include "load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024u
#define TRIES_MAX       10
#define SAMPLE          64 /* of so many answers one is looked through for those told */

#define CELL_LAT      35.34
#define CELL_LNG      40.14
#define CELL_RADIUS_M 564.1 /* 1 km² */
#define CELL_SLOTS    20000
#define CELL_SLOT_S   120
#define CELL_HEIGHTS  10000

typedef enum load_kind { LOAD_CREATE, LOAD_IMPLICIT, LOAD_CELL, LOAD_QUERY } load_kind;

typedef struct line {
	dss_request request;
	prl_buffer again; /* the request with a key, after a 409 */
	bool repeat;
	int tries;
} line;

typedef struct load {
	load_kind kind;
	const char *label, *folder, *token;
	unsigned port, connections, pid;
	double seconds, radius_m;
	uint64_t count, first, live;

	line lines[CONNECTIONS_MAX];
	uint64_t random, sent;
	int64_t base_s;
	double end_s;
	float *latency_s;
	size_t answered, room;
	size_t statuses[600], told, looked;
	char wrong[1500]; /* why it ended */
} load;

/* ---- what is asked ------------------------------------------------------------------------------------------------
 */

/* splitmix64 */
static uint64_t draw(load *l)
{
	uint64_t z = (l->random += UINT64_C(0x9e3779b97f4a7c15));
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double draw_below(load *l, double end)
{
	return (double)(draw(l) >> 11) * 0x1p-53 * end;
}

/* Point i of a sequence that fills a square evenly however far it goes (Roberts' R2), on the sphere without the caps: a
 * million are nowhere nearer to each other than some kilometres. */
static void place(uint64_t i, double *ret_lat, double *ret_lng)
{
	const double highest = 0.9396926207859084; /* sin 70° */
	double u = fmod(0.5 + (double)i * 0.7548776662466927, 1), v = fmod(0.5 + (double)i * 0.5698402909980532, 1);
	*ret_lat = asin(highest * (2 * u - 1)) * 180 / M_PI;
	*ret_lng = 360 * v - 180;
}

static dss_volume spread(load *l, uint64_t number)
{
	dss_volume v = { .radius_m = 100 + draw_below(l, 400), .lower_m = 50 + floor(draw_below(l, 100)) };
	place(number, &v.lat, &v.lng);
	v.upper_m = v.lower_m + 30;
	v.from_s = l->base_s + 3600 + (int64_t)draw_below(l, 36000);
	v.to_s = v.from_s + 1800;
	return v;
}

/* Closed intervals touch: a slot ends 1 s and 0.1 m before the next begins. */
static dss_volume in_the_cell(load *l)
{
	dss_volume v = { .lat = CELL_LAT, .lng = CELL_LNG, .radius_m = CELL_RADIUS_M };
	v.from_s = l->base_s + 600 + CELL_SLOT_S * (int64_t)draw_below(l, CELL_SLOTS);
	v.to_s = v.from_s + CELL_SLOT_S - 1;
	v.lower_m = floor(draw_below(l, CELL_HEIGHTS));
	v.upper_m = v.lower_m + 0.9;
	return v;
}

/* A circle with the centre of a live intent in it, through all times and heights that they have. */
static dss_volume asked(load *l)
{
	dss_volume v = { .radius_m = l->radius_m, .lower_m = 0, .upper_m = 1000, .from_s = l->base_s };
	place(l->first + (uint64_t)draw_below(l, (double)l->live), &v.lat, &v.lng);
	double away_deg = draw_below(l, l->radius_m / 2) / 111320, bearing = draw_below(l, 2 * M_PI);
	v.lat += away_deg * cos(bearing);
	v.lng += away_deg * sin(bearing); /* less in metres: nearer still */
	if (fabs(v.lng) > 180)
		v.lng -= copysign(360, v.lng);
	v.to_s = v.from_s + 86400;
	return v;
}

static prl_bytes next_request(void *context, unsigned connection)
{
	load *l = context;
	line *c = &l->lines[connection];
	if (c->repeat) {
		c->repeat = false;
		return (prl_bytes){ c->again.data, c->again.size };
	}
	if (l->sent == l->count || load_now() >= l->end_s)
		return (prl_bytes){ NULL, 0 };
	uint64_t number = l->first + l->sent++;
	dss_volume v = l->kind == LOAD_QUERY ? asked(l) : l->kind == LOAD_CELL ? in_the_cell(l) : spread(l, number);
	dss_request_volume(&c->request, &v);
	if (l->kind != LOAD_QUERY)
		dss_request_id(&c->request, draw(l), draw(l));
	c->tries = 1;
	return dss_request_bytes(&c->request);
}

/* ---- what is answered ---------------------------------------------------------------------------------------------
 */

static bool fail(load *l, const char *what, const closed_answer *answer)
{
	snprintf(l->wrong, sizeof l->wrong, "%s: status %u: %.*s", what, answer->status,
		 answer->body.size < 1000 ? (int)answer->body.size : 1000, answer->body.data);
	return false;
}

static bool has(prl_bytes text, const char *word)
{
	return text.size && memmem(text.data, text.size, word, strlen(word));
}

static size_t count_of(prl_bytes text, const char *word)
{
	size_t count = 0, length = strlen(word);
	const char *at = text.data, *end = text.data + text.size;
	while ((at = memmem(at, (size_t)(end - at), word, length))) {
		at += length;
		count++;
	}
	return count;
}

/* The OVNs that a 409 names, in quotes with commas between; how many. */
static size_t read_ovns(prl_bytes body, prl_buffer *ret)
{
	size_t count = 0;
	const char *at = body.data, *end = body.data + body.size;
	prl_buffer_clear(ret);
	while ((at = memmem(at, (size_t)(end - at), "\"ovn\"", 5))) {
		const char *from = memchr(at + 5, '"', (size_t)(end - at) - 5);
		const char *to = from ? memchr(from + 1, '"', (size_t)(end - from) - 1) : NULL;
		if (!to)
			return 0;
		prl_buffer_printf(ret, "%s%.*s", count++ ? "," : "", (int)(to - from + 1), from);
		at = to;
	}
	return ret->failed ? 0 : count;
}

/* 409: once more with what is missing; there is one manager, so it may see the OVNs. */
static bool again(load *l, line *c, const closed_answer *answer)
{
	prl_buffer key = PRL_BUFFER(4u << 20);
	bool readable = has(answer->body, "missing_operational_intents") && !has(answer->body, "Available from USS") &&
			read_ovns(answer->body, &key) > 0 && c->tries++ < TRIES_MAX &&
			dss_request_with_key(&c->request, (prl_bytes){ key.data, key.size }, &c->again);
	prl_buffer_done(&key);
	c->repeat = readable;
	return readable || fail(l, "a 409 that cannot be answered with its OVNs", answer);
}

static bool keep_latency(load *l, const closed_answer *answer)
{
	if (l->answered == l->room) {
		l->room = l->room ? 2 * l->room : 1 << 16;
		float *more = realloc(l->latency_s, l->room * sizeof *more);
		if (!more)
			return fail(l, "no memory", answer);
		l->latency_s = more;
	}
	l->latency_s[l->answered++] = (float)answer->latency_s;
	return true;
}

static bool take_answer(void *context, unsigned connection, const closed_answer *answer)
{
	load *l = context;
	unsigned status = answer->status < 600 ? answer->status : 0;
	if (!keep_latency(l, answer))
		return false;
	l->statuses[status]++;
	if (l->kind == LOAD_QUERY)
		return (status == 200 && has(answer->body, "\"ovn\"")) ||
		       fail(l, "not what a query should find", answer);
	if (status == 409 && l->kind == LOAD_CELL)
		return again(l, &l->lines[connection], answer);
	if (status != 201 || !has(answer->body, "\"ovn\""))
		return fail(l, "not what creating an intent should give", answer);
	if (l->statuses[201] % SAMPLE == 0) {
		l->looked++;
		l->told += count_of(answer->body, "\"notification_index\"");
	}
	return true;
}

/* ---- what is printed ----------------------------------------------------------------------------------------------
 */

static int by_value(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return (x > y) - (x < y);
}

static double latency_ms(const load *l, double share)
{
	size_t at = (size_t)((double)l->answered * share);
	return 1e3 * (double)l->latency_s[at < l->answered ? at : l->answered - 1];
}

static double own_cpu_s(void)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
	       1e-6 * (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

/* Processor time of a process, all threads; the 14th and 15th field of /proc/PID/stat, after the name in brackets. */
static double cpu_s(unsigned pid)
{
	char path[64], text[1024] = "";
	snprintf(path, sizeof path, "/proc/%u/stat", pid);
	FILE *file = pid ? fopen(path, "r") : NULL;
	if (!file)
		return 0;
	size_t size = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	unsigned long user = 0, kernel = 0;
	const char *after = size ? strrchr(text, ')') : NULL;
	if (after)
		sscanf(after + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
	return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static void print_row(load *l, double took_s, double generator_s, double server_s)
{
	size_t wanted = l->statuses[l->kind == LOAD_QUERY ? 200 : 201];
	qsort(l->latency_s, l->answered, sizeof *l->latency_s, by_value);
	printf("| %s | %.0f | %.2f | %.2f | %.2f | ", l->label, (double)wanted / took_s, latency_ms(l, 0.5),
	       latency_ms(l, 0.99), latency_ms(l, 1));
	for (int i = 0, some = 0; i < 600; i++)
		if (l->statuses[i])
			printf("%s%d: %zu", some++ ? ", " : "", i, l->statuses[i]);
	if (l->looked && l->kind != LOAD_CREATE)
		printf("; %.1f told", (double)l->told / (double)l->looked);
	printf(" | %.1f | %.2f | %.2f |\n", 1e6 * server_s / (double)l->answered, generator_s / took_s,
	       1e3 * load_fdatasync_p50(l->folder));
}

/* ---- the run ------------------------------------------------------------------------------------------------------
 */

static bool make_requests(load *l)
{
	bool made = true;
	for (unsigned i = 0; made && i < l->connections; i++) {
		line *c = &l->lines[i];
		c->again = PRL_BUFFER(8u << 20);
		made = l->kind == LOAD_QUERY ? dss_request_query(&c->request, l->token)
					     : dss_request_create(&c->request, l->token, l->kind != LOAD_CREATE);
	}
	return made;
}

static int run(load *l)
{
	const closed_loop loop = { .host = "127.0.0.1",
				   .port = l->port,
				   .connections = l->connections,
				   .next = next_request,
				   .answered = take_answer,
				   .context = l };
	prl_error err = { 0 };
	l->base_s = time(NULL);
	l->random =
		(uint64_t)l->base_s << 20 ^ (uint64_t)getpid(); /* ids must be new; places are those of the numbers */
	double generator_s = own_cpu_s(), server_s = cpu_s(l->pid), began_s = load_now();
	l->end_s = began_s + l->seconds;
	prl_status status = closed_run(&loop, &err);
	double took_s = load_now() - began_s;
	if (status)
		fprintf(stderr, "dss_load: %s\n", status == PRL_E_CALLBACK ? l->wrong : err.text);
	else if (l->answered)
		print_row(l, took_s, own_cpu_s() - generator_s, cpu_s(l->pid) - server_s);
	return status == PRL_E_CALLBACK || status == PRL_E_SYNTAX ? 1 : status || !l->answered ? 3 : 0;
}

static bool take_option(load *l, const char *name, const char *value)
{
	unsigned *numbers[] = { &l->port, &l->connections, &l->pid };
	static const char *const number_names[] = { "--port", "--connections", "--pid" };
	uint64_t *counts[] = { &l->count, &l->first, &l->live };
	static const char *const count_names[] = { "--count", "--first", "--live" };
	const char **texts[] = { &l->label, &l->folder, &l->token };
	static const char *const text_names[] = { "--label", "--folder", "--token" };
	double *reals[] = { &l->seconds, &l->radius_m };
	static const char *const real_names[] = { "--seconds", "--radius" };
	for (size_t i = 0; i < 3; i++) {
		if (!strcmp(name, number_names[i]))
			return (*numbers[i] = (unsigned)strtoul(value, NULL, 10)) > 0;
		if (!strcmp(name, count_names[i]))
			return value[0] >= '0' && value[0] <= '9' && (*counts[i] = strtoull(value, NULL, 10), true);
		if (!strcmp(name, text_names[i]))
			return (*texts[i] = value) != NULL;
		if (i < 2 && !strcmp(name, real_names[i]))
			return (*reals[i] = atof(value)) > 0;
	}
	return false;
}

static const char *take_arguments(load *l, int argc, char **argv)
{
	static const char *const kinds[] = { "create", "implicit", "cell", "query" };
	size_t kind = 0;
	while (argc > 1 && kind < 4 && strcmp(argv[1], kinds[kind]) != 0)
		kind++;
	if (argc < 2 || kind == 4)
		return "expected create, implicit, cell or query";
	l->kind = (load_kind)kind;
	for (int i = 2; i < argc; i += 2)
		if (i + 1 == argc || !take_option(l, argv[i], argv[i + 1]))
			return argv[i];
	if (!l->port || !l->token || !l->folder || l->connections > CONNECTIONS_MAX)
		return "expected --port, --token, --folder, at most 1024 connections";
	return kind == LOAD_QUERY && (!l->live || l->radius_m <= 0) ? "expected --live and --radius" : NULL;
}

int main(int argc, char **argv)
{
	static load l = { .label = "", .connections = 16, .seconds = 10, .count = UINT64_MAX };
	const char *wrong = take_arguments(&l, argc, argv);
	if (wrong) {
		fprintf(stderr, "dss_load: %s; see the top of bench/dss_load.c\n", wrong);
		return 2;
	}
	if (!make_requests(&l)) {
		fprintf(stderr, "dss_load: no memory, or a token too long for a head\n");
		return 3;
	}
	int code = run(&l);
	for (unsigned i = 0; i < l.connections; i++) {
		dss_request_done(&l.lines[i].request);
		prl_buffer_done(&l.lines[i].again);
	}
	free(l.latency_s);
	return code;
}
