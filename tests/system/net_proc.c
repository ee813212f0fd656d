/* /proc/net: every socket of ours is found by its inode, with its ends and state. */
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static unsigned long inode(int fd)
{
    struct stat st;
    return fstat(fd, &st) ? 0 : st.st_ino;
}

/* The line of a /proc/net file whose field `at` (from 0) is `value`. */
static bool line_of(const char *file, int at, unsigned long value, char *line, int size)
{
    char copy[512];
    FILE *f = fopen(file, "r");
    bool found = false;
    while (f && !found && fgets(line, size, f)) {
        snprintf(copy, sizeof copy, "%s", line);
        char *word = strtok(copy, " \n");
        for (int i = 0; word && i < at; i++)
            word = strtok(NULL, " \n");
        found = word && strtoul(word, NULL, 10) == value;
    }
    if (f)
        fclose(f);
    return found;
}

static int bound(int type, int *port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t n = sizeof a;
    int s = socket(AF_INET, type, 0);
    CHECK(bind(s, (void *)&a, sizeof a) == 0 && getsockname(s, (void *)&a, &n) == 0);
    *port = ntohs(a.sin_port);
    return s;
}

static void inet(void)
{
    char line[512], want[64];
    int port, udp_port, l = bound(SOCK_STREAM, &port), u = bound(SOCK_DGRAM, &udp_port), c = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    CHECK(listen(l, 5) == 0);
    CHECK(line_of("/proc/net/tcp", 9, inode(l), line, sizeof line));
    snprintf(want, sizeof want, ": 0100007F:%04X 00000000:0000 0A 00000000:00000000 ", port);
    CHECK(strstr(line, want));
    CHECK(connect(c, (void *)&to, sizeof to) == 0);
    CHECK(line_of("/proc/net/tcp", 9, inode(l), line, sizeof line));
    CHECK(strstr(line, " 0A 00000000:00000001 ")); /* one waits to be accepted */
    int a = accept(l, NULL, NULL);
    CHECK(send(c, "abc", 3, 0) == 3);
    CHECK(line_of("/proc/self/net/tcp", 9, inode(a), line, sizeof line));
    snprintf(want, sizeof want, ": 0100007F:%04X 0100007F:", port);
    CHECK(strstr(line, want) && strstr(line, " 01 00000000:00000003 "));
    CHECK(line_of("/proc/net/tcp", 9, inode(c), line, sizeof line));
    CHECK(!line_of("/proc/net/tcp6", 9, inode(c), line, sizeof line));
    CHECK(line_of("/proc/net/udp", 9, inode(u), line, sizeof line));
    snprintf(want, sizeof want, ": 0100007F:%04X 00000000:0000 07 00000000:00000000 ", udp_port);
    CHECK(strstr(line, want));
    CHECK(!close(l) && !close(u) && !close(c) && !close(a));
}

static void unix_names(void)
{
    char line[512];
    struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "name" }, b = { .sun_family = AF_UNIX };
    snprintf(b.sun_path + 1, sizeof b.sun_path - 1, "net_proc%cx", 0);
    int pair[2], s = socket(AF_UNIX, SOCK_STREAM, 0), d = socket(AF_UNIX, SOCK_DGRAM, 0);
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
    CHECK(bind(s, (void *)&a, sizeof a.sun_family + 5) == 0 && listen(s, 1) == 0);
    CHECK(bind(d, (void *)&b, sizeof b.sun_family + 11) == 0);
    CHECK(line_of("/proc/net/unix", 6, inode(s), line, sizeof line));
    CHECK(strstr(line, " 00000000 00010000 0001 01 ") && strstr(line, " name\n"));
    CHECK(line_of("/proc/net/unix", 6, inode(d), line, sizeof line));
    CHECK(strstr(line, " 00000000 00000000 0002 01 ") && strstr(line, " @net_proc@x\n"));
    CHECK(line_of("/proc/net/unix", 6, inode(pair[1]), line, sizeof line));
    CHECK(strstr(line, " 00000000 00000000 0005 03 "));
    CHECK(!close(s) && !close(d) && !close(pair[0]) && !close(pair[1]) && !unlink("name"));
}

/* -1: not there, or no number. */
static int setting(const char *path)
{
    int value = -1;
    FILE *f = fopen(path, "r");
    if (!f || fscanf(f, "%d", &value) != 1)
        value = -1;
    if (f)
        fclose(f);
    return value;
}

int main(void)
{
    char line[512], link[64] = "";
    work_in_tmp("net_proc");
    inet();
    unix_names();
    CHECK(readlink("/proc/net", link, sizeof link - 1) > 0 && strcmp(link, "self/net") == 0);
    FILE *f = fopen("/proc/net/dev", "r");
    bool lo = false;
    while (f && fgets(line, sizeof line, f))
        lo |= strncmp(line, "    lo:", 7) == 0;
    CHECK(lo);
    CHECK(setting("/proc/sys/net/ipv4/ip_forward") >= 0 && setting("/proc/sys/net/ipv4/ip_default_ttl") > 0);
    if (f)
        fclose(f);
    return check_result();
}
