#include "cli/scene_show.h"

#include "base/text.h"
#include "cli/cli.h"
#include "cli/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "2016-09-17 12:55:00Z": a scenario's times are whole seconds. */
static void time_words(prl_time time, char text[PRL_TIME_TEXT_MAX])
{
	prl_time_format(time, text);
	text[10] = ' ';
	memcpy(text + 19, "Z", 2);
}

static void print_json(json_t *line)
{
	if (!line || json_dumpf(line, stdout, JSON_COMPACT) || putchar('\n') == EOF)
		prl_cli_output_failed();
	json_decref(line);
}

void scene_say(const scene_show *show, const scene_world *w, const char *what, const char *who, const char *words)
{
	char time[PRL_TIME_TEXT_MAX];
	char *clean = prl_cli_clean(words);
	if (show->json) {
		prl_time_format(w->now, time);
		print_json(json_pack("{s:s, s:s, s:s, s:s}", "what", what, "time", time, "who", who, "words",
				     clean ? clean : ""));
	} else if (!show->quiet) {
		time_words(w->now, time);
		printf("%s  %-10s %-8s %s\n", time, who, what, clean ? clean : "");
	}
	free(clean);
}

/* ---- entries ----------------------------------------------------------------------------------------------------- */

static const char *text_of(const json_t *json, const char *name)
{
	const char *text = json_string_value(json_object_get(json, name));
	return text ? text : "";
}

/* What nodes write down about each other is no act of a person. */
static bool is_shown(const json_t *entry)
{
	static const char *const quiet[] = { "peer.seen",     "content.got", "tick",          "constitution",
					     "key.certified", "desk.opened", "presence.told", NULL };
	for (size_t i = 0; quiet[i]; i++)
		if (!strcmp(text_of(entry, "kind"), quiet[i]))
			return false;
	return true;
}

/* Ids and versions say nothing to a reader; nor do coordinates, without a map. */
static bool is_said(const char *text)
{
	size_t length = strlen(text);
	return length && !(length == 44 && text[43] == '=');
}

/* The texts that stand in a body, in its order. */
static void add_words(prl_buffer *to, const json_t *value)
{
	static const char skipped[] =
		" geometry lower upper unit language distance intervals closest separation vertical gazetteer ";
	const char *text = json_string_value(value), *name;
	json_t *one;
	size_t i;
	if (text && is_said(text))
		(void)prl_buffer_printf(to, "%s%s", to->size ? " · " : "", text);
	json_object_foreach((json_t *)(uintptr_t)value, name, one)
	{
		char padded[80];
		snprintf(padded, sizeof padded, " %.70s ", name);
		if (!strstr(skipped, padded))
			add_words(to, one);
	}
	json_array_foreach(value, i, one) add_words(to, one);
}

static void words_of(const json_t *body, char words[CLI_WORDS_MAX])
{
	prl_buffer text = PRL_BUFFER(4096);
	add_words(&text, body);
	prl_cli_words(text.size ? text.data : "", words);
	prl_buffer_done(&text);
}

/* Equal lines that follow each other are shown as one, with how many they are. */
typedef struct pending {
	char what[8], line[CLI_WORDS_MAX + 300];
	unsigned count;
} pending;

static void flush(const scene_show *show, const scene_world *w, const scene_node *node, pending *last)
{
	size_t used = strlen(last->line);
	if (last->count > 1)
		snprintf(last->line + used, sizeof last->line - used, " (%u times)", last->count);
	if (last->count)
		scene_say(show, w, last->what, node->card.party, last->line);
	last->count = 0;
}

