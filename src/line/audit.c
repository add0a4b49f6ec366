#include "line/audit.h"

#include "base/error.h"
#include "base/text.h"
#include "line/audit_state.h"
#include "line/line.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *prl_finding_kind_text(prl_finding_kind kind)
{
	static const char *const texts[] = { [PRL_FINDING_AGREED] = "agreed",
					     [PRL_FINDING_ONE_SIDED] = "one-sided",
					     [PRL_FINDING_SEEN] = "seen",
					     [PRL_FINDING_MISSING] = "missing",
					     [PRL_FINDING_NOT_DELIVERED] = "not delivered",
					     [PRL_FINDING_NO_CONTENT] = "no content",
					     [PRL_FINDING_SUSPECT] = "doubted",
					     [PRL_FINDING_STATED] = "stated",
					     [PRL_FINDING_CANNOT_TELL] = "cannot tell",
					     [PRL_FINDING_NOBODYS] = "nobody's act",
					     [PRL_FINDING_CONTRADICTORY] = "contradictory",
					     [PRL_FINDING_FAULT] = "fault" };
	return texts[kind];
}

bool prl_finding_is_fault(prl_finding_kind kind)
{
	return kind >= PRL_FINDING_NOBODYS;
}

prl_status prl_audit_new(prl_audit **ret, prl_error *err)
{
	prl_audit *audit = calloc(1, sizeof *audit);
	if (!audit)
		return prl_error_memory(err);
	*ret = audit;
	return PRL_OK;
}

static void free_copy(audit_copy *copy)
{
	if (copy->open)
		prl_static_close(&copy->cursor);
	for (size_t level = 0; level < AUDIT_LEVELS; level++)
		free(copy->levels[level].hashes);
	prl_buffer_done(&copy->note);
	free(copy->folder);
}

void prl_audit_free(prl_audit *audit)
{
	if (!audit)
		return;
	for (size_t i = 0; i < audit->copy_count; i++)
		free_copy(&audit->copies[i]);
	for (size_t i = 0; i < audit->export_count; i++)
		free(audit->exports[i]);
	for (size_t i = 0; i < audit->name_count; i++)
		free(audit->names[i]);
	free(audit->names);
	free(audit->keys);
	free(audit->claims);
	prl_picture_free(audit->picture);
	free(audit);
}

prl_picture *prl_audit_picture(prl_audit *audit)
{
	return audit->picture;
}

/* ---- exports ----------------------------------------------------------------------------------------------------- */

static prl_status add_copy(prl_audit *audit, const char *folder, const char *name, prl_error *err)
{
	char *path;
	if (audit->copy_count == PRL_AUDIT_COPIES_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u copies of logs", PRL_AUDIT_COPIES_MAX);
	if (asprintf(&path, "%s/logs/%s", folder, name) < 0)
		return prl_error_memory(err);
	audit->copies[audit->copy_count++] = (audit_copy){ .folder = path, .note = PRL_BUFFER(PRL_CHECKPOINT_MAX) };
	return PRL_OK;
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static prl_status add_copies(prl_audit *audit, const char *folder, prl_error *err)
{
	struct dirent **names = NULL;
	char *path;
	if (asprintf(&path, "%s/logs", folder) < 0)
		return prl_error_memory(err);
	int count = scandir(path, &names, is_visible, alphasort);
	free(path);
	prl_status st = PRL_OK;
	if (count <= 0)
		st = prl_error_set(err, PRL_E_NOT_FOUND,
				   "%s holds no logs; expected a folder that `parley log export` wrote", folder);
	for (int i = 0; i < count; i++) {
		if (!st)
			st = add_copy(audit, folder, names[i]->d_name, err);
		free(names[i]);
	}
	free(names);
	return st;
}

prl_status prl_audit_add(prl_audit *audit, const char *folder, prl_error *err)
{
	if (audit->export_count == PRL_AUDIT_EXPORTS_MAX)
		return prl_error_set(err, PRL_E_TOO_LARGE, "more than %u exports", PRL_AUDIT_EXPORTS_MAX);
	char *copy = strdup(folder);
	if (!copy)
		return prl_error_memory(err);
	audit->exports[audit->export_count++] = copy;
	return add_copies(audit, folder, err);
}

/* ---- findings ---------------------------------------------------------------------------------------------------- */

void audit_find(prl_audit *audit, prl_finding_kind kind, const char *log, uint64_t from, uint64_t to, const char *other,
		prl_time time, const char *format, ...)
{
	char text[2000];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	const prl_finding finding = { kind, log ? log : "", from, to, other ? other : "", time, text };
	audit->sums.faults += prl_finding_is_fault(kind);
	if (audit->run->found)
		audit->run->found(audit->run->context, &finding);
}

void audit_step(prl_audit *audit, uint64_t steps)
{
	uint64_t before = audit->done / 8192;
	audit->done += steps;
	if (audit->run->progress && audit->done / 8192 != before)
		audit->run->progress(audit->run->context, audit->done, audit->all);
}

/* ---- names, copies ----------------------------------------------------------------------------------------------- */

const char *audit_name(prl_audit *audit, const char *name)
{
	for (size_t i = 0; i < audit->name_count; i++)
		if (!strcmp(audit->names[i], name))
			return audit->names[i];
	char **names = prl_array_resize(audit->names, audit->name_count + 1, sizeof *names);
	if (!names)
		return NULL;
	audit->names = names;
	char *copy = strdup(name);
	if (copy)
		names[audit->name_count++] = copy;
	return copy;
}

audit_copy *audit_best(prl_audit *audit, const char *origin)
{
	for (size_t i = 0; i < audit->copy_count; i++)
		if (audit->copies[i].best && !strcmp(audit->copies[i].checkpoint.origin, origin))
			return &audit->copies[i];
	return NULL;
}

/* ---- all of it --------------------------------------------------------------------------------------------------- */

static prl_status go(prl_audit *audit, prl_error *err)
{
	prl_status st = prl_picture_new(NULL, &audit->picture, err);
	if (st)
		return st;
	prl_picture_take_gaps(audit->picture);
	st = prl_line_add(audit->picture, err);
	if (!st)
		st = audit_read_copies(audit, err);
	if (!st)
		st = audit_fold_all(audit, err);
	if (!st)
		st = audit_compare_all(audit, err);
	if (!st)
		st = audit_contents(audit, err);
	return st ? st : audit_forks(audit, err);
}

prl_status prl_audit_go(prl_audit *audit, const prl_audit_run *run, prl_audit_sums *ret, prl_error *err)
{
	if (audit->copy_count == 0)
		return prl_error_set(err, PRL_E_NOT_FOUND, "no logs to verify");
	audit->run = run;
	prl_status st = go(audit, err);
	if (!st)
		*ret = audit->sums;
	return st;
}
