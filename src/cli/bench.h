/* parley bench: what it hands over to. Each takes argv[0] as its name and returns the exit status. */
#ifndef PRL_CLI_BENCH_H
#define PRL_CLI_BENCH_H

int prl_cli_bench_boxes(int argc, char **argv);
int prl_cli_bench_wellclear(int argc, char **argv);

#endif
