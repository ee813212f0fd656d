/* ls: what was named, and what is in the directories. See ls.h. */
#include "ls.h"

#include "../lib/util.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int status;

static void list_directory(const char *path, bool heading)
{
    struct list list = { 0 };
    static bool printed;
    DIR *dir = opendir(path);
    if (!dir) {
        warn_errno(path);
        status |= 1;
        return;
    }
    if (heading)
        printf("%s%s:\n", printed ? "\n" : "", path);
    printed = true;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_listed(entry->d_name))
            list_add(&list, entry->d_name, join_path(path, entry->d_name));
    closedir(dir);
    if (have['l'] || have['s']) {
        long long blocks = 0;
        for (size_t i = 0; i < list.count; i++)
            blocks += list.items[i].st.st_blocks;
        printf("total %lld\n", blocks / 2);
    }
    put_list(&list);
    for (size_t i = 0; have['R'] && i < list.count; i++)
        if (S_ISDIR(list.items[i].st.st_mode) && !is_dot(list.items[i].name))
            list_directory(list.items[i].path, true);
    list_free(&list);
}

/* A link is what it points to, where a directory's contents are asked for. */
static bool is_directory(const char *path)
{
    struct stat st;
    bool shallow = (have['l'] || have['F']) && !have['L'] && !have['H'];
    return !have['d'] && (shallow ? lstat(path, &st) : stat(path, &st)) == 0 && S_ISDIR(st.st_mode);
}

static void list_arguments(char **args, int count)
{
    struct list files = { 0 }, directories = { 0 };
    bool follow = have['L'];
    have['L'] |= have['H'];
    for (int i = 0; i < count; i++)
        if (!list_add(is_directory(args[i]) ? &directories : &files, args[i], strdup(args[i])))
            status = 2; /* what was named is worse to miss than what was met */
    have['L'] = follow;
    if (files.count)
        put_list(&files);
    if (files.count && directories.count)
        putchar('\n');
    list_sort(&directories);
    for (size_t i = 0; i < directories.count; i++)
        list_directory(directories.items[i].path, count > 1 || have['R']);
    list_free(&files);
    list_free(&directories);
}

int main(int argc, char **argv)
{
    static char *here[] = { "." };
    read_options(argc, argv);
    list_arguments(optind < argc ? argv + optind : here, optind < argc ? argc - optind : 1);
    return flush_output() | status;
}
