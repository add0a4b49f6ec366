/* A draft of a notice: its details as a file and options state them (schemas/entry/details.json), for the verbs that
 * file or update one. Options win over the file. Values and units stay as written. */
#ifndef PRL_CLI_DRAFT_H
#define PRL_CLI_DRAFT_H

#include "cli/act.h"

typedef struct draft {
	prl_time now;         /* what "+60min" counts from; set before the options are read */
	json_t *details;      /* object; what has been stated so far */
	json_t *area;         /* the one area that options state; NULL: none */
	json_t *terms;        /* audience, disclosure, policy, uss */
	const char *language; /* of texts */
	bool circle_sized;    /* its radius has been stated */
	bool plain_uss;       /* --uss without a word of how much */
} draft;

/* Ids of the options; between those of a verb (from 0) and those of acts (from 1000). */
enum {
	DRAFT_FIRST = 500,
	DRAFT_KIND,
	DRAFT_TITLE,
	DRAFT_AT,
	DRAFT_VERTICES,
	DRAFT_CIRCLE,
	DRAFT_RADIUS,
	DRAFT_HALF_WIDTH,
	DRAFT_LOWER,
	DRAFT_UPPER,
	DRAFT_FROM,
	DRAFT_TO,
	DRAFT_PLACE,
	DRAFT_LOCAL_NAME,
	DRAFT_AGAIN,
	DRAFT_FREQUENCY,
	DRAFT_CALL_SIGN,
	DRAFT_CALL_BACK,
	DRAFT_LANGUAGE,
	DRAFT_UNMANNED,
	DRAFT_MANNED,
	DRAFT_CONTACT,
	DRAFT_INSTRUMENT,
	DRAFT_CLAUSE,
	DRAFT_VEHICLES,
	DRAFT_PERSONS,
	DRAFT_ARMED,
	DRAFT_UNARMED,
	DRAFT_TEXT,
	DRAFT_AUDIENCE,
	DRAFT_DISCLOSURE,
	DRAFT_POLICY,
	DRAFT_USS
};

/* Rows of a verb's table of options. */
#define DRAFT_WHAT_OPTIONS                                                                                             \
	{ "--kind", "KIND",                                                                                            \
	  "flight, live-fire area, ground movement, convoy, site, exercise, repair,\nrescue or evacuation",            \
	  DRAFT_KIND },                                                                                                \
		{ "--title", "WORDS", "what people call it", DRAFT_TITLE },                                            \
		{ "--at", "POSITION", "where, in any notation; with --radius", DRAFT_AT },                             \
		{ "--circle", "POSITION", "the same as --at", DRAFT_CIRCLE },                                          \
		{ "--radius", "R", "of the circle: a number with m, km, NM, ft or mi", DRAFT_RADIUS },                 \
		{ "--vertices", "LIST", "positions parted by semicolons: a polygon, or with --half-width a corridor",  \
		  DRAFT_VERTICES },                                                                                    \
		{ "--half-width", "W", "of the corridor: a number with m, km, NM, ft or mi", DRAFT_HALF_WIDTH },       \
		{ "--lower", "LEVEL", "lowest level: FL245, 300mAGL, 4500ftMSL, 120mW84", DRAFT_LOWER },               \
		{ "--upper", "LEVEL", "highest level", DRAFT_UPPER },                                                  \
		{ "--from", "TIME", "begins: now, +60min, 13:52Z, 2016-09-17T12:55:00Z", DRAFT_FROM },                 \
		{ "--to", "TIME", "ends; not given: open-ended", DRAFT_TO },                                           \
		{ "--place", "NAME", "the place by name; the folder's gazetteer.tsv is asked for it", DRAFT_PLACE },   \
		{ "--local-name", "NAME", "the same name in the local script", DRAFT_LOCAL_NAME },                     \
		{ "--again", "TEXT",                                                                                   \
		  "the place a second time, from another source: a position in any notation,\nor a name",              \
		  DRAFT_AGAIN },                                                                                       \
		{ "--frequency", "F", "radio frequency or channel, as written", DRAFT_FREQUENCY },                     \
		{ "--call-sign", "SIGN", "call sign, as spoken", DRAFT_CALL_SIGN },                                    \
		{ "--call-back", "NUMBER", "where somebody answers who can stop it", DRAFT_CALL_BACK },                \
		{ "--language", "L", "spoken there, and of --text and --reason: BCP 47 (default of texts: en)",        \
		  DRAFT_LANGUAGE },                                                                                    \
		{ "--unmanned", NULL, "nobody is aboard", DRAFT_UNMANNED },                                            \
		{ "--manned", NULL, "somebody is aboard", DRAFT_MANNED },                                              \
		{ "--contact", "WHO", "whom to ask", DRAFT_CONTACT },                                                  \
		{ "--instrument", "NAME", "agreement or document under which it is done", DRAFT_INSTRUMENT },          \
		{ "--clause", "CLAUSE", "clause of it", DRAFT_CLAUSE },                                                \
		{ "--vehicles", "N", "how many", DRAFT_VEHICLES }, { "--persons", "N", "how many", DRAFT_PERSONS },    \
		{ "--armed-guards", NULL, "armed people come along", DRAFT_ARMED },                                    \
		{ "--no-armed-guards", NULL, "no armed people come along", DRAFT_UNARMED },                            \
		{ "--text", "WORDS", "further words", DRAFT_TEXT },                                                    \
		{ "--audience", "PARTIES", "only these parties read all of it: ru,un", DRAFT_AUDIENCE },               \
		{ "--disclosure", "D", "full, area or sealed", DRAFT_DISCLOSURE },                                     \
		{ "--policy", "P",                                                                                     \
		  "how an overlap with it is answered to who does not see it:\nby hand, automatic or never",           \
		  DRAFT_POLICY },                                                                                      \
	{                                                                                                              \
		"--uss", "[=D]",                                                                                       \
			"drone traffic services are shown it, as an F3548 constraint: area (and times), or\n"          \
			"full (the kind too); update: none, no longer. Alone: area, but of a site, a\n"                \
			"movement, rescue or repair only where it is written out",                                     \
			DRAFT_USS                                                                                      \
	}

prl_time prl_draft_clock(void); /* this machine's clock */

/* False out of memory. */
bool prl_draft_begin(draft *d);
void prl_draft_done(draft *d);
bool prl_draft_is_option(int id);
PRL_MUST prl_status prl_draft_option(draft *d, int id, const char *value, prl_error *err);

/* Details from a file: a GeoJSON Feature or FeatureCollection with `parley` properties, an F3548 operational intent or
 * constraint, or details as JSON (an object with "kind"). "-" is standard input. What options have stated stays. */
PRL_MUST prl_status prl_draft_read(draft *d, const char *path, prl_error *err);

/* Puts the area in, asks the gazetteer of the folder for the names (a name that several places have is refused, with
 * where they are), reads each typed position, so that one that reads two ways is said here with both readings. */
PRL_MUST prl_status prl_draft_finish(draft *d, const char *folder, prl_error *err);

/* The same for one name: {"name", …} gets "gazetteer" where one place is called so; names that have it already, and
 * names that nobody knows, stay as they are. */
PRL_MUST prl_status prl_draft_resolve(const char *folder, json_t *named, prl_error *err);

/* The body of notice.filed or, with the members that `update` has, notice.updated. Details that not all may read are
 * brought to the node first, as a content. Takes nothing over. */
PRL_MUST prl_status prl_draft_body(draft *d, cli_act *act, json_t **ret, prl_error *err);

#endif
