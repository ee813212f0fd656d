/* Reading and writing files. See edit.h. */
#include "edit.h"

#include "../lib/util.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_all(int fd, size_t expected, char **out, size_t *len)
{
    size_t size = expected + 1, n = 0;
    char *bytes = malloc(size);
    for (ssize_t got = 1; bytes && got;) {
        if (n == size) {
            char *grown = realloc(bytes, size *= 2);
            if (!grown)
                break;
            bytes = grown;
        }
        got = read(fd, bytes + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            int error = errno;
            free(bytes);
            return -error;
        }
        n += (size_t)got;
        if (got == 0) {
            *out = bytes;
            *len = n;
            return 0;
        }
    }
    free(bytes);
    return -ENOMEM;
}

int file_read(struct editor *editor, const char *path)
{
    char *bytes = NULL;
    size_t len = 0;
    int error = 0, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe nobody writes to must not hold us */
    editor->exists = fd >= 0;
    if (fd < 0 && errno != ENOENT)
        return -errno;
    if (fd >= 0) {
        if (fstat(fd, &editor->on_disk) < 0)
            error = -errno;
        else if (S_ISDIR(editor->on_disk.st_mode))
            error = -EISDIR;
        else if (!S_ISREG(editor->on_disk.st_mode)) /* /dev/zero has no end */
            error = -EINVAL;
        else
            error = read_all(fd, (size_t)editor->on_disk.st_size, &bytes, &len);
        close(fd);
    }
    if (error)
        return error;
    editor->unwritable = editor->exists && access(path, W_OK) < 0;
    text_init(&editor->text, bytes, len);
    return 0;
}

static int write_text(const struct text *text, int fd)
{
    size_t len;
    for (size_t at = 0; at < text->len; at += len) {
        const char *piece = text_piece(text, at, &len);
        if (full_write(fd, piece, len) < 0)
            return -errno;
    }
    return fsync(fd) < 0 && errno != EINVAL && errno != ENOTSUP ? -errno : 0; /* devices and pipes cannot */
}

static int write_over(const struct text *text, const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return -errno;
    int error = write_text(text, fd);
    if (!error && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && ftruncate(fd, (off_t)text->len) < 0)
        error = -errno;
    return close(fd) < 0 && !error ? -errno : error;
}

/* Whole, beside the old one, then in its place. False: that cannot be done here, nothing has happened. */
static bool write_beside(const struct text *text, const char *path, const struct stat *old, int *error)
{
    char beside[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash - path) + 1 : 0;
    if (snprintf(beside, sizeof beside, "%.*s.%.200s.edit-%d", dir_len, path, path + dir_len, getpid()) >= (int)sizeof beside)
        return false;
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, old ? 0600 : 0666);
    if (fd < 0)
        return false;
    bool alike = !old || (fchown(fd, old->st_uid, old->st_gid) == 0 && fchmod(fd, old->st_mode & 07777) == 0);
    *error = alike ? write_text(text, fd) : 0;
    if (close(fd) < 0 && !*error)
        *error = -errno;
    if (alike && !*error && rename(beside, path) == 0)
        return true;
    if (alike && !*error)
        *error = -errno;
    unlink(beside);
    return alike;
}

int file_write(struct editor *editor, const char *path)
{
    char real[PATH_MAX];
    struct stat old;
    int error = 0;
    bool exists = realpath(path, real) && stat(real, &old) == 0;
    const char *target = exists ? real : path;
    if (exists && access(target, W_OK) < 0)
        return -errno;
    /* Other names of the file must see it too, and what is no file cannot be replaced. */
    bool beside = !exists || (S_ISREG(old.st_mode) && old.st_nlink == 1);
    struct stat link;
    beside &= exists || lstat(path, &link) < 0; /* a link to nowhere is written through */
    if (!beside || !write_beside(&editor->text, target, exists ? &old : NULL, &error))
        error = write_over(&editor->text, target);
    if (!error) {
        editor->exists = stat(target, &editor->on_disk) == 0;
        editor->unwritable = false;
    }
    return error;
}

bool file_was_changed(const struct editor *editor, const char *path)
{
    struct stat now;
    if (stat(path, &now) < 0)
        return false;
    const struct stat *then = &editor->on_disk;
    return !editor->exists || now.st_ino != then->st_ino || now.st_dev != then->st_dev ||
        now.st_size != then->st_size ||
           now.st_mtim.tv_sec != then->st_mtim.tv_sec || now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}
