/* The battery clock of the PC (MC146818 and its heirs), read once at boot to set the wall time.
 *
 * The chip updates its registers once a second and says so (UIP) up to 244 us before; a reading is
 * believed when two in a row agree and none began during an update. Every wait has an end. */
#include "cmos_time.h"
#include "dev/clock_dev.h"
#include "dev/driver.h"
#include "dev/portio.h"
#include "lib/errno.h"
#include "lib/klog.h"
#include "lib/string.h"

#define CMOS_INDEX 0x70 /* bit 7 clear: NMI stays enabled */
#define CMOS_DATA 0x71
#define REG_A 0x0a
#define REG_B 0x0b
#define A_UPDATE_IN_PROGRESS 0x80u
#define UPDATE_POLLS 20000 /* a port read takes about 1 us: far above the 2 ms an update takes */
#define READ_TRIES 8

static u8 cmos_read(u8 reg)
{
    outb(CMOS_INDEX, reg);
    return inb(CMOS_DATA);
}

static bool update_wait(void)
{
    for (unsigned i = 0; i < UPDATE_POLLS; i++)
        if (!(cmos_read(REG_A) & A_UPDATE_IN_PROGRESS))
            return true;
    return false;
}

static bool regs_read(struct cmos_regs *r)
{
    if (!update_wait())
        return false; /* also when there is no chip: all ones */
    *r = (struct cmos_regs){ .second = cmos_read(0), .minute = cmos_read(2), .hour = cmos_read(4),
                             .day = cmos_read(7), .month = cmos_read(8), .year = cmos_read(9),
                             .status_b = cmos_read(REG_B) };
    return true;
}

static int cmos_init(void)
{
    struct cmos_regs now, before;
    if (!regs_read(&before))
        return -ENODEV;
    for (unsigned i = 0; i < READ_TRIES; i++, before = now) {
        u64 seconds;
        if (!regs_read(&now))
            return -ENODEV;
        if (memcmp(&now, &before, sizeof(now)) != 0)
            continue;
        int r = cmos_time_decode(&now, &seconds);
        if (r)
            return r;
        clock_dev_set(seconds);
        kinfo("rtc: %llu seconds since 1970", (unsigned long long)seconds);
        return 0;
    }
    return -EIO;
}
DRIVER(cmos, DRIVER_DEVICE, cmos_init);
