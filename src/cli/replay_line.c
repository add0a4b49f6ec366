#include "cli/replay_line.h"

#include "base/error.h"
#include "cli/cli.h"
#include "cli/words.h"
#include "line/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOTICES_MAX "1000"

/* Parts that show what is in the record; the others show figures, or how it stands now. */
static const char *const parts[] = { "notices", "overlaps",   "receipts",   "movements", "bundles",  "hits",  "calls",
				     "queries", "statements", "disavowals", "meetings",  "channels", "shifts" };

/* ---- what shows read --------------------------------------------------------------------------------------------- */

static prl_status read_body(void *context, const char *log, uint64_t index, json_t **ret, prl_error *err)
{
	PRL_CLEANUP(prl_buffer_done) prl_buffer bytes = PRL_BUFFER(PRL_ENTRY_MAX);
	prl_entry entry;
	prl_status st = prl_cli_source_entry(context, log, index, &bytes, err);
	if (!st)
		st = prl_entry_read((prl_bytes){ bytes.data, bytes.size }, &entry, err);
	if (st)
		return st;
	*ret = json_loadb(entry.body.data, entry.body.size, JSON_REJECT_DUPLICATES, NULL);
	return *ret ? PRL_OK : prl_error_set(err, PRL_E_SYNTAX, "the entry's body is no JSON");
}

static prl_status read_content(void *context, const prl_hash *hash, json_t **ret, prl_error *err)
{
	(void)context;
	(void)hash;
	(void)ret;
	return prl_error_set(err, PRL_E_NOT_FOUND, "contents are not looked at");
}

/* ---- printing ---------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : "";
}

static void print_json(const char *part, const json_t *item)
{
	json_t *line = json_pack("{s:s}", "what", part);
	if (!line || json_object_update_missing(line, (json_t *)(uintptr_t)item) ||
	    json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

/* Its name, else its id or the notice that it is about; how it stands, what it is, marks. */
static void print_words(const json_t *item)
{
	const char *name = text_of(item, "name");
	const json_t *marks = json_object_get(item, "marks"), *mark;
	char words[CLI_WORDS_MAX];
	size_t i;
	name = *name ? name : text_of(item, "id");
	name = *name ? name : text_of(item, "notice");
	name = *name ? name : text_of(item, "bundle");
	prl_cli_words(name, words);
	printf("  %-16s %-10s %-16s", words, text_of(item, "state"), text_of(item, "kind"));
	prl_cli_words(text_of(item, "text"), words);
	printf(" %s", words);
	json_array_foreach(marks, i, mark)
	{
		prl_cli_words(json_is_string(mark) ? json_string_value(mark) : "", words);
		printf("%s%s", i ? ", " : "", words);
	}
	putchar('\n');
}

static prl_status print_part(const prl_line_part *part, prl_show *show, bool json, prl_error *err)
{
	json_t *items = NULL, *item;
	size_t i;
	prl_status st = part->show(show, &items, err);
	if (st)
		return st;
	if (!json && json_array_size(items))
		printf("\n%c%s\n", part->name[0] - 'a' + 'A', part->name + 1);
	json_array_foreach(items, i, item)
	{
		if (json)
			print_json(part->name, item);
		else
			print_words(item);
	}
	json_decref(items);
	return PRL_OK;
}

prl_status prl_cli_replay_line(const cli_source *source, prl_picture *picture, prl_time now, bool json, prl_error *err)
{
	prl_show show = { .picture = picture,
			  .version = PRL_VERSION_WORKING,
			  .now = now,
			  .body = read_body,
			  .content = read_content,
			  .context = (void *)(uintptr_t)source };
	json_t *none = json_object(), *many = json_pack("{s:s}", "count", NOTICES_MAX);
	prl_status st = none && many ? PRL_OK : prl_error_memory(err);
	for (size_t i = 0; i < sizeof parts / sizeof *parts && !st; i++) {
		const prl_line_part *part = prl_line_part_named((prl_bytes){ parts[i], strlen(parts[i]) });
		show.query = strcmp(parts[i], "notices") == 0 ? many : none;
		if (part && part->show)
			st = print_part(part, &show, json, err);
	}
	json_decref(none);
	json_decref(many);
	return st;
}
