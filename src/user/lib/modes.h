/* Permissions as people write them (XCU chmod): 755, u+rwx,go-w,a=rX. */
#pragma once
#include <stdbool.h>
#include <sys/stat.h>

/* Changes *mode, whose type bits say what X means. False: the text is no mode. */
bool mode_apply(const char *text, mode_t *mode);
void mode_letters(mode_t mode, char out[10]); /* rwxr-sr-t */
