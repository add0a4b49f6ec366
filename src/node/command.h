/* A command of the operator's, run for what it prints: by the shell, as base/process.h has it, bounded in time and in
 * output. Standard error is the node's. */
#ifndef PRL_NODE_COMMAND_H
#define PRL_NODE_COMMAND_H

#include "base/memory.h"
#include "base/process.h"

#include <stdatomic.h>

typedef struct prl_command {
	const char *line; /* for /bin/sh -c */
	const prl_process_variable *variables;
	size_t variable_count;
	unsigned most_ms;        /* then it is ended, with all of its group */
	const atomic_bool *stop; /* looked at ten times a second: it is ended at once; NULL: never */
} prl_command;

/* Appends what it prints to ret, at most ret->max bytes. PRL_E_IO: it did not start, ended with another status than 0,
 * or took too long; PRL_E_TOO_LARGE: it printed more; PRL_E_CALLBACK: stopped; PRL_E_MEMORY. No error has anything of
 * what it printed. */
PRL_MUST prl_status prl_command_run(const prl_command *command, prl_buffer *ret, prl_error *err);

#endif
