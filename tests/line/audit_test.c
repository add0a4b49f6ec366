/* The offline audit: sound exports of two nodes give no fault; each single fault is found and named. */
#include "line/audit.h"

#include "support/random.h"
#include "support/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* ---- findings ---------------------------------------------------------------------------------------------------- */

typedef struct found {
	prl_finding_kind kind;
	char log[40], other[40], text[500];
	uint64_t from, to;
	prl_time time;
} found;

typedef struct report {
	found findings[400];
	size_t count;
	prl_audit_sums sums;
} report;

static void take(void *context, const prl_finding *finding)
{
	report *r = context;
	assert_true(r->count < sizeof r->findings / sizeof *r->findings);
	found *f = &r->findings[r->count++];
	*f = (found){ .kind = finding->kind, .from = finding->from, .to = finding->to, .time = finding->time };
	snprintf(f->log, sizeof f->log, "%s", finding->log);
	snprintf(f->other, sizeof f->other, "%s", finding->other);
	snprintf(f->text, sizeof f->text, "%s", finding->text);
	if (getenv("PARLEY_SHOW"))
		fprintf(stderr, "# %s: %s\n", prl_finding_kind_text(finding->kind), finding->text);
}

static report *audit(const char *first, const char *second)
{
	static report r;
	prl_audit *a;
	prl_error err = { 0 };
	const prl_audit_run run = { .found = take, .context = &r };
	r.count = 0;
	assert_int_equal(prl_audit_new(&a, &err), PRL_OK);
	assert_int_equal(prl_audit_add(a, first, &err), PRL_OK);
	if (second)
		assert_int_equal(prl_audit_add(a, second, &err), PRL_OK);
	if (prl_audit_go(a, &run, &r.sums, &err))
		fail_msg("the audit could not be done: %s", err.text);
	prl_audit_free(a);
	return &r;
}

/* The n-th finding of that kind about that log (NULL: any); NULL where there is none. */
static const found *find(const report *r, prl_finding_kind kind, const char *log, size_t n)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->findings[i].kind == kind && (!log || !strcmp(r->findings[i].log, log)) && n-- == 0)
			return &r->findings[i];
	return NULL;
}

static size_t count(const report *r, prl_finding_kind kind)
{
	size_t n = 0;
	while (find(r, kind, NULL, n))
		n++;
	return n;
}

static const found *must_find(const report *r, prl_finding_kind kind, const char *log)
{
	const found *f = find(r, kind, log, 0);
	if (!f)
		fail_msg("no finding \"%s\" about %s", prl_finding_kind_text(kind), log ? log : "anything");
	return f;
}

static void must_say(const found *f, const char *text)
{
	if (!strstr(f->text, text))
		fail_msg("\"%s\" does not say \"%s\"", f->text, text);
}

/* ---- two nodes --------------------------------------------------------------------------------------------------- */

typedef struct fixture {
	char folder[64], us[80], ru[80]; /* exports */
	story story;
} fixture;

static void export(fixture *f)
{
	little_node_export(&f->story.us, f->us);
	little_node_export(&f->story.ru, f->ru);
}

