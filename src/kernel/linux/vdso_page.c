/* One physical page, filled at boot and shared by all programs, which may not write it. The kernel
 * changes one word of it, when the clock is set. */
#include "linux/vdso_page.h"
#include "arch/paging.h"
#include "arch/tsc.h"
#include "lib/klog.h"
#include "lib/string.h"
#include "linux/vdso/vdso.h"
#include "mm/pmm.h"
#include "sched/clock.h"

extern const u8 vdso_image[VDSO_PAGE_BYTES];

static struct vmo *vdso_vmo; /* NULL: none */
static struct vdso_clock *vdso_clock;

void vdso_init(void)
{
    paddr_t page = pmm_alloc_page();
    if (!page || vmo_create_phys(page, PAGE_SIZE, 0, &vdso_vmo)) {
        kwarn("vdso: no memory; clocks are read by system calls");
        if (page)
            pmm_free_page(page);
        return;
    }
    u8 *at = phys_to_virt(page);
    memcpy(at, vdso_image, PAGE_SIZE);
    vdso_clock = (struct vdso_clock *)(at + VDSO_CLOCK_OFFSET);
    *vdso_clock = (struct vdso_clock){ tsc_scale.base, tsc_scale.sec_scale, tsc_scale.ns_scale, 0, tsc_scale.shift };
    vdso_clock_set();
}

int vdso_map(struct aspace *as, vaddr_t *at)
{
    *at = 0;
    if (!vdso_vmo)
        return 0;
    return aspace_map(as, vdso_vmo, 0, PAGE_SIZE, VM_READ | VM_EXEC, VM_READ | VM_EXEC, VM_SHARED, at);
}

bool vdso_is(const struct vmo *vmo) { return vmo && vmo == vdso_vmo; }

void vdso_clock_set(void)
{
    if (vdso_clock)
        __atomic_store_n(&vdso_clock->realtime_offset_ns, clock_realtime_offset_ns(), __ATOMIC_RELAXED);
}
