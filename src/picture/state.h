/* What a picture is made of; seen by the files of this folder only. */
#ifndef PRL_PICTURE_STATE_H
#define PRL_PICTURE_STATE_H

#include "base/limits.h"
#include "base/schema.h"
#include "picture/kinds.h"
#include "picture/table.h"

typedef struct prl_kind_entry {
	prl_act_kind kind;
	prl_schema *schema;
} prl_kind_entry;

/* A version that readers hold, and how many of them. */
typedef struct prl_pin {
	prl_version version;
	size_t count;
} prl_pin;

struct prl_picture {
	char own_log[PRL_KEY_NAME_MAX + 1]; /* "" for an onlooker, who has no log */
	bool gaps;                          /* an onlooker's that lacks entries for good */
	prl_table tables[PRL_MAX_TABLES];
	size_t table_count;
	prl_kind_entry kinds[PRL_MAX_KINDS]; /* by name */
	size_t kind_count;

	prl_home_fn *home;
	void *home_context;

	prl_version working; /* the clerk's: the version that the next change belongs to */
	/* The journal: changes not yet undone, settled or trimmed, oldest first, in a ring. The clerk's. */
	prl_change *changes;
	size_t change_first, change_count, change_room;
	size_t kept; /* changes before the act that is being applied */
	bool in_act; /* prl_picture_undo_act() may still be called */

	pthread_mutex_t pin_lock; /* guards what follows */
	prl_version published;
	prl_pin *pins;
	size_t pin_count, pin_room;
};

/* An act is all or nothing: what its kind changed before it refused is undone. */
void prl_picture_begin_act(prl_picture *picture);
void prl_picture_keep_act(prl_picture *picture);
void prl_picture_undo_act(prl_picture *picture);

const prl_kind_entry *prl_picture_kind_entry(const prl_picture *picture, prl_bytes name);

#endif
