/* Names with numbers in them, for sort -V and ls -v. Pure. */
#pragma once

int version_compare(const char *a, const char *b); /* as strcmp(3), but file9 comes before file10 */
