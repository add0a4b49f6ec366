/**
 * @file bell.h
 * What rings at a node (GET /parley/v1/calls), for tests of STOP, URGENT and DISTRESS.
 */
#ifndef TESTS_SUPPORT_BELL_H
#define TESTS_SUPPORT_BELL_H

#include "support/nodes.h"

/** What rings at a node under this id; NULL where nothing does. A new reference. */
json_t *bell_rings(prl_client *at, const char *id);
/** It rings there, and the record has it. */
bool bell_is_logged(prl_client *at, const char *id);
/** Posts a call or an answer; the id of what rings. */
void bell_post(prl_client *client, const char *type, const void *bytes, size_t size, char id[80]);

#endif
