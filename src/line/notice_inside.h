/* What the files of notices share: notice.c (kinds), notice_kept.c (tables), notice_show.c. */
#ifndef PRL_LINE_NOTICE_INSIDE_H
#define PRL_LINE_NOTICE_INSIDE_H

#include "line/notice.h"

#define PRL_NOTICE_NOUNS 8
extern const prl_noun prl_notice_nouns[PRL_NOTICE_NOUNS];

/* Puts a new notice (old NULL: it gets its number) or one in place of old, and keeps the blocks by number. Takes notice
 * over; NULL is PRL_E_MEMORY. */
PRL_MUST prl_status prl_notice_put(prl_picture *picture, const prl_notice *old, prl_notice *notice, prl_error *err);
/* A copy to be changed. */
prl_notice *prl_notice_copy(const prl_notice *notice);
void prl_notice_free(void *notice);

/* The entry of act is a version of the notice from now on. */
PRL_MUST prl_status prl_notice_add_version(prl_picture *picture, const prl_act *act, const prl_notice *notice,
					   prl_error *err);
/* Whether hash is a version of it that the log of act had seen. */
bool prl_notice_has_version(prl_picture *picture, const prl_act *act, const prl_notice *notice, const prl_hash *hash);

/* Takes boxes over (malloc); NULL removes what is there. */
PRL_MUST prl_status prl_notice_put_boxes(prl_picture *picture, const prl_hash *id, prl_notice_boxes *boxes,
					 prl_error *err);
PRL_MUST prl_status prl_notice_boxes_make(const prl_plan *plan, prl_notice_boxes **ret, prl_error *err);

/* What the party meant says to a relayed notice: a thing {"adopted": […], "contradicted": […]}, each with id, version,
 * time, index and text; NULL where it says nothing. */
const json_t *prl_notice_said(prl_picture *picture, prl_version version, const prl_hash *id, prl_bytes party);
PRL_MUST prl_status prl_notice_put_said(prl_picture *picture, const prl_hash *id, prl_bytes party, json_t *said,
					prl_error *err);

/* Calls fn for each live notice that has no end, by ids; kept apart, so that asking every second costs what is open.
 * Not among them: sites, which stay where they are, and what only a content tells. */
PRL_MUST prl_status prl_notice_each_open(prl_picture *picture, prl_version version, prl_notice_fn *fn, void *context,
					 prl_error *err);
PRL_MUST prl_status prl_notice_alarms(const prl_show *show, struct prl_alarms *to, prl_error *err);

PRL_MUST prl_status prl_notice_show(const prl_show *show, json_t **ret, prl_error *err);
extern const char *const prl_notice_queries[];

#endif
