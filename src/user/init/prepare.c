/* What every program expects to find: /proc, /dev and their like, a name, an environment. */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void say(const char *text)
{
    if (write(2, text, strlen(text)) < 0)
        return; /* no console: nobody to tell */
}

void complain(const char *what, int error)
{
    char line[160];
    snprintf(line, sizeof line, "init: %s: %s\n", what, strerror(error));
    say(line);
}

long seconds_now(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec;
}

void open_console(void)
{
    int fd = open("/dev/console", O_RDWR | O_NOCTTY);
    if (fd < 0)
        return; /* the kernel gave us descriptors 0 to 2, or there is no console */
    for (int target = 0; target < 3; target++)
        dup2(fd, target);
    if (fd > 2)
        close(fd);
}

static void make_directory(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0)
        chmod(path, mode); /* past the umask */
    else if (errno != EEXIST)
        complain(path, errno);
}

/* ENODEV: this kernel has no such file system, and no program that needs it will run. */
static void mount_one(const char *type, const char *path, unsigned long flags, const char *options)
{
    make_directory(path, 0755);
    if (mount(type, path, type, flags, options) < 0 && errno != EBUSY && errno != ENODEV)
        complain(path, errno);
}

void mount_usual(void)
{
    mount_one("proc", "/proc", 0, NULL);
    mount_one("sysfs", "/sys", 0, NULL);
    mount_one("devtmpfs", "/dev", MS_NOSUID, NULL);
    mount_one("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777");
    mount_one("devpts", "/dev/pts", 0, "gid=5,mode=620,ptmxmode=666"); /* 5: Debian's group tty */
    make_directory("/tmp", 01777);
    make_directory("/run", 0755);
    make_directory("/root", 0700);
}

static unsigned long take_options(char *options, char *rest, size_t size)
{
    static const struct { const char *name; unsigned long flag; } known[] = {
        { "defaults", 0 }, { "rw", 0 }, { "ro", MS_RDONLY }, { "nosuid", MS_NOSUID }, { "nodev", MS_NODEV },
        { "noexec", MS_NOEXEC }, { "noatime", MS_NOATIME }, { "relatime", MS_RELATIME }, { "bind", MS_BIND },
        { "auto", 0 }, { "nofail", 0 },
    };
    unsigned long flags = 0;
    *rest = 0;
    for (char *more, *word = strtok_r(options, ",", &more); word; word = strtok_r(NULL, ",", &more)) {
        size_t i = 0, n = sizeof known / sizeof *known;
        while (i < n && strcmp(word, known[i].name) != 0)
            i++;
        if (i < n)
            flags |= known[i].flag;
        else
            snprintf(rest + strlen(rest), size - strlen(rest), "%s%s", *rest ? "," : "", word);
    }
    return flags;
}

void mount_listed(void)
{
    char rest[256];
    FILE *f = setmntent("/etc/fstab", "re");
    for (struct mntent *m; f && (m = getmntent(f));) {
        if (hasmntopt(m, "noauto") || strcmp(m->mnt_type, "swap") == 0)
            continue;
        unsigned long flags = take_options(m->mnt_opts, rest, sizeof rest);
        make_directory(m->mnt_dir, 0755);
        if (mount(m->mnt_fsname, m->mnt_dir, m->mnt_type, flags, rest) < 0 && errno != EBUSY)
            complain(m->mnt_dir, errno);
    }
    if (f)
        endmntent(f);
}

/* Last mounted, first gone. What is still in use stays: everything was written by sync before. */
void unmount_all(void)
{
    char *path[64];
    size_t n = 0;
    FILE *f = setmntent("/proc/mounts", "re");
    for (struct mntent *m; f && n < sizeof path / sizeof *path && (m = getmntent(f));)
        if (strcmp(m->mnt_dir, "/") != 0 && (path[n] = strdup(m->mnt_dir)))
            n++;
    if (f)
        endmntent(f);
    while (n > 0) {
        umount2(path[--n], 0);
        free(path[n]);
    }
}

static size_t read_text(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, out, size - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n > 0 ? (size_t)n : 0;
}

void set_name(void)
{
    char name[65];
    read_text("/etc/hostname", name, sizeof name);
    name[strcspn(name, " \t\r\n")] = 0;
    if (*name && sethostname(name, strlen(name)) < 0)
        complain("cannot set the host name", errno);
}

/* kbd=NAME on the kernel's command line; by the tool, which knows the files. */
void load_keyboard(void)
{
    char words[2048], *more;
    read_text("/proc/cmdline", words, sizeof words);
    for (char *word = strtok_r(words, " \t\n", &more); word; word = strtok_r(NULL, " \t\n", &more)) {
        if (strncmp(word, "kbd=", 4) != 0)
            continue;
        pid_t pid = fork();
        if (pid == 0) {
            execlp("loadkeys", "loadkeys", word + 4, (char *)NULL);
            complain("loadkeys", errno);
            _exit(127);
        }
        if (pid > 0)
            waitpid(pid, NULL, 0);
    }
}

void print_motd(void)
{
    char text[2048];
    if (read_text("/etc/motd", text, sizeof text))
        say(text);
}

void set_environment(void)
{
    setenv("PATH", "/sbin:/bin:/usr/sbin:/usr/bin", 1);
    setenv("HOME", "/root", 1);
    setenv("USER", "root", 1);
    setenv("LOGNAME", "root", 1);
    setenv("SHELL", "/bin/sh", 1);
    setenv("TERM", "linux", 0); /* the kernel knows better on a serial line */
}
