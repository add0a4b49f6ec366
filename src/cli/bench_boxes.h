/* parley bench boxes FILE [QUERIES] */
#ifndef PRL_CLI_BENCH_BOXES_H
#define PRL_CLI_BENCH_BOXES_H

/* argv: "boxes" and the arguments after it. Prints one line of JSON to stdout; returns the exit status of the program:
 * 0, 2 for wrong arguments or a file that cannot be read, 3 when memory or the disk fail. */
int prl_cli_bench_boxes(int argc, char **argv);

#endif
