/**
 * @file line.h
 * A little line in memory: parties with root, desk and console keys, a constitution, logs of signed entries with the
 * right serial and previous. Keys come from seeds that hang on their names, times from a counter: the same calls give
 * the same bytes.
 *
 *     line *l = line_new("us@us.example/line ru@ru.example/line");
 *     line_begin(l, picture, "us.example/line");     // constitution, desks us-ops, consoles us-ops/1 and us-ops/2
 *     prl_bytes e = line_entry(l, &(line_act){ .kind = "message.sent", .key = "us-ops/1", .body = "{…}" });
 *     assert_int_equal(line_apply(picture, "us.example/line", e, &err), PRL_OK);
 */
#ifndef TESTS_SUPPORT_LINE_H
#define TESTS_SUPPORT_LINE_H

#include "base/memory.h"
#include "picture/kinds.h"

#define LINE_LOGS    8
#define LINE_PARTIES 8
#define LINE_KEYS    128

/** A key with the chain of what it has signed. */
typedef struct line_key {
	prl_signer signer;
	unsigned generation; /**< counts its public keys */
	uint64_t serial;
	prl_hash last;
} line_key;

/** A log: entries in order, with the tree over them. */
typedef struct line_log {
	char origin[PRL_KEY_NAME_MAX + 1];
	prl_signer key, witness, mirror;
	prl_bytes *entries;
	size_t size, room;
	prl_frontier tree;
	prl_hash *roots; /**< roots[n]: of the first n entries; size + 1 of them */
} line_log;

typedef struct line {
	prl_arena memory;
	prl_hash name;          /**< of the line */
	prl_bytes constitution; /**< entry 0 of every log */
	char *constitution_body;
	line_log logs[LINE_LOGS];
	size_t log_count;
	struct {
		char name[64], log[PRL_KEY_NAME_MAX + 1];
	} parties[LINE_PARTIES];
	size_t party_count;
	line_key keys[LINE_KEYS];
	size_t key_count;
	prl_time now; /**< of the next entry; goes on by a second each */
} line;

/** A line of "party@log" words; a log may be home to several parties. extra: further members of the constitution's
 * body, as `"retention": {"contents_days": 30}`; NULL for none. Aborts where something fails. */
line *line_new(const char *parties, const char *extra);
void line_free(line *l);

line_log *line_log_of(line *l, const char *origin); /**< aborts where there is none */
const char *line_home(line *l, const char *name);   /**< log of the party to whom a key, desk or program belongs */

/** The key of that name, made where it is new ("us/root", "us-ops", "us-ops/1"). */
line_key *line_key_of(line *l, const char *name);
/** A key pair that the name has not signed with yet: for rotations. generation 0 is line_key_of()'s first. */
prl_signer line_signer(const char *name, prl_key_type type, unsigned generation);
const char *line_vkey(line *l, const prl_signer *signer); /**< as text, kept by the line */
const char *line_text(line *l, const char *format, ...) PRL_PRINTF(2, 3);
prl_hash line_hash(const char *text); /**< any hash, from a word */
const char *line_hash_text(line *l, const prl_hash *hash);

/** What an entry says. NULL and 0: what is right, or nothing where the form has none. */
typedef struct line_act {
	const char *kind, *key;    /**< key NULL: recorded */
	const char *body;          /**< JSON; NULL: {} */
	const char *second;        /**< name of the key of the second line */
	const prl_signer *new_key; /**< signs the second line */
	const char *recorded;      /**< NULL: node */
	const char *log;           /**< NULL: home of the key's party, or of recorded's program */
	const char *party, *desk;  /**< "": left out */
	const prl_hash *line_name, *previous;
	uint64_t serial;
	const char *seen_log; /**< one line `seen` */
	uint64_t seen_size;
	const prl_hash *seen_root; /**< NULL: the right one */
	prl_time time;
	bool aside; /**< the key's chain does not go on */
	bool real;  /**< in mode REAL; else EXERCISE */
} line_act;

/** Writes and signs an entry; the bytes are the line's. The chain of the key goes on, whatever becomes of it. */
prl_bytes line_entry(line *l, const line_act *act);
/** An entry signed by all of these keys, with mode and time only: constitutions. */
prl_bytes line_entry_by_roots(line *l, const char *kind, const char *body, const prl_signer *const *signers,
			      size_t count);

/** Puts an entry at the end of a log. */
void line_append(line *l, const char *log, prl_bytes entry);

/** Reads and applies an entry at the end of what the picture has of the log. */
prl_status line_apply(prl_picture *picture, const char *log, prl_bytes entry, prl_error *err);
/** Writes, appends and applies: what a node does with an act of its own log. Aborts, with the reason, where it is
 * refused. */
void line_act_on(line *l, prl_picture *picture, const line_act *act);

/** Opens a log: constitution, then for each of its parties P desk P-ops and consoles P-ops/1 and P-ops/2. */
void line_begin(line *l, prl_picture *picture, const char *log);
#define LINE_BEGIN_SIZE(parties) (1 + 3 * (parties)) /**< entries of a log that has begun */

/** The node of by records that it has seen of up to size (0: all), and all new entries are applied. Returns how many of
 * them were refused. */
size_t line_see(line *l, prl_picture *picture, const char *by, const char *of, uint64_t size);

/** A picture with kinds and nouns of all layers. */
prl_picture *line_picture(const char *own_log);

#endif
