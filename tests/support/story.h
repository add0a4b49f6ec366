/**
 * @file story.h
 * A short story of two nodes, us.example/line and ru.example/line, always the same bytes: desks, consoles, messages
 * with contents, a rotation, a revocation, a compromise, a program, receipts. For the audit's tests and the recorded
 * fixture.
 */
#ifndef TESTS_SUPPORT_STORY_H
#define TESTS_SUPPORT_STORY_H

#include "support/little_nodes.h"

#define STORY_US "us.example/line"
#define STORY_RU "ru.example/line"

typedef struct story {
	line *line;
	prl_picture *us_picture, *ru_picture;
	little_node us, ru;
} story;

/** Begins both logs in folder/us and folder/ru; each has seen the other's first entries. */
void story_begin(story *s, const char *folder);
/** Goes on with all of the rest. */
void story_tell(story *s);
/** Further kinds: a root's rotation, a clock, a setting, a dismissal, a deletion by the rule of retention. */
void story_go_on(story *s);
void story_end(story *s); /**< the folders stay */

/** One mirrors the other's log as it is, records that it has seen it, cosigns it, commits. */
void story_see(story *s, const char *by);
/** An act in the log that is its home, committed. */
void story_act(story *s, const line_act *act);
/** The same for one of a node itself. */
void story_record(story *s, const char *log, const char *kind, const char *body);
/** A message by a console, to "us" or "ru" (NULL: all), with a content (NULL: none) that its author's node keeps. */
void story_say(story *s, const char *key, const char *text, const char *to, const char *content);
/** The node of log keeps that content and records that it has got it from the other log. */
void story_get(story *s, const char *log, const char *content);

#endif
