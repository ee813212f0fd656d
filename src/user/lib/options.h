/* The options people type: long names, and options behind what they do not take ("rm directory -r"). */
#pragma once

/* Makes argv what getopt() and parse_flags() read: each --name becomes its letter, each option with its value comes
 * before the other arguments; all behind "--" stays. shorts: as for getopt(); longs: "recursive=r target-directory=t".
 * A + before the letters: nothing behind the first other argument is looked at, for it is a command with its own.
 * What is unknown stays as it is, for the tool to refuse. */
void options_arrange(int argc, char **argv, const char *shorts, const char *longs);
