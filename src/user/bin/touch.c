/* touch: make files, or set their times to now. */
#include "../lib/util.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int status = 0;
    bool have[128] = { 0 };
    tool_init(argv, "usage: touch [-c] FILE...\nSet times to now; make what does not exist (not with -c).\n");
    int index = parse_flags(argc, argv, "c", have);
    if (index == argc)
        die_usage();
    for (; index < argc; index++) {
        if (utimensat(AT_FDCWD, argv[index], NULL, 0) == 0)
            continue;
        int fd = have['c'] ? -1 : open(argv[index], O_WRONLY | O_CREAT | O_NONBLOCK, 0666);
        if (fd >= 0) {
            close(fd);
        } else if (!have['c']) {
            warn_errno(argv[index]);
            status = 1;
        }
    }
    return status;
}