static void show_entry(const scene_show *show, const scene_world *w, const scene_node *node, const json_t *entry,
		       pending *last)
{
	char words[CLI_WORDS_MAX];
	pending next = { .count = 1 };
	const char *by = json_string_value(json_object_get(entry, "key"));
	words_of(json_object_get(entry, "body"), words);
	bool own = !strcmp(text_of(entry, "log"), node->card.log.name);
	snprintf(next.what, sizeof next.what, "%s", own ? "logs" : "sees");
	snprintf(next.line, sizeof next.line, "%.100s %.60s: %s", by ? by : text_of(entry, "recorded"),
		 text_of(entry, "kind"), words);
	if (last->count && !strcmp(last->line, next.line)) {
		last->count++;
		return;
	}
	flush(show, w, node, last);
	*last = next;
}

static prl_status show_log(const scene_show *show, scene_world *w, size_t node, size_t of, prl_error *err)
{
	char path[300];
	json_t *answer = NULL, *entry;
	prl_client *client;
	size_t i;
	pending last = { .count = 0 };
	scene_node *at = &w->nodes[node];
	prl_status st = scene_world_client(w, at->card.party, &client, err);
	snprintf(path, sizeof path, "/parley/v1/entries?log=%.128s&from=%llu&count=1000", w->nodes[of].card.log.name,
		 (unsigned long long)at->shown[of]);
	if (!st)
		st = prl_client_get(client, path, &answer, err);
	if (st)
		return st;
	json_array_foreach(json_object_get(answer, "entries"), i, entry)
	{
		/* A list says no log with each entry. */
		json_object_set_new(entry, "log", json_string(w->nodes[of].card.log.name));
		if (is_shown(entry))
			show_entry(show, w, at, entry, &last);
	}
	flush(show, w, at, &last);
	at->shown[of] += json_array_size(json_object_get(answer, "entries"));
	json_decref(answer);
	return PRL_OK;
}

/* ---- alarms ------------------------------------------------------------------------------------------------------ */

static bool stands_in(const json_t *list, const json_t *alarm)
{
	const json_t *one;
	size_t i;
	json_array_foreach(list, i,
			   one) if (!strcmp(text_of(one, "alarm"), text_of(alarm, "alarm")) &&
				    !strcmp(text_of(one, "situation"), text_of(alarm, "situation"))) return true;
	return false;
}

static void show_alarm(const scene_show *show, const scene_world *w, const scene_node *node, const json_t *alarm,
		       bool begun)
{
	char line[500];
	snprintf(line, sizeof line, "class %lld %s: %.300s",
		 (long long)json_integer_value(json_object_get(alarm, "class")), text_of(alarm, "alarm"),
		 text_of(alarm, "text"));
	scene_say(show, w, begun ? "ALARM" : "over", node->card.party, line);
}

/* A node that shows no alarms has none. */
static prl_status show_alarms(const scene_show *show, scene_world *w, size_t node, prl_error *err)
{
	scene_node *at = &w->nodes[node];
	json_t *answer = NULL, *alarm;
	prl_client *client;
	size_t i;
	prl_status st = scene_world_client(w, at->card.party, &client, err);
	if (!st)
		st = prl_client_get(client, "/parley/v1/line/alarms", &answer, err);
	if (st)
		return st == PRL_E_NOT_FOUND ? PRL_OK : st;
	json_t *alarms = json_incref(json_object_get(answer, "items"));
	json_decref(answer);
	json_array_foreach(alarms, i, alarm) if (!stands_in(at->alarms, alarm)) show_alarm(show, w, at, alarm, true);
	json_array_foreach(at->alarms, i, alarm) if (!stands_in(alarms, alarm)) show_alarm(show, w, at, alarm, false);
	json_decref(at->alarms);
	at->alarms = alarms;
	return PRL_OK;
}

prl_status scene_show_new(const scene_show *show, scene_world *w, prl_error *err)
{
	prl_status st = PRL_OK;
	for (size_t i = 0; i < w->node_count; i++) {
		for (size_t k = 0; k < w->node_count && !st && w->nodes[i].node; k++)
			st = show_log(show, w, i, (i + k) % w->node_count, err);
		if (!st && w->nodes[i].node)
			st = show_alarms(show, w, i, err);
	}
	return st;
}
