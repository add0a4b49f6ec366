typedef int prl_empty;
