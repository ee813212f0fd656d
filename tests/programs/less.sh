#!/bin/bash
# Packages: bash less nano coreutils ncurses-bin ncurses-base
# Programs of the terminal where there is none, and the data base of terminals.
seq 1 5 | less; seq 1 3 >f; less f; less -F nosuch; echo $?; tput -T linux cols; tput -T xterm setaf 1 | od -c; infocmp -T linux | head -n 1; tput -T linux bold | od -c; TERM=nosuch tput clear; echo $?; clear -T linux | od -c; nano --version | head -n 1
