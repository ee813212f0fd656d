/* Mounts on a directory that somebody else removes: whatever is mounted has a name, and can be unmounted
 * by it. Needs the superuser, so only the guest runs it. */
#include <errno.h>
#include <stdatomic.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define PLACE "/tmp/mount_race"
#define OTHER "/tmp/mount_other"
#define TRIES 3000
#define TRIES_MAX (TRIES * 100) /* a busy host may keep the two apart for a while */

static atomic_bool enough;

static void *removes(void *arg)
{
    while (!enough) {
        rmdir(PLACE);
        mkdir(OTHER, 0755);
        rename(OTHER, PLACE);
    }
    return arg;
}

static int lines_of_mounts(void)
{
    FILE *f = fopen("/proc/mounts", "r");
    int n = 0;
    for (int c; (c = getc(f)) != EOF;)
        n += c == '\n';
    fclose(f);
    return n;
}

int main(void)
{
    pthread_t t;
    int before = lines_of_mounts(), mounted = 0, refused = 0;
    pthread_create(&t, NULL, removes, NULL);
    for (int i = 0; i < TRIES_MAX && (mounted < TRIES || !refused); i++) {
        mkdir(PLACE, 0755);
        if (mount("none", PLACE, "tmpfs", 0, "")) {
            refused++;
            continue;
        }
        mounted++;
        if (umount(PLACE)) {
            printf("FAIL: mounted, but %s when unmounting\n", strerror(errno));
            break;
        }
    }
    enough = 1;
    pthread_join(t, NULL);
    rmdir(PLACE);
    rmdir(OTHER);
    int after = lines_of_mounts();
    printf("mounted %d, refused %d, mounts %d and %d\n", mounted, refused, before, after);
    printf(before == after && mounted && refused ? "ALL PASS\n" : "FAILED\n");
    return before != after;
}
