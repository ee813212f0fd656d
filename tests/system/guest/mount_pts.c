/* /dev/pts mounted twice: the first mount may go, and the other end of a pair is still found. Only here: on Linux each
 * mount has pairs of its own. */
#include "../check.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

static int peer_of(int master)
{
    int unlock = 0;
    return ioctl(master, TIOCSPTLCK, &unlock) ? -1 : ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
}

int main(void)
{
    work_in_tmp("mount_pts");
    CHECK(mkdir("m", 0755) == 0 && mount("devpts", "m", "devpts", 0, NULL) == 0);
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), peer = peer_of(master);
    CHECK(peer >= 0 && close(peer) == 0);
    CHECK(umount("/dev/pts") == 0);
    peer = peer_of(master);
    CHECK(peer >= 0 && isatty(peer) && close(peer) == 0);
    CHECK(umount("m") == 0 && peer_of(master) == -1);
    CHECK(mount("devpts", "/dev/pts", "devpts", 0, NULL) == 0);
    peer = peer_of(master);
    CHECK(peer >= 0 && close(peer) == 0 && close(master) == 0);
    CHECK(rmdir("m") == 0);
    return check_result();
}
