/* Paths that were walked before and lead elsewhere now: directories and links that are moved, replaced,
 * removed and made anew, modes that close a way, other roots, and threads that do it all the time. */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

static void make(const char *path)
{
    int fd = open(path, O_CREAT | O_WRONLY, 0644);
    close(fd);
}

static const char *sees(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? "there" : strerror(errno);
}

#define SEES(path) printf("line %d, %s: %s\n", __LINE__, path, sees(path))

static void check_directories(void)
{
    CHECK(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0 && mkdir("a/b/c", 0755) == 0);
    make("a/b/c/f");
    SEES("a/b/c/f");
    rename("a/b", "a/x");
    SEES("a/b/c/f");
    SEES("a/x/c/f");
    rename("a/x", "a/b");
    SEES("a/b/c/f");
    unlink("a/b/c/f"), rmdir("a/b/c");
    SEES("a/b/c/f");
    mkdir("a/b/c", 0755);
    make("a/b/c/f");
    SEES("a/b/c/f");
    mkdir("n", 0755), mkdir("n/c", 0755), make("n/c/new");
    SEES("n/c/new");
    SHOW(rename("n", "a/b"));
    unlink("a/b/c/f"), rmdir("a/b/c");
    SHOW(rename("n", "a/b"));
    SEES("a/b/c/new");
    SEES("n/c/new");
    make("file");
    SEES("file/x");
    unlink("file"), mkdir("file", 0755), make("file/x");
    SEES("file/x");
    unlink("file/x"), rmdir("file");
}

static void check_links(void)
{
    mkdir("one", 0755), mkdir("two", 0755), make("one/f"), make("two/g");
    symlink("one", "way"), symlink("way", "farther");
    SEES("farther/f");
    SEES("farther/g");
    unlink("way"), symlink("two", "way");
    SEES("farther/f");
    SEES("farther/g");
    symlink("one", "other"), rename("other", "way");
    SEES("farther/f");
    SEES("farther/../one/f");
    rename("one", "three");
    SEES("farther/f");
    unlink("way"), unlink("farther"), unlink("three/f"), rmdir("three"), unlink("two/g"), rmdir("two");
}

static void check_dots(void)
{
    mkdir("d", 0755), mkdir("d/e", 0755), mkdir("other", 0755), make("d/here"), make("other/there");
    CHECK(chdir("d/e") == 0);
    SEES("../here");
    rename("../../d/e", "../../other/e");
    SEES("../here");
    SEES("../there");
    CHECK(chdir("../..") == 0);
    unlink("d/here"), rmdir("d"), rmdir("other/e"), unlink("other/there"), rmdir("other");
}

static volatile bool stop;

static void *mover(void *unused)
{
    while (!stop)
        rename("m/p", "m/q"), rename("m/q", "m/p");
    return unused;
}
static void *maker(void *unused)
{
    while (!stop)
        rmdir("m/t"), mkdir("m/t", 0755);
    return unused;
}

/* What stays must be found, what moves is here or there, and nothing is found that never was. */
static void check_threads(void)
{
    pthread_t t[2];
    long lost = 0, found = 0, wrong = 0;
    mkdir("m", 0755), mkdir("m/p", 0755), mkdir("m/still", 0755), make("m/p/f"), make("m/still/f");
    CHECK(pthread_create(&t[0], NULL, mover, NULL) == 0 && pthread_create(&t[1], NULL, maker, NULL) == 0);
    for (int i = 0; i < 20000; i++) {
        lost += access("m/still/f", F_OK) != 0;
        found += access("m/p/f", F_OK) == 0 || access("m/q/f", F_OK) == 0;
        wrong += access("m/t/f", F_OK) == 0 || access("m/p/none", F_OK) == 0;
    }
    stop = true;
    pthread_join(t[0], NULL), pthread_join(t[1], NULL);
    CHECK(lost == 0 && found > 0 && wrong == 0);
    unlink("m/p/f"), unlink("m/still/f"), rmdir("m/p"), rmdir("m/still"), rmdir("m/t");
    CHECK(rmdir("m") == 0);
}

static void as_nobody(void)
{
    if (setuid(65534) != 0)
        return;
    SEES("closed/in/f");
    fflush(stdout);
}

static void check_modes(void)
{
    if (getuid() != 0)
        return;
    mkdir("closed", 0755), mkdir("closed/in", 0755), make("closed/in/f");
    SEES("closed/in/f");
    CHECK(status_of(as_nobody) == 0);
    chmod("closed", 0700);
    SEES("closed/in/f");
    CHECK(status_of(as_nobody) == 0);
    chmod("closed", 0711);
    CHECK(status_of(as_nobody) == 0);
    unlink("closed/in/f"), rmdir("closed/in"), rmdir("closed");
}

int main(void)
{
    char dir[64];
    snprintf(dir, sizeof dir, "/tmp/vfs_paths.%d", (int)getpid());
    CHECK(mkdir(dir, 0755) == 0 && chdir(dir) == 0);
    check_directories();
    check_links();
    check_dots();
    check_modes();
    check_threads();
    unlink("a/b/c/new"), rmdir("a/b/c"), rmdir("a/b"), rmdir("a");
    CHECK(chdir("/") == 0 && rmdir(dir) == 0);
    return failures != 0;
}
