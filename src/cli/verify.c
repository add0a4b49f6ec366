/* parley verify: what an auditor finds in exports alone, and fork proofs. */
#include "cli/cli.h"
#include "cli/words.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "line/audit.h"

#include <stdlib.h>
#include <string.h>

enum option { JSON, SEEN, FORK, KEY, NO_PROGRESS };

static const cli_option options[] = {
	{ "--json", NULL, "one JSON object a line for each finding, the verdict last", JSON },
	{ "--seen", NULL, "every time at which a node had stored more of another's log, not the newest only", SEEN },
	{ "--fork", "FILE", "check a fork proof: with --key, or with exports that name the log's key", FORK },
	{ "--key", "VKEY", "the key of the log that the fork proof is about (name+hex+base64)", KEY },
	{ "--no-progress", NULL, "no progress bar, not even on a terminal", NO_PROGRESS },
};

/* A finding set aside until its group is printed. */
typedef struct kept {
	prl_finding_kind kind;
	char *log, *other, *text;
	uint64_t from, to;
	prl_time time;
} kept;

typedef struct verify {
	bool json, seen, no_progress, failed;
	const char *fork, *key;
	cli_progress progress;
	double began_s;
	kept *findings;
	size_t count, room;
	size_t counts[PRL_FINDING_KINDS];
} verify;

/* ---- findings ---------------------------------------------------------------------------------------------------- */

static void free_kept(kept *finding)
{
	free(finding->log);
	free(finding->other);
	free(finding->text);
}

static bool keep(verify *v, const prl_finding *finding)
{
	if (v->count == v->room) {
		size_t room = v->room ? 2 * v->room : 64;
		kept *findings = prl_array_resize(v->findings, room, sizeof *findings);
		if (!findings)
			return false;
		v->findings = findings;
		v->room = room;
	}
	kept copy = { finding->kind, strdup(finding->log), strdup(finding->other), strdup(finding->text),
		      finding->from, finding->to,          finding->time };
	v->findings[v->count++] = copy;
	return copy.log && copy.other && copy.text;
}

/* Without --seen the newest of one log on one node takes the place of the one before. */
static bool replace_seen(verify *v, const prl_finding *finding)
{
	for (size_t i = 0; i < v->count; i++) {
		kept *before = &v->findings[i];
		if (before->kind != PRL_FINDING_SEEN || strcmp(before->log, finding->log) != 0 ||
		    strcmp(before->other, finding->other) != 0)
			continue;
		if (finding->to < before->to)
			return true;
		char *text = strdup(finding->text);
		if (!text)
			return false;
		free(before->text);
		before->text = text;
		before->from = finding->from;
		before->to = finding->to;
		before->time = finding->time;
		return true;
	}
	return false;
}

static void take_finding(void *context, const prl_finding *finding)
{
	verify *v = context;
	if (!v->seen && finding->kind == PRL_FINDING_SEEN && replace_seen(v, finding))
		return;
	v->counts[finding->kind]++;
	v->failed = v->failed || !keep(v, finding);
}

static json_t *finding_json(const kept *finding)
{
	json_t *line = json_pack("{s:s, s:b}", "finding", prl_finding_kind_text(finding->kind), "fault",
				 (int)prl_finding_is_fault(finding->kind));
	if (finding->log[0])
		json_object_set_new(line, "log", json_string(finding->log));
	if (finding->to > finding->from) {
		json_object_set_new(line, "from", json_integer((json_int_t)finding->from));
		json_object_set_new(line, "to", json_integer((json_int_t)finding->to));
	}
	if (finding->other[0])
		json_object_set_new(line, "other", json_string(finding->other));
	if (finding->time) {
		char time[PRL_TIME_TEXT_MAX];
		prl_time_format(finding->time, time);
		json_object_set_new(line, "time", json_string(time));
	}
	/* A text may quote what a hostile file holds. */
	char *text = prl_cli_clean(finding->text);
	json_object_set_new(line, "text", json_string(text ? text : ""));
	free(text);
	return line;
}

