/* parley bench wellclear: well clear of many pairs, binary in and binary out. */
#ifndef PRL_CLI_BENCH_WELLCLEAR_H
#define PRL_CLI_BENCH_WELLCLEAR_H

/* argv[0] is the verb ("wellclear") and argv[1] the file or an option. Returns the exit status: 0, 2 for bad use or a
 * bad file, 3 when reading or writing fails. */
int prl_cli_bench_wellclear(int argc, char **argv);

#endif
