/* /dev/fb0: what it says of itself, its errors, and a rectangle by mmap, whose place on the screen
 * tests/boot/test_screen_keyboard.py looks at. Numbers and structs: linux/fb.h. */
#include "../check.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define GET_VAR 0x4600
#define PUT_VAR 0x4601
#define GET_FIX 0x4602
#define PAN 0x4606
#define BLANK 0x4611
#define LEFT 320
#define TOP 240
#define WIDTH 200
#define HEIGHT 100

struct bits { uint32_t offset, length, msb_right; };
struct var { uint32_t xres, yres, xres_virtual, yres_virtual, xoffset, yoffset, bpp, grey; struct bits red, green, blue, transp; uint32_t rest[20]; };
struct fix { char id[16]; unsigned long start; uint32_t len, type, type_aux, visual; uint16_t step[3]; uint32_t line; unsigned long mmio; uint32_t mmio_len, accel; uint16_t more[3]; };

static bool fails(long result, int error) { return result == -1 && errno == error; }

static void pixel_put(unsigned char *screen, const struct var *v, const struct fix *x, unsigned col, unsigned row, uint32_t rgb)
{
    uint32_t value = (rgb >> 16 & 0xff) >> (8 - v->red.length) << v->red.offset | (rgb >> 8 & 0xff) >> (8 - v->green.length) << v->green.offset |
                     (rgb & 0xff) >> (8 - v->blue.length) << v->blue.offset;
    memcpy(screen + row * x->line + col * (v->bpp / 8), &value, v->bpp / 8);
}

static void check_requests(int fd, struct var *v, struct fix *x)
{
    struct stat s;
    struct var other;
    CHECK(fstat(fd, &s) == 0 && S_ISCHR(s.st_mode) && major(s.st_rdev) == 29 && minor(s.st_rdev) == 0);
    CHECK(ioctl(fd, GET_VAR, v) == 0 && ioctl(fd, GET_FIX, x) == 0 && fails(ioctl(fd, GET_VAR, 8), EFAULT) && fails(ioctl(fd, GET_FIX, 8), EFAULT));
    CHECK(v->xres >= 640 && v->yres >= 480 && v->xres_virtual == v->xres && v->bpp >= 16 && v->red.length && x->line >= v->xres * v->bpp / 8);
    CHECK(x->len >= x->line * v->yres && x->type == 0 && x->visual == 2 && x->start % 4096 == 0);
    other = *v;
    other.xres = 1;
    CHECK(ioctl(fd, PUT_VAR, &other) == 0 && other.xres == v->xres);
    CHECK(fails(ioctl(fd, PAN, v), EINVAL) && fails(ioctl(fd, BLANK, 1), EINVAL) && fails(ioctl(fd, 0x46ff, 0), ENOTTY));
}

static void check_bytes(int fd, const struct fix *x)
{
    unsigned char one[4] = { 1, 2, 3, 0 }, two[4] = { 0 };
    CHECK(lseek(fd, 0, SEEK_END) >= (long)x->len && read(fd, two, 4) == 0 && fails(write(fd, one, 4), ENOSPC));
    CHECK(fails(pwrite(fd, one, 4, 1L << 40), EFBIG) && pread(fd, two, 4, 1L << 40) == 0);
    CHECK(pwrite(fd, one, 4, x->line) == 4 && pread(fd, two, 4, x->line) == 4 && memcmp(one, two, 3) == 0);
    CHECK(fails(write(fd, (void *)8, 4), ENOSPC) && fails(pwrite(fd, (void *)8, 4, 0), EFAULT) && fails(pread(fd, (void *)8, 4, 0), EFAULT));
    CHECK(pread(fd, two, 4, x->len - 2) == 2 && fails(ftruncate(fd, 0), EINVAL));
}

static unsigned char *screen;
static const struct var *shown;
static const struct fix *fixed;

/* The lower half: a mapping lives on in the child. */
static void child_draws(void)
{
    for (unsigned row = HEIGHT / 2; row < HEIGHT; row++)
        for (unsigned col = 0; col < WIDTH; col++)
            pixel_put(screen, shown, fixed, LEFT + col, TOP + row, 0x10f820);
}

int main(void)
{
    struct var v = { 0 };
    struct fix x = { 0 };
    int fd = open("/dev/fb0", O_RDWR);
    CHECK(fd >= 0);
    check_requests(fd, &v, &x);
    check_bytes(fd, &x);
    screen = mmap(NULL, x.len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(screen != MAP_FAILED && close(fd) == 0);
    shown = &v;
    fixed = &x;
    for (unsigned row = 0; row < HEIGHT / 2; row++)
        for (unsigned col = 0; col < WIDTH; col++)
            pixel_put(screen, &v, &x, LEFT + col, TOP + row, 0xf81020);
    CHECK(status_of(child_draws) == 0 && screen[TOP * x.line + LEFT * (v.bpp / 8)] == screen[TOP * x.line + (LEFT + WIDTH - 1) * (v.bpp / 8)]);
    CHECK(munmap(screen, x.len) == 0);
    printf(failures ? "FAILED\n" : "ALL PASS\n");
    return failures != 0;
}