static void print_line(json_t *line)
{
	if (json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

static void print_group(const verify *v, prl_finding_kind kind)
{
	static const char *const titles[] = {
		[PRL_FINDING_AGREED] = "Agreed: every side holds the same",
		[PRL_FINDING_ONE_SIDED] = "One-sided: signed by one, not proven to have reached all others",
		[PRL_FINDING_SEEN] = "Who had stored what when",
		[PRL_FINDING_MISSING] = "Missing: somebody has it, these files do not",
		[PRL_FINDING_NOT_DELIVERED] = "Not delivered",
		[PRL_FINDING_NO_CONTENT] = "Contents that are not in these files",
		[PRL_FINDING_SUSPECT] = "Doubted by the owner of the key",
		[PRL_FINDING_STATED] = "Stated by one side of another",
		[PRL_FINDING_CANNOT_TELL] = "Cannot tell",
		[PRL_FINDING_NOBODYS] = "Fault: counts as nobody's act",
		[PRL_FINDING_CONTRADICTORY] = "Fault: contradictory",
		[PRL_FINDING_FAULT] = "Fault: does not hold",
	};
	if (!v->counts[kind])
		return;
	puts(titles[kind]);
	for (size_t i = 0; i < v->count; i++) {
		char *text = v->findings[i].kind == kind ? prl_cli_clean(v->findings[i].text) : NULL;
		if (text)
			printf("  %s\n", text);
		free(text);
	}
	putchar('\n');
}

/* ---- the verdict ------------------------------------------------------------------------------------------------- */

static const kept *worst(const verify *v)
{
	const kept *found = NULL;
	for (size_t i = 0; i < v->count; i++)
		if (prl_finding_is_fault(v->findings[i].kind) && (!found || v->findings[i].kind > found->kind))
			found = &v->findings[i];
	return found;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_verdict(const verify *v, const prl_audit_sums *sums)
{
	double seconds = prl_cli_seconds() - v->began_s;
	const kept *fault = worst(v);
	char *text = fault ? prl_cli_clean(fault->text) : NULL;
	if (v->json) {
		json_t *line = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I}", "verdict", fault ? "fault" : "holds",
					 "faults", (json_int_t)sums->faults, "entries", (json_int_t)sums->entries,
					 "logs", (json_int_t)sums->logs, "copies", (json_int_t)sums->copies, "contents",
					 (json_int_t)sums->contents, "cosignatures", (json_int_t)sums->cosignatures);
		if (text)
			json_object_set_new(line, "text", json_string(text));
		print_line(line);
	} else {
		printf("%llu entr%s of %zu log%s in %zu cop%s, %zu cosignature%s, %zu content%s read in %.1f s\n",
		       (unsigned long long)sums->entries, sums->entries == 1 ? "y" : "ies", sums->logs,
		       plural(sums->logs), sums->copies, sums->copies == 1 ? "y" : "ies", sums->cosignatures,
		       plural(sums->cosignatures), sums->contents, plural(sums->contents), seconds);
		if (fault)
			printf("%zu fault%s: %s\n", sums->faults, plural(sums->faults), text ? text : "");
		else
			puts("no fault: every hash and every signature holds");
	}
	free(text);
}

static int print_findings(const verify *v, const prl_audit_sums *sums)
{
	if (v->json)
		for (size_t i = 0; i < v->count; i++)
			print_line(finding_json(&v->findings[i]));
	else
		for (prl_finding_kind kind = 0; kind < PRL_FINDING_KINDS; kind++)
			print_group(v, kind);
	print_verdict(v, sums);
	return sums->faults ? CLI_FOUND : CLI_OK;
}

/* ---- exports ----------------------------------------------------------------------------------------------------- */

static void show_progress(void *context, uint64_t done, uint64_t all)
{
	verify *v = context;
	prl_cli_progress_draw(&v->progress, "verifying", all ? (double)done / (double)all : 0);
}

static int failed(const char *what, prl_status status, const prl_error *err)
{
	prl_cli_say_error(what, err);
	return prl_cli_exit_status(status);
}

static int verify_exports(verify *v, char **exports, int count, prl_audit *audit)
{
	const prl_audit_run run = { take_finding, show_progress, v };
	prl_audit_sums sums;
	prl_error err = { 0 };
	for (int i = 0; i < count; i++) {
		prl_status st = prl_audit_add(audit, exports[i], &err);
		if (st)
			return failed(exports[i], st, &err);
	}
	prl_status st = prl_audit_go(audit, &run, &sums, &err);
	prl_cli_progress_clear(&v->progress);
	if (!st && v->failed)
		st = prl_error_memory(&err);
	return st ? failed("verify", st, &err) : print_findings(v, &sums);
}

/* ---- fork proofs ------------------------------------------------------------------------------------------------- */

static void print_fork(const verify *v, const prl_fork *fork, const prl_verifier *key, const prl_error *why)
{
	prl_checkpoint older = { .size = 0 }, newer = { .size = 0 };
	bool proven = !prl_fork_verify(fork, key, NULL) && !prl_checkpoint_open(fork->older, key, &older, NULL, NULL) &&
		      !prl_checkpoint_open(fork->newer, key, &newer, NULL, NULL);
	char *text = prl_cli_clean(why->text);
	if (v->json)
		print_line(json_pack("{s:s, s:s, s:s, s:I, s:I}", "verdict", proven ? "forked" : "no fork", "log",
				     key->name, "text",
				     proven ? "two histories, both signed"
				     : text ? text
					    : "",
				     "older", (json_int_t)older.size, "newer", (json_int_t)newer.size));
	else if (proven)
		printf("%s has signed two histories: one of %llu entries, one of %llu, which do not continue one "
		       "another\n",
		       key->name, (unsigned long long)older.size, (unsigned long long)newer.size);
	else
		printf("%s: this proves no fork of %s: %s\n", v->fork, key->name, text ? text : "");
	free(text);
}

/* A fork that is proven is what was asked for; a file that proves none is bad input. */
static int verify_fork(const verify *v, const prl_verifier *keys, size_t count)
{
	prl_error err = { 0 };
	prl_fork fork;
	prl_buffer bytes = PRL_BUFFER(PRL_FORK_MAX);
	prl_status st = prl_file_read(v->fork, &bytes, &err);
	if (!st)
		st = prl_fork_read((prl_bytes){ bytes.data, bytes.size }, &fork, &err);
	if (st) {
		prl_buffer_done(&bytes);
		return failed(v->fork, st, &err);
	}
	size_t at = 0;
	for (size_t i = 0; i < count; i++)
		if (prl_fork_verify(&fork, &keys[i], NULL) == PRL_OK)
			at = i;
	st = prl_fork_verify(&fork, &keys[at], &err);
	print_fork(v, &fork, &keys[at], &err);
	prl_buffer_done(&bytes);
	return st ? CLI_BAD : CLI_FOUND;
}

/* The keys of the logs of the line that the exports are of. */
static int fork_by_exports(const verify *v, prl_audit *audit)
{
	prl_verifier keys[64];
	size_t count = 0;
	const prl_constitution *constitution = prl_picture_constitution(prl_audit_picture(audit), PRL_VERSION_WORKING);
	for (size_t i = 0; constitution && i < constitution->log_count && count < 64; i++)
		keys[count++] = constitution->logs[i].key;
	if (count)
		return verify_fork(v, keys, count);
	prl_cli_say("verify: no constitution in the exports holds, so no key of a log is known; give --key");
	return CLI_BAD;
}

static int fork_by_key(const verify *v)
{
	prl_verifier key;
	prl_error err = { 0 };
	prl_status st = prl_verifier_read(prl_bytes_of(v->key), &key, &err);
	return st ? failed("verify: --key", st, &err) : verify_fork(v, &key, 1);
}

/* ---- the verb ---------------------------------------------------------------------------------------------------- */

static prl_status set_option(int id, const char *value, void *context, prl_error *err)
{
	verify *v = context;
	switch ((enum option)id) {
	case JSON:
		v->json = true;
		return PRL_OK;
	case SEEN:
		v->seen = true;
		return PRL_OK;
	case FORK:
		v->fork = value;
		return PRL_OK;
	case KEY:
		v->key = value;
		return PRL_OK;
	case NO_PROGRESS:
		v->no_progress = true;
		return PRL_OK;
	}
	return prl_error_set(err, PRL_E_UNSUPPORTED, "not handled");
}

static int with_exports(verify *v, char **exports, int count)
{
	prl_error err = { 0 };
	prl_audit *audit;
	prl_status st = prl_audit_new(&audit, &err);
	if (st)
		return failed("verify", st, &err);
	int status = verify_exports(v, exports, count, audit);
	if (status <= CLI_FOUND && v->fork)
		status = prl_cli_worse(status, fork_by_exports(v, audit));
	prl_audit_free(audit);
	return status;
}

static int run(const cli_verb *verb, int argc, char **argv)
{
	verify v = { .began_s = prl_cli_seconds() };
	int count;
	if (prl_cli_options(verb, argc, argv, set_option, &v, &count))
		return CLI_BAD;
	if (v.key && !v.fork) {
		prl_cli_say("verify: --key goes with --fork");
		return CLI_BAD;
	}
	if (!count && !(v.fork && v.key)) {
		prl_cli_say("verify: no export given; usage: %s", verb->usage);
		return CLI_BAD;
	}
	v.progress = prl_cli_progress(!v.no_progress);
	int status = v.fork && v.key ? fork_by_key(&v) : CLI_OK;
	if (count && status <= CLI_FOUND) {
		if (v.key)
			v.fork = NULL;
		status = prl_cli_worse(status, with_exports(&v, argv, count));
	}
	for (size_t i = 0; i < v.count; i++)
		free_kept(&v.findings[i]);
	free(v.findings);
	return status;
}

static const char details[] =
	"EXPORT is a folder that `parley log export` wrote. Give one of each side: what they hold of each other's logs "
	"is\n"
	"compared. Nothing but the files is read; every hash and every signature is made again, and every entry is "
	"put\n"
	"through the rules of the line in the order that the logs state.\n"
	"\n"
	"What is found is grouped: agreed, one-sided, seen, missing, not delivered, doubted, cannot tell, and faults:\n"
	"what counts as nobody's act, what is contradictory, what does not hold. The last line is the verdict. It "
	"never\n"
	"says who is guilty.\n"
	"\n"
	"exit status: 0 no fault, 1 a fault (the last line names it) or a proven fork, 2 bad use or bad input, 3 the\n"
	"machine failed\n"
	"\n"
	"examples:\n"
	"  parley verify us.export ru.export\n"
	"  parley verify us.export --seen --json\n"
	"  parley verify --fork 9c41.fork --key us.example/line+35c9504b+AVeG…\n";

const cli_verb prl_cli_verify = {
	.name = "verify",
	.summary = "checks exported records: every hash, every signature, both sides",
	.usage = "parley verify EXPORT… [--seen] [--json]\n"
		 "       parley verify --fork FILE (--key VKEY | EXPORT…) [--json]",
	.details = details,
	.options = options,
	.option_count = sizeof options / sizeof *options,
	.run = run,
};
