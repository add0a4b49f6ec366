#include "support/story.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_us(const char *log)
{
	return strcmp(log, STORY_US) == 0;
}

static little_node *node_of(story *s, const char *log)
{
	return is_us(log) ? &s->us : &s->ru;
}

static prl_picture *picture_of(story *s, const char *log)
{
	return is_us(log) ? s->us_picture : s->ru_picture;
}

void story_act(story *s, const line_act *act)
{
	const char *log = act->log ? act->log : line_home(s->line, act->key);
	line_act_on(s->line, picture_of(s, log), act);
	little_node_commit(node_of(s, log), 0);
}

void story_record(story *s, const char *log, const char *kind, const char *body)
{
	const line_act act = { .kind = kind, .log = log, .body = body };
	story_act(s, &act);
}

void story_see(story *s, const char *by)
{
	const char *of = is_us(by) ? STORY_RU : STORY_US;
	little_node_mirror(node_of(s, by), node_of(s, of), 0);
	(void)line_see(s->line, picture_of(s, by), by, of, 0);
	little_node_cosign(node_of(s, by), node_of(s, of));
	little_node_commit(node_of(s, by), 0);
}

void story_say(story *s, const char *key, const char *text, const char *to, const char *content)
{
	const char *contents = "", *readers = to ? line_text(s->line, ", \"to\": [\"%s\"]", to) : "";
	if (content) {
		prl_hash hash = little_node_content(node_of(s, line_home(s->line, key)), content);
		contents = line_text(s->line,
				     ", \"contents\": [{\"hash\": \"%s\", \"size\": %zu, \"title\": \"a paper\"}]",
				     line_hash_text(s->line, &hash), strlen(content));
	}
	const line_act act = { .kind = "message.sent",
			       .key = key,
			       .body = line_text(s->line, "{\"text\": \"%s\", \"language\": \"en\"%s%s}", text, readers,
						 contents) };
	story_act(s, &act);
}

void story_get(story *s, const char *log, const char *content)
{
	prl_hash hash = little_node_content(node_of(s, log), content);
	story_record(s, log, "content.got",
		     line_text(s->line, "{\"log\": \"%s\", \"hashes\": [\"%s\"]}", is_us(log) ? STORY_RU : STORY_US,
			       line_hash_text(s->line, &hash)));
}

void story_begin(story *s, const char *folder)
{
	char path[200];
	*s = (story){ .line = line_new("us@" STORY_US " ru@" STORY_RU, "\"retention\": {\"contents_days\": 30}"),
		      .us_picture = line_picture(STORY_US),
		      .ru_picture = line_picture(STORY_RU) };
	mkdir(folder, 0700);
	snprintf(path, sizeof path, "%s/us", folder);
	little_node_make(&s->us, s->line, STORY_US, path);
	snprintf(path, sizeof path, "%s/ru", folder);
	little_node_make(&s->ru, s->line, STORY_RU, path);
	line_begin(s->line, s->us_picture, STORY_US);
	line_begin(s->line, s->ru_picture, STORY_RU);
	little_node_commit(&s->us, 2);
	little_node_commit(&s->ru, 0);
	story_see(s, STORY_US);
	story_see(s, STORY_RU);
}

static void rotate(story *s)
{
	const prl_signer next = line_signer("ru-ops/1", PRL_KEY_NOTE, 1);
	const line_act rotated = { .kind = "key.rotated",
				   .key = "ru-ops/1",
				   .new_key = &next,
				   .body = line_text(s->line, "{\"key\": \"%s\"}", line_vkey(s->line, &next)) };
	story_act(s, &rotated);
	story_say(s, "ru-ops/1", "This console has a new key.", NULL, NULL);
}

static void doubt(story *s)
{
	const line_act certified = { .kind = "key.certified",
				     .key = "us-ops",
				     .body = line_text(s->line, "{\"key\": \"%s\"}",
						       line_vkey(s->line, &line_key_of(s->line, "us-ops/3")->signer)) };
	story_act(s, &certified);
	story_say(s, "us-ops/3", "A third console is on watch.", "ru", NULL);
	const line_act compromised = { .kind = "key.compromised",
				       .key = "us-ops",
				       .second = "us-ops/1",
				       .body = line_text(s->line,
							 "{\"key\": \"us-ops/3\", \"suspect_from\": %zu, "
							 "\"reason\": \"the console was left behind\"}",
							 line_log_of(s->line, STORY_US)->size - 1) };
	story_act(s, &compromised);
	const line_act revoked = { .kind = "key.revoked", .key = "ru-ops", .body = "{\"key\": \"ru-ops/2\"}" };
	story_act(s, &revoked);
}

