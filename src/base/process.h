/* Programs of the operator's (a siren, a telephone, what prints a token), started in a group of their own: standard
 * input is empty, and nothing that is open here stays open there, so that what goes on by itself does not keep the port
 * of a node that has gone. */
#ifndef PRL_BASE_PROCESS_H
#define PRL_BASE_PROCESS_H

#include <parley/base.h>

#include <sys/types.h>

#define PRL_PROCESS_OURS  (-1) /* standard output is ours */
#define PRL_PROCESS_QUIET (-2) /* standard output and standard error go nowhere */

/* A name and a value, set over what stands in our environment. Control characters of the value become spaces. */
typedef struct prl_process_variable {
	const char *name, *value;
} prl_process_variable;

typedef struct prl_process {
	const char *const *arguments; /* NULL at the end; the first is the program: by PATH where it has no '/' */
	const prl_process_variable *variables;
	size_t variable_count;
	int out; /* standard output: a descriptor, PRL_PROCESS_OURS or PRL_PROCESS_QUIET */
} prl_process;

/* PRL_E_IO with the reason; PRL_E_MEMORY. The caller waits for the process. */
PRL_MUST prl_status prl_process_start(const prl_process *process, pid_t *ret, prl_error *err);
/* Ends it with all of its group, and waits for it. */
void prl_process_end(pid_t pid);

#endif
