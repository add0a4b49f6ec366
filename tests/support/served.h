/**
 * @file served.h
 * Nodes as processes of their own, as people run them: `parley serve`, over the folders of nodes.h. They die with the
 * test.
 *
 *     nodes_set *n = nodes_new("ru us", false);
 *     served ru = { .node = &n->nodes[0] };
 *     served_start(&ru, NULL); served_wait_open(&ru);
 *     served_kill(&ru);                                  // kill -9
 */
#ifndef TESTS_SUPPORT_SERVED_H
#define TESTS_SUPPORT_SERVED_H

#include "support/nodes.h"

#include <sys/types.h>

typedef struct served {
	nodes_node *node;
	pid_t pid; /**< 0: does not run */
} served;

/** Does not wait. option: further arguments, "--alone --replay"; NULL for none. What it says goes to FOLDER.said. Call
 * it from the main thread: a child lives as long as the thread that started it. */
void served_start(served *s, const char *option);
/** SIGKILL; waits until it is gone. Nothing where it does not run. */
void served_kill(served *s);
/** SIGTERM; fails the test where it does not end with status 0 (sanitizers and leaks end it otherwise). */
void served_stop(served *s);
/** Exit status of a node that should end by itself within 30 s. */
int served_ended(served *s);

bool served_healthy(served *s);
/** Healthy within 30 s. */
void served_wait_open(served *s);

/** All that it has said since the folder was made; to be freed. */
char *served_said(const served *s);
bool served_has_said(const served *s, const char *text);

/** Runs a command of sh; fails the test where it fails. */
void served_sh(const char *format, ...) PRL_PRINTF(1, 2);

int64_t served_now_ms(void);

#endif
