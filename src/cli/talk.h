/* What the verbs query, statement, disavow, call, transcript and their like share: their options, objects found by the
 * beginning of their id, how an object and what is said of it are printed. */
#ifndef PRL_CLI_TALK_H
#define PRL_CLI_TALK_H

#include "cli/moves.h"

#define TALK_LIST_MAX 32

/* Options; each verb's table has those that it takes. */
enum {
	TALK_LANGUAGE,
	TALK_NOTICE,
	TALK_PLACE,
	TALK_POSITION,
	TALK_RADIUS,
	TALK_FROM,
	TALK_UNTIL,
	TALK_AT,
	TALK_BY,
	TALK_LEVEL,
	TALK_KIND,
	TALK_FORCES,
	TALK_SEEN_BY,
	TALK_NUMBER,
	TALK_REASON,
	TALK_DESK,
	TALK_POST,
	TALK_OF,
	TALK_STANDING,
	TALK_LOCAL_NAME,
	TALK_INSTRUMENT,
	TALK_CLAUSE,
	TALK_CHAIR,
	TALK_EVERY,
	TALK_MEETING,
	TALK_MEMBER,
	TALK_CALL,
	TALK_TURNS,
	TALK_READ_BACK,
	TALK_TEXTS, /* those above are one text each */
	TALK_TO = TALK_TEXTS,
	TALK_AGENDA,
	TALK_PERSON,
	TALK_ALSO,
	TALK_URGENT
};

typedef struct talk_job {
	const char *text[TALK_TEXTS]; /* NULL where not given */
	const char *to[TALK_LIST_MAX], *agenda[TALK_LIST_MAX], *person[TALK_LIST_MAX], *also[TALK_LIST_MAX];
	size_t to_count, agenda_count, person_count, also_count;
	bool urgent;
	cli_act act;
} talk_job;

#define TALK_TO_OPTION                                                                                                 \
	{                                                                                                              \
		"--to", "PARTY", "a party it goes to; once a party (default: all others)", TALK_TO                     \
	}
#define TALK_LANGUAGE_OPTION                                                                                           \
	{                                                                                                              \
		"--language", "L", "of the words, BCP 47 (default: en)", TALK_LANGUAGE                                 \
	}

/* A verb's set(): context is a talk_job. */
PRL_MUST prl_status prl_talk_option(int id, const char *value, void *context, prl_error *err);

/* Sets {"words", "language"} under that name; words NULL: nothing. */
void prl_talk_words(const talk_job *job, json_t *body, const char *name, const char *words);
/* What the options --to, --place, --notice state. */
PRL_MUST prl_status prl_talk_common(talk_job *job, json_t *body, prl_error *err);
/* A time option as people type it: now, +60min, 13:52Z, RFC 3339. Nothing where it is not given. */
PRL_MUST prl_status prl_talk_time(const talk_job *job, int option, json_t *body, const char *name, prl_error *err);
/* --at with --radius as the one area of the body; nothing where no position is given. */
PRL_MUST prl_status prl_talk_area(const talk_job *job, json_t *body, prl_error *err);
/* --instrument with --clause. */
PRL_MUST prl_status prl_talk_instrument(const talk_job *job, json_t *body, prl_error *err);

/* The object of that part whose id begins with these characters, at least four of them; a new reference. What is filed
 * next has its mode. PRL_E_NOT_FOUND, or PRL_E_REFUSED where several do. */
PRL_MUST prl_status prl_talk_find(talk_job *job, const char *part, const char *id, json_t **ret, prl_error *err);
/* The body of an act about such an object: {member: its id, "says": says, "text"?: words}. */
PRL_MUST prl_status prl_talk_about(talk_job *job, const char *part, const char *member, const char *id,
				   const char *says, const char *words, json_t **ret, prl_error *err);

/* Files the body, or gives it back to the heap where st is a failure already. */
PRL_MUST prl_status prl_talk_file(talk_job *job, prl_status st, const char *kind, json_t *body, prl_error *err);

/* Lists a part: JSON, or fn for each item after its head line "ID  TIME  PARTY  [MODE]". */
typedef void prl_talk_print(const json_t *item);
PRL_MUST prl_status prl_talk_list(talk_job *job, const char *part, prl_talk_print *fn, prl_error *err);
/* "  PARTY, TIME: SAYS: WORDS", one a saying. */
void prl_talk_print_said(const json_t *item);
/* Words of a member {"words", "language"}; "" where there are none. */
const char *prl_talk_text(const json_t *object, const char *name);

/* run() of a verb whose deeds take a talk_job. */
int prl_talk_run(const cli_verb *verb, int argc, char **argv, const cli_deed *deeds, size_t count);

#endif
