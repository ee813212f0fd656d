/* Commands typed before. In the file each is one line; a newline inside one is written as the record separator
 * (ASCII 30), which nobody types. */
#include "edit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD_SEPARATOR = 30, DEFAULT_MAX = 1000, FILE_SLACK = 4 };

static void history_append(struct history *history, char *line)
{
    int max = history->max > 0 ? history->max : DEFAULT_MAX;
    if (!history->entries)
        history->entries = xmalloc((size_t)max * sizeof *history->entries);
    if (history->count == max) {
        free(history->entries[0]);
        memmove(history->entries, history->entries + 1, (size_t)(max - 1) * sizeof *history->entries);
        history->count--;
        history->dropped++;
    }
    history->entries[history->count++] = line;
}

void history_add(struct history *history, const char *line)
{
    if (!*line || *line == ' ' || (history->count && strcmp(history->entries[history->count - 1], line) == 0))
        return;
    history_append(history, xstrdup(line));
}

void history_drop_last(struct history *history)
{
    free(history->entries[--history->count]);
}

static void replace_all(char *text, char from, char to)
{
    for (; *text; text++)
        if (*text == from)
            *text = to;
}

void history_load(struct history *history, const char *path)
{
    char *line = NULL;
    size_t room = 0;
    int lines = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    for (ssize_t len; (len = getline(&line, &room, file)) > 0; lines++) {
        line[strcspn(line, "\n")] = 0;
        replace_all(line, RECORD_SEPARATOR, '\n');
        history_add(history, line);
    }
    free(line);
    fclose(file);
    if (lines <= history->count * FILE_SLACK + FILE_SLACK)
        return;
    if (truncate(path, 0) < 0) /* several times what is remembered: only that is kept */
        return;
    struct history kept = *history;
    for (kept.count = 1; kept.count <= history->count; kept.count++)
        history_save_last(&kept, path);
}

void history_save_last(const struct history *history, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || history->count == 0) {
        if (fd >= 0)
            close(fd);
        return;
    }
    struct buffer line = { 0 };
    buffer_append(&line, history->entries[history->count - 1], strlen(history->entries[history->count - 1]));
    replace_all(line.data, '\n', RECORD_SEPARATOR);
    buffer_add(&line, '\n');
    ssize_t n = write(fd, line.data, line.len); /* one write: several shells may append */
    (void)n;
    buffer_free(&line);
    close(fd);
}

void history_free(struct history *history)
{
    for (int i = 0; i < history->count; i++)
        free(history->entries[i]);
    free(history->entries);
    *history = (struct history){ 0 };
}