static void admit(story *s)
{
	const prl_hash token = line_hash("token");
	const line_act admitted = { .kind = "program.admitted",
				    .key = "us-ops",
				    .body = line_text(s->line,
						      "{\"program\": \"us-traffic\", \"title\": \"Traffic\", "
						      "\"token\": \"%s\"}",
						      line_hash_text(s->line, &token)) };
	story_act(s, &admitted);
	const line_act said = { .kind = "message.sent",
				.recorded = "program/us-traffic",
				.log = STORY_US,
				.body = "{\"text\": \"Words of a program.\", \"language\": \"en\"}" };
	story_act(s, &said);
}

void story_tell(story *s)
{
	story_say(s, "us-ops/1", "Convoy of four vehicles, road M20, from 14:00 to 16:30.", "ru",
		  "the list of vehicles");
	story_see(s, STORY_RU);
	story_get(s, STORY_RU, "the list of vehicles");
	story_say(s, "ru-ops/1", "Received. Passed to units.", NULL, NULL);
	story_see(s, STORY_US);
	rotate(s);
	story_say(s, "ru-ops/2", "Строительные работы до 18:00.", "us", "план");
	story_see(s, STORY_US);
	doubt(s);
	story_record(s, STORY_US, "tick", "{\"to\": \"2016-09-17T13:00:00Z\"}");
	admit(s);
	for (int i = 0; i < 8; i++)
		story_say(s, i % 2 ? "ru-ops/1" : "us-ops/2", "Line test, all well.", NULL, NULL);
	story_see(s, STORY_RU);
	story_see(s, STORY_US);
	story_say(s, "us-ops/1", "End of watch.", NULL, NULL);
}

static void delete_list(story *s)
{
	const prl_hash hash = little_content_hash("the list of vehicles");
	const line_act deleted = { .kind = "content.deleted",
				   .log = STORY_RU,
				   .time = s->line->now + 40 * 86400 * PRL_SECOND,
				   .body = line_text(s->line, "{\"log\": \"%s\", \"hashes\": [\"%s\"]}", STORY_US,
						     line_hash_text(s->line, &hash)) };
	story_act(s, &deleted);
}

void story_go_on(story *s)
{
	const prl_signer next = line_signer("ru/root", PRL_KEY_NOTE, 1);
	const line_act rotated = { .kind = "root.rotated",
				   .key = "ru/root",
				   .new_key = &next,
				   .body = line_text(s->line, "{\"key\": \"%s\"}", line_vkey(s->line, &next)) };
	story_act(s, &rotated);
	story_record(s, STORY_US, "clock.suspect", "{\"reason\": \"a restart showed a gap\"}");
	story_act(s, &(line_act){ .kind = "clock.trusted", .key = "us-ops", .body = "{\"reason\": \"looked\"}" });
	story_act(s, &(line_act){ .kind = "setting.changed",
				  .key = "us-ops",
				  .body = "{\"name\": \"note\", \"value\": \"a setting\"}" });
	story_act(s,
		  &(line_act){ .kind = "program.dismissed", .key = "us-ops", .body = "{\"program\": \"us-traffic\"}" });
	story_record(s, STORY_US, "node.alone", "{\"unanswered\": [\"" STORY_RU "\"]}");
	story_act(s, &(line_act){ .kind = "desk.closed",
				  .key = "ru/root",
				  .second = "ru-ops/1",
				  .body = "{\"desk\": \"ru-ops\", \"reason\": \"the mission ended\"}" });
	story_see(s, STORY_RU);
	story_see(s, STORY_US);
	delete_list(s);
	story_see(s, STORY_US);
	story_see(s, STORY_RU);
}

void story_end(story *s)
{
	little_node_close(&s->us);
	little_node_close(&s->ru);
	prl_picture_free(s->us_picture);
	prl_picture_free(s->ru_picture);
	line_free(s->line);
}