static void begin(fixture *f)
{
	snprintf(f->folder, sizeof f->folder, "/tmp/parley-audit-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->us, sizeof f->us, "%s/us.export", f->folder);
	snprintf(f->ru, sizeof f->ru, "%s/ru.export", f->folder);
	story_begin(&f->story, f->folder);
}

static void end(fixture *f)
{
	char command[128];
	story_end(&f->story);
	snprintf(command, sizeof command, "rm -r '%s'", f->folder);
	assert_int_equal(system(command), 0);
}

static void tell(fixture *f)
{
	begin(f);
	story_tell(&f->story);
	export(f);
}

/* An entry that no node would append, at the end of a log. */
static void force(fixture *f, const line_act *act)
{
	const char *log = act->log ? act->log : line_home(f->story.line, act->key);
	line_append(f->story.line, log, line_entry(f->story.line, act));
	little_node_commit(strcmp(log, STORY_US) ? &f->story.ru : &f->story.us, 0);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static void path_of(char path[300], const char *export, const char *file)
{
	snprintf(path, 300, "%s/%s", export, file);
}

/* Turns one bit; the same again turns it back. offset from the end where it is negative. */
static void turn(const char *export, const char *file, long offset, unsigned bit)
{
	char path[300];
	path_of(path, export, file);
	FILE *f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
	int c = fgetc(f);
	assert_true(c != EOF);
	assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
	fputc(c ^ (int)(1u << bit), f);
	assert_int_equal(fclose(f), 0);
}

#define US_DIR "logs/us.example%line/"
#define RU_DIR "logs/ru.example%line/"

/* ---- sound ------------------------------------------------------------------------------------------------------- */

static void sound(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	uint64_t us = line_log_of(f.story.line, STORY_US)->size, ru = line_log_of(f.story.line, STORY_RU)->size;
	const report *r = audit(f.us, f.ru);
	assert_int_equal(r->sums.faults, 0);
	assert_int_equal(r->sums.entries, us + ru);
	assert_int_equal(r->sums.logs, 2);
	assert_int_equal(r->sums.copies, 4);
	/* ru's last peer.seen of us came before us's last two entries; us has seen all of ru. */
	const found *agreed = must_find(r, PRL_FINDING_AGREED, STORY_US);
	assert_int_equal(agreed->to, us - 2);
	const found *one_sided = must_find(r, PRL_FINDING_ONE_SIDED, STORY_US);
	assert_int_equal(one_sided->from, us - 2);
	assert_int_equal(one_sided->to, us);
	assert_int_equal(must_find(r, PRL_FINDING_AGREED, STORY_RU)->to, ru);
	assert_null(find(r, PRL_FINDING_ONE_SIDED, STORY_RU, 0));
	assert_null(find(r, PRL_FINDING_MISSING, NULL, 0));
	assert_null(find(r, PRL_FINDING_NO_CONTENT, NULL, 0));
	assert_null(find(r, PRL_FINDING_CANNOT_TELL, NULL, 0));
	end(&f);
}

/* One side's export alone: the mirror is in it, so that both sides' words can be judged. */
static void one_export(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const report *r = audit(f.ru, NULL);
	assert_int_equal(r->sums.faults, 0);
	assert_int_equal(r->sums.logs, 2);
	/* The shorter mirror of us: all of it is agreed; ru's export has seen no sign of more. */
	assert_null(find(r, PRL_FINDING_ONE_SIDED, STORY_US, 0));
	must_find(r, PRL_FINDING_AGREED, STORY_US);
	end(&f);
}

/* The order in which exports are given changes nothing but which copy is named. */
static void either_order(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	size_t counts[PRL_FINDING_KINDS];
	const report *r = audit(f.us, f.ru);
	for (int kind = 0; kind < PRL_FINDING_KINDS; kind++)
		counts[kind] = count(r, (prl_finding_kind)kind);
	r = audit(f.ru, f.us);
	for (int kind = 0; kind < PRL_FINDING_KINDS; kind++)
		assert_int_equal(count(r, (prl_finding_kind)kind), counts[kind]);
	end(&f);
}

static void who_saw_what(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const report *r = audit(f.us, f.ru);
	const line_log *us = line_log_of(f.story.line, STORY_US);
	prl_time newest = 0;
	uint64_t size = 0;
	for (size_t i = 0; find(r, PRL_FINDING_SEEN, STORY_US, i); i++) {
		const found *seen = find(r, PRL_FINDING_SEEN, STORY_US, i);
		assert_string_equal(seen->other, STORY_RU);
		size = seen->to > size ? seen->to : size;
		newest = seen->time > newest ? seen->time : newest;
	}
	assert_int_equal(size, us->size - 2);
	assert_true(newest > 0 && newest <= f.story.line->now);
	end(&f);
}

/* ---- files that were changed ------------------------------------------------------------------------------------- */

static void changed(const char *file, long offset, prl_finding_kind kind, const char *log, const char *says)
{
	fixture f;
	tell(&f);
	turn(f.us, file, offset, 0);
	must_say(must_find(audit(f.us, NULL), kind, log), says);
	/* With the other side's sound copy beside it the fault is still found, and the entries are judged by that copy.
	 */
	const report *r = audit(f.us, f.ru);
	must_say(must_find(r, kind, log), says);
	assert_null(find(r, PRL_FINDING_NOBODYS, NULL, 0));
	assert_null(find(r, PRL_FINDING_CONTRADICTORY, NULL, 0));
	end(&f);
}

static void changed_entry(void **state)
{
	(void)state;
	changed(US_DIR "tile/entries/000.p/20", -10, PRL_FINDING_FAULT, STORY_US, "entry 19 and what follows");
}

static void changed_tile(void **state)
{
	(void)state;
	changed(US_DIR "tile/0/000.p/20", 32 * 7 + 3, PRL_FINDING_FAULT, STORY_US, "entry 7 and what follows");
}

static void changed_checkpoint(void **state)
{
	(void)state;
	/* Past the origin's line and the size's: the root. */
	changed(US_DIR "checkpoint", (long)sizeof STORY_US + 5, PRL_FINDING_FAULT, STORY_US, "checkpoint");
}

static void changed_cosignature(void **state)
{
	(void)state;
	changed(RU_DIR "cosigned/00000000000000000011", -20, PRL_FINDING_FAULT, STORY_RU,
		"cosigned/00000000000000000011");
}

static void changed_key_file(void **state)
{
	(void)state;
	changed(RU_DIR "key", 30, PRL_FINDING_FAULT, STORY_RU, "not the key");
}

static void changed_content(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	char command[300];
	snprintf(command, sizeof command, "cd '%s/contents' && printf x >> $(ls | head -n 1)", f.us);
	assert_int_equal(system(command), 0);
	const report *r = audit(f.us, NULL);
	must_say(must_find(r, PRL_FINDING_FAULT, NULL), "is not the content that its name says");
	must_find(r, PRL_FINDING_NO_CONTENT, STORY_US);
	end(&f);
}

static void absent_content(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	char command[300];
	snprintf(command, sizeof command, "rm -r '%s/contents' '%s/contents'", f.us, f.ru);
	assert_int_equal(system(command), 0);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(r->sums.faults, 0);
	assert_int_equal(must_find(r, PRL_FINDING_NO_CONTENT, STORY_US)->from, 5);
	must_find(r, PRL_FINDING_NO_CONTENT, STORY_RU);
	end(&f);
}

static void missing_bundle(void **state)
{
	(void)state;
	fixture f;
	char path[300];
	tell(&f);
	path_of(path, f.us, US_DIR "tile/entries/000.p/20");
	assert_int_equal(unlink(path), 0);
	must_say(must_find(audit(f.us, NULL), PRL_FINDING_FAULT, STORY_US), "is not there");
	const report *r = audit(f.us, f.ru);
	must_find(r, PRL_FINDING_FAULT, STORY_US);
	/* ru's shorter copy is judged; us's own checkpoint says that there is more. */
	const found *missing = must_find(r, PRL_FINDING_MISSING, STORY_US);
	assert_int_equal(missing->from, 18);
	assert_int_equal(missing->to, 20);
	end(&f);
}

/* ---- entries that count as nobody's act -------------------------------------------------------------------------- */

static const found *forced(fixture *f, const line_act *act)
{
	tell(f);
	uint64_t size = line_log_of(f->story.line, STORY_US)->size;
	force(f, act);
	little_node_export(&f->story.us, f->us);
	const report *r = audit(f->us, f->ru);
	const found *refused = must_find(r, PRL_FINDING_NOBODYS, STORY_US);
	assert_int_equal(refused->from, size);
	assert_int_equal(r->sums.faults, 1);
	return refused;
}

static const char words[] = "{\"text\": \"forced\", \"language\": \"en\"}";

static void serial_gap(void **state)
{
	(void)state;
	fixture f;
	const line_act act = { .kind = "message.sent", .key = "us-ops/2", .body = words, .serial = 99 };
	must_say(forced(&f, &act), "serial 99");
	end(&f);
}

static void of_another_party(void **state)
{
	(void)state;
	fixture f;
	const line_act act = { .kind = "message.sent", .key = "ru-ops/1", .log = STORY_US, .body = words };
	must_say(forced(&f, &act), "party ru acts in log ru.example/line");
	end(&f);
}

static void by_a_revoked_key(void **state)
{
	(void)state;
	fixture f;
	const line_act act = { .kind = "message.sent", .key = "us-ops/3", .body = words };
	must_say(forced(&f, &act), "not valid since entry 11");
	end(&f);
}

/* Bytes that are no entry take their place; what follows is judged. */
static void no_entry(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	uint64_t size = line_log_of(f.story.line, STORY_US)->size;
	line_append(f.story.line, STORY_US, (prl_bytes){ "no entry at all", 15 });
	const line_act act = { .kind = "message.sent", .key = "us-ops/2", .body = words };
	force(&f, &act);
	little_node_export(&f.story.us, f.us);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(must_find(r, PRL_FINDING_NOBODYS, STORY_US)->from, size);
	assert_int_equal(r->sums.faults, 1);
	end(&f);
}

/* After so many of one kind the rest is counted. */
static void many_of_them(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const line_act act = { .kind = "message.sent", .key = "us-ops/3", .body = words };
	for (int i = 0; i < 130; i++)
		line_append(f.story.line, STORY_US, line_entry(f.story.line, &act));
	little_node_commit(&f.story.us, 0);
	little_node_export(&f.story.us, f.us);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(count(r, PRL_FINDING_NOBODYS), PRL_AUDIT_NOBODYS_MAX + 1);
	must_say(find(r, PRL_FINDING_NOBODYS, STORY_US, PRL_AUDIT_NOBODYS_MAX), "30 more entries");
	end(&f);
}

/* ---- two histories ----------------------------------------------------------------------------------------------- */

/* Two tellings that begin alike; us's export of the one beside ru's of the other. */
static void two_histories(void **state)
{
	(void)state;
	fixture f, g;
	begin(&f);
	story_tell(&f.story);
	export(&f);
	begin(&g);
	story_say(&g.story, "us-ops/1", "Something else.", NULL, NULL);
	story_see(&g.story, STORY_RU);
	export(&g);
	const report *r = audit(f.us, g.ru);
	const found *fork = must_find(r, PRL_FINDING_CONTRADICTORY, STORY_US);
	must_say(fork, "two histories of us.example/line, both signed by it");
	/* ru's own log differs too: in g it recorded another root of us. */
	must_find(r, PRL_FINDING_CONTRADICTORY, STORY_RU);
	/* Each by itself is sound. */
	assert_int_equal(audit(f.us, f.ru)->sums.faults, 0);
	assert_int_equal(audit(g.us, g.ru)->sums.faults, 0);
	end(&f);
	end(&g);
}

/* Only ru's word, its cosignature and its peer.seen, speaks of the other history. */
static void two_histories_by_claims(void **state)
{
	(void)state;
	fixture f, g;
	char command[400];
	begin(&f);
	story_say(&f.story, "us-ops/1", "One thing.", NULL, NULL);
	export(&f);
	begin(&g);
	story_say(&g.story, "us-ops/1", "Something else.", NULL, NULL);
	story_see(&g.story, STORY_RU);
	export(&g);
	snprintf(command, sizeof command, "rm -r '%s/%s'", g.ru, US_DIR);
	assert_int_equal(system(command), 0);
	const report *r = audit(f.us, g.ru);
	const found *fork = must_find(r, PRL_FINDING_CONTRADICTORY, STORY_US);
	assert_string_equal(fork->other, STORY_RU);
	must_say(fork, "another history of us.example/line");
	end(&f);
	end(&g);
}

static void other_constitution(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	char out[80];
	little_node node;
	line *l = line_new("us@" STORY_US " ru@" STORY_RU " un@" STORY_RU, NULL);
	prl_picture *picture = line_picture(STORY_RU);
	snprintf(out, sizeof out, "%s/other", f.folder);
	little_node_make(&node, l, STORY_RU, out);
	line_begin(l, picture, STORY_RU);
	little_node_commit(&node, 0);
	snprintf(out, sizeof out, "%s/other.export", f.folder);
	little_node_export(&node, out);
	must_say(must_find(audit(f.us, out), PRL_FINDING_CONTRADICTORY, STORY_RU), "another constitution");
	little_node_close(&node);
	prl_picture_free(picture);
	line_free(l);
	end(&f);
}

static void fork_file(void **state)
{
	(void)state;
	fixture f, g;
	char path[300];
	prl_error err = { 0 };
	begin(&f);
	story_say(&f.story, "us-ops/1", "One thing.", NULL, NULL);
	export(&f);
	begin(&g);
	story_say(&g.story, "us-ops/1", "Something else.", NULL, NULL);
	prl_buffer older = PRL_BUFFER(PRL_CHECKPOINT_MAX), newer = PRL_BUFFER(PRL_CHECKPOINT_MAX);
	assert_int_equal(prl_store_checkpoint(f.story.us.reader, 1, &older, &err), PRL_OK);
	assert_int_equal(prl_store_checkpoint(g.story.us.reader, 1, &newer, &err), PRL_OK);
	const prl_fork fork = { .older = { older.data, older.size }, .newer = { newer.data, newer.size } };
	char text[PRL_FORK_MAX];
	size_t length = prl_fork_write(&fork, text, sizeof text);
	assert_true(length > 0);
	snprintf(path, sizeof path, "mkdir '%s/forks'", f.us);
	assert_int_equal(system(path), 0);
	path_of(path, f.us, "forks/one");
	FILE *file = fopen(path, "w");
	assert_int_equal(fwrite(text, 1, length, file), length);
	fclose(file);
	must_say(must_find(audit(f.us, NULL), PRL_FINDING_CONTRADICTORY, STORY_US), "proves that");
	turn(f.us, "forks/one", -30, 1);
	must_say(must_find(audit(f.us, NULL), PRL_FINDING_FAULT, STORY_US), "proves no fork");
	prl_buffer_done(&older);
	prl_buffer_done(&newer);
	end(&f);
	end(&g);
}

/* ---- what is missing, not delivered, doubted --------------------------------------------------------------------- */

/* ru's export without its mirror of us, beside an old export of us: ru has seen more. */
static void missing_entries(void **state)
{
	(void)state;
	fixture f;
	char command[400];
	begin(&f);
	export(&f);
	story_tell(&f.story);
	snprintf(command, sizeof command, "rm -r '%s'", f.ru);
	assert_int_equal(system(command), 0);
	little_node_export(&f.story.ru, f.ru);
	snprintf(command, sizeof command, "rm -r '%s/%s'", f.ru, US_DIR);
	assert_int_equal(system(command), 0);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(r->sums.faults, 0);
	const found *missing = must_find(r, PRL_FINDING_MISSING, STORY_US);
	assert_int_equal(missing->from, 5); /* as many as us had when it was exported */
	assert_int_equal(missing->to, 18);
	/* content.got of what us announced in the missing part: no fault of ru's, but nothing to judge by. */
	must_say(must_find(r, PRL_FINDING_CANNOT_TELL, STORY_RU), "missing");
	end(&f);
}

static void no_copy(void **state)
{
	(void)state;
	fixture f;
	char command[400];
	tell(&f);
	snprintf(command, sizeof command, "rm -r '%s/%s'", f.us, RU_DIR);
	assert_int_equal(system(command), 0);
	const report *r = audit(f.us, NULL);
	assert_int_equal(r->sums.faults, 0);
	must_find(r, PRL_FINDING_MISSING, STORY_RU);
	end(&f);
}

static void not_delivered(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(count(r, PRL_FINDING_NOT_DELIVERED), 1);
	const found *lacks = must_find(r, PRL_FINDING_NOT_DELIVERED, STORY_RU);
	assert_int_equal(lacks->from, 10);
	assert_string_equal(lacks->other, STORY_US);
	story_get(&f.story, STORY_US, "план");
	little_node_export(&f.story.us, f.us);
	assert_int_equal(count(audit(f.us, f.ru), PRL_FINDING_NOT_DELIVERED), 0);
	end(&f);
}

static void doubted_key(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const found *doubted = must_find(audit(f.us, f.ru), PRL_FINDING_SUSPECT, STORY_US);
	assert_int_equal(doubted->from, 9);
	assert_int_equal(doubted->to, 11);
	must_say(doubted, "us-ops/3");
	end(&f);
}

/* us says it had seen an entry of ru that says it had seen that entry of us. */
static void circular(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	line *l = f.story.line;
	uint64_t us = line_log_of(l, STORY_US)->size, ru = line_log_of(l, STORY_RU)->size;
	const char *body = line_text(l, "{\"log\": \"%s\", \"size\": %llu, \"root\": \"%s\"}", STORY_RU,
				     (unsigned long long)ru + 1, line_hash_text(l, &(prl_hash){ { 1 } }));
	force(&f, &(line_act){ .kind = "peer.seen", .log = STORY_US, .body = body });
	body = line_text(l, "{\"log\": \"%s\", \"size\": %llu, \"root\": \"%s\"}", STORY_US, (unsigned long long)us + 1,
			 line_hash_text(l, &line_log_of(l, STORY_US)->roots[us + 1]));
	force(&f, &(line_act){ .kind = "peer.seen", .log = STORY_RU, .body = body });
	export(&f);
	const report *r = audit(f.us, f.ru);
	const found *fault = must_find(r, PRL_FINDING_FAULT, NULL);
	must_say(fault, "one of the two cannot be");
	/* The root that us states cannot have been: nobody can state the root of what holds his own statement. */
	must_say(must_find(r, PRL_FINDING_CONTRADICTORY, STORY_RU), "another history");
	end(&f);
}

static void stated(void **state)
{
	(void)state;
	fixture f;
	tell(&f);
	const prl_hash any = line_hash("any");
	const char *body =
		line_text(f.story.line, "{\"log\": \"%s\", \"index\": 3, \"hash\": \"%s\", \"reason\": \"a test\"}",
			  STORY_RU, line_hash_text(f.story.line, &any));
	story_record(&f.story, STORY_US, "peer.fault", body);
	little_node_export(&f.story.us, f.us);
	const report *r = audit(f.us, f.ru);
	assert_int_equal(r->sums.faults, 0);
	const found *says = must_find(r, PRL_FINDING_STATED, STORY_RU);
	assert_int_equal(says->from, 3);
	must_say(says, "a test");
	end(&f);
}

/* ---- any bit ----------------------------------------------------------------------------------------------------- */

/* The property: any one bit turned in any file of an export gives a fault. README.txt is not written by the test's
 * exports and looked at by nobody; all other files, key and cosigned/ too, are held to it. */
static void any_bit(void **state)
{
	(void)state;
	fixture f;
	char command[300], files[40][200];
	long sizes[40];
	size_t file_count = 0;
	size_t flips = rnd_count(250, 20000);
	uint64_t seed = rnd_seed("audit: any bit");
	tell(&f);
	snprintf(command, sizeof command, "cd '%s' && find . -type f -printf '%%P %%s\\n' | LC_ALL=C sort", f.us);
	FILE *list = popen(command, "r");
	while (file_count < 40 && fscanf(list, "%199s %ld", files[file_count], &sizes[file_count]) == 2)
		file_count++;
	pclose(list);
	assert_true(file_count > 10 && file_count < 40);
	for (size_t i = 0; i < flips; i++) {
		rnd random = rnd_case(seed, i);
		size_t file = i % file_count; /* small files as often as large ones */
		long offset = (long)rnd_below(&random, (size_t)sizes[file]);
		unsigned bit = (unsigned)rnd_below(&random, 8);
		turn(f.us, files[file], offset, bit);
		if (audit(f.us, NULL)->sums.faults == 0)
			fail_msg("bit %u of byte %ld of %s turned, and no fault found", bit, offset, files[file]);
		turn(f.us, files[file], offset, bit);
	}
	assert_int_equal(audit(f.us, NULL)->sums.faults, 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound),
		cmocka_unit_test(one_export),
		cmocka_unit_test(either_order),
		cmocka_unit_test(who_saw_what),
		cmocka_unit_test(changed_entry),
		cmocka_unit_test(changed_tile),
		cmocka_unit_test(changed_checkpoint),
		cmocka_unit_test(changed_cosignature),
		cmocka_unit_test(changed_key_file),
		cmocka_unit_test(changed_content),
		cmocka_unit_test(absent_content),
		cmocka_unit_test(missing_bundle),
		cmocka_unit_test(serial_gap),
		cmocka_unit_test(of_another_party),
		cmocka_unit_test(by_a_revoked_key),
		cmocka_unit_test(no_entry),
		cmocka_unit_test(many_of_them),
		cmocka_unit_test(two_histories),
		cmocka_unit_test(two_histories_by_claims),
		cmocka_unit_test(other_constitution),
		cmocka_unit_test(fork_file),
		cmocka_unit_test(missing_entries),
		cmocka_unit_test(no_copy),
		cmocka_unit_test(not_delivered),
		cmocka_unit_test(doubted_key),
		cmocka_unit_test(circular),
		cmocka_unit_test(stated),
		cmocka_unit_test(any_bit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
