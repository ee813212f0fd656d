"""/sys: what lscpu, hwloc, ip and the C library look for there."""
from machine import Machine

CPU = "/sys/devices/system/cpu"


def test_cpus_cores_and_packages(isos):
    """Two packages of two cores of two threads each, as QEMU was told."""
    with Machine("bios", iso=isos("sysfs", "loglevel=1"), cpu="max", args=("-smp", "8,sockets=2,cores=2,threads=2")) as m:
        m.boot()
        assert m.run(f"cd {CPU}; cat online possible present kernel_max").split() == ["0-7", "0-7", "0-7", "63"]
        got = m.run("for i in 0 1 2 3 4 5 6 7; do cd cpu$i/topology; echo $(cat physical_package_id core_id thread_siblings "
                    "thread_siblings_list package_cpus_list); cd ../..; done; cd /")
        assert got.split("\n")[:8] == [
            f"{n // 4} {n // 2 % 2} {3 << n // 2 * 2:02x} {n // 2 * 2}-{n // 2 * 2 + 1} {n // 4 * 4}-{n // 4 * 4 + 3}" for n in range(8)]
        assert "2" in m.run("busybox ls -d /sys/devices/system/cpu/cpu07 /sys/devices/system/cpu/cpu8 2>&1 | busybox wc -l")


def test_devices_and_interfaces(isos):
    with Machine("bios", iso=isos("sysfs", "loglevel=1")) as m:
        m.boot()
        assert "sysfs /sys sysfs rw" in m.run("cat /proc/mounts")
        assert m.run("cd /sys/class/net/lo && busybox pwd -P; cat address mtu type; cd /").split() == [
            "/sys/devices/virtual/net/lo", "00:00:00:00:00:00", "65536", "772"]
        assert m.run("cat /sys/class/mem/null/dev /sys/dev/char/1:5/dev").split() == ["1:3", "1:5"]
        assert "[never]" in m.run("cat /sys/kernel/mm/transparent_hugepage/enabled")
        assert "Permission denied" in m.run("echo 1 > /sys/kernel/address_bits")
        assert "nothing bad" in m.run("busybox find /sys -type f -exec cat {} + >/dev/null && echo nothing bad")
