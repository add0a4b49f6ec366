/* Translations (B10) and transcripts of what was said by voice (B9): kept beside the original, never instead of it.
 *
 * kind               signed by  does
 * translation.added  key        without "translation": translates words of an entry that its log had seen
 *                               with "translation": a reviewer has looked at it: reviewed, or objected
 * transcript.added   key        without "transcript": what was said, in the languages in which it was said
 *                               with "transcript": another side that was on the line: "as said", or "otherwise"
 *
 * Shown (GET /parley/v1/line/translations): "state" reviewed | objected | unreviewed, and "prevails": "original",
 * "original": the words that are translated, as their entry has them (null: it is not here, or no words stand there).
 * Shown (GET /parley/v1/line/transcripts): "state", and "signed": the author and who said "as said" last. A record of
 * a talk that one side alone has signed says so. */
#ifndef PRL_LINE_TRANSLATION_H
#define PRL_LINE_TRANSLATION_H

#include "line/part.h"

#define PRL_TRANSLATION_STATES(X)                                                                                      \
	X(UNREVIEWED, "unreviewed")                                                                                    \
	X(REVIEWED, "reviewed")                                                                                        \
	X(OBJECTED, "objected") /* by any reviewer who has not said otherwise since */

#define PRL_TRANSCRIPT_STATES(X)                                                                                       \
	X(BY_ONE, "signed by one side") /* not by all others that were on the line */                                  \
	X(BY_ALL, "signed by both sides")                                                                              \
	X(OTHERWISE, "told differently")

#define X(id, text) PRL_TRANSLATION_##id,
typedef enum prl_translation_state { PRL_TRANSLATION_STATES(X) PRL_TRANSLATION_STATE_COUNT } prl_translation_state;
#undef X
#define X(id, text) PRL_TRANSCRIPT_##id,
typedef enum prl_transcript_state { PRL_TRANSCRIPT_STATES(X) PRL_TRANSCRIPT_STATE_COUNT } prl_transcript_state;
#undef X
extern const char *const prl_translation_states[PRL_TRANSLATION_STATE_COUNT];
extern const char *const prl_transcript_states[PRL_TRANSCRIPT_STATE_COUNT];

extern const prl_line_part prl_translation_part, prl_transcript_part;

#endif
