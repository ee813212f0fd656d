/* Commands that are built into the shell and programs too. argv as main has it; the answer is the exit status. Output
 * goes to stdout, unflushed; what is wrong to `complain`, which adds the newline. */
#pragma once

typedef void (*complain_fn)(const char *format, ...) __attribute__((format(printf, 1, 2)));

int command_test(char **argv, complain_fn complain); /* argv[0] "[": the last argument must be "]" */
int command_printf(char **argv, complain_fn complain);
