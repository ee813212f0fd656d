/* kbd_leds [leds N | locks N]: sets the keyboard's lamps or locks (man 2 ioctl_console), then prints both. Numbers:
 * linux/kd.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

enum { KDGETLED = 0x4b31, KDSETLED = 0x4b32, KDGKBLED = 0x4b64, KDSKBLED = 0x4b65 };

int main(int argc, char **argv)
{
    char leds = 0, locks = 0;
    int fd = open("/dev/tty1", O_RDWR | O_NOCTTY);

    if (argc == 3 && ioctl(fd, strcmp(argv[1], "leds") == 0 ? KDSETLED : KDSKBLED, strtoul(argv[2], NULL, 0)) < 0)
        perror(argv[1]);
    if (ioctl(fd, KDGETLED, &leds) < 0 || ioctl(fd, KDGKBLED, &locks) < 0)
        perror("kbd_leds");
    printf("leds %d locks %d\n", leds, locks);
    return 0;
}
