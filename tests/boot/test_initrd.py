"""Archives of every kind become the root file system, within little more memory than their own size."""
import hashlib
import io
import os
import random
import re
import shutil
import stat
import subprocess
import tarfile
import zlib

import pytest

from machine import INITRD, ROOT, Machine, make_iso, work_dir

LIST = "find . %s | LC_ALL=C sort | "
PACKED = {"gzip": "gzip -1 -c", "xz": "xz -0 --check=crc32 -c"}  # GRUB knows no other check
STAT = "find odd ! -type d -exec busybox stat -c '%N %A %h %u %g %Y %t %T' {} +"
KINDS = {
    "ustar": "tar --format=ustar --no-recursion -T - -cf",
    "pax": "tar --format=pax --no-recursion -T - -cf",
    "gnu": "tar --format=gnu --no-recursion -T - -cf",
    "newc": "cpio --quiet -o -H newc -O",
}


def fill_tree(folder):
    """The system, and files of all sizes around the page's, with links."""
    subprocess.run(["tar", "-xf", INITRD, "-C", folder], check=True)
    data, names = random.Random(3), os.path.join(folder, "many")
    os.makedirs(names)
    for n in [0, 1, 511, 512, 513, 4095, 4096, 4097, 8191, 8192, 12289, 70000, 262144, 262145]:
        with open(os.path.join(names, f"f{n}"), "wb") as f:
            f.write(data.randbytes(n))
        os.link(os.path.join(names, f"f{n}"), os.path.join(names, f"a{n}"))
    with open(os.path.join(names, "x" * 90), "wb") as f:
        f.write(data.randbytes(9000))
    fill_odd(os.path.join(folder, "odd"))


def fill_odd(folder):
    """Names longer than a header's fields, and what is no plain file."""
    deep = os.path.join(folder, *[c * 60 for c in "abcdefgh"])
    os.makedirs(deep)
    with open(os.path.join(deep, "f" * 200), "w") as f:
        f.write("deep")
    os.link(os.path.join(deep, "f" * 200), os.path.join(folder, "link"))
    os.symlink("t" * 300, os.path.join(folder, "to-nowhere"))
    os.symlink("abc", os.path.join(folder, "s" * 150))
    os.mkfifo(os.path.join(folder, "fifo"), 0o640)
    for name, kind in (("chr", stat.S_IFCHR), ("blk", stat.S_IFBLK)):
        try:
            os.mknod(os.path.join(folder, name), kind | 0o600, os.makedev(259, 4097))
        except PermissionError:
            pass  # a container without CAP_MKNOD: the tree then has none
    with open(os.path.join(folder, "blanks \\ and \303\244"), "w") as f:
        f.write("x")
    for name, mode, owner in (("set-id", 0o6755, 1234), ("large-ids", 0o1600, 2000000)):
        path = os.path.join(folder, name)
        with open(path, "w") as f:
            f.write(name)
        os.chown(path, owner, owner + 1)
        os.chmod(path, mode)
        os.utime(path, (86400, 1234567890))


def sums(folder):
    out = {}
    for at, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(at, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as f:
                    out[os.path.relpath(path, folder)] = hashlib.md5(f.read()).hexdigest()
    return out


@pytest.fixture(scope="module")
def tree():
    folder = os.path.join(work_dir("initrd"), "tree")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    fill_tree(folder)
    return folder


def archive(tree, kind, aligned):
    out = os.path.join(os.path.dirname(tree), f"{kind}-{aligned}")
    fits = "-path ./odd -prune -o -print" if kind == "ustar" else ""
    subprocess.run(f"{LIST % fits} {KINDS[kind]} {out}.plain", shell=True, cwd=tree, check=True)
    if aligned:
        subprocess.run([os.path.join(ROOT, "tools", "tar-align"), out + ".plain", out], check=True)
    else:
        os.rename(out + ".plain", out)
    return out


@pytest.mark.parametrize("kind,aligned,packed", [
    ("ustar", False, "gzip"), ("ustar", True, None), ("pax", True, None), ("gnu", True, None), ("newc", False, "xz")])
def test_every_kind_arrives_whole(tree, kind, aligned, packed):
    initrd = module = archive(tree, kind, aligned)
    if packed:
        module = initrd + ".packed"
        subprocess.run(f"{PACKED[packed]} {initrd} >{module}", shell=True, check=True)
    iso = make_iso(os.path.dirname(tree), "loglevel=7 initrd_crc", initrd=module, name=f"{kind}-{aligned}.iso", header="insmod xzio")
    with Machine("bios", iso=iso, memory="64M") as m:
        m.boot()
        with open(initrd, "rb") as f:
            assert f"initrd: crc {zlib.crc32(f.read()):08x}" in m.serial_text()
        out = m.run("cd /; busybox find bin sbin etc usr many -type f | busybox xargs busybox md5sum", 60)
        got = {name: digest for digest, name in re.findall(r"^([0-9a-f]{32})  (\S+)", out, re.M)}
        assert got == {name: digest for name, digest in sums(tree).items() if not name.startswith("odd/")}
        if kind != "ustar":
            host = subprocess.run(STAT.replace("busybox", "bin/busybox"), shell=True, cwd=tree, stdout=subprocess.PIPE, check=True, text=True).stdout
            assert sorted(m.run(STAT, 60).splitlines()) == sorted(host.splitlines())


def test_unpacking_needs_no_second_copy(tree):
    """Of 64 MiB nearly 50 are the archive, which begins on no page: it is copied, and given back behind."""
    with open(os.path.join(tree, "large"), "wb") as f:
        f.write(random.Random(4).randbytes(44 << 20))
    iso = make_iso(os.path.dirname(tree), "loglevel=7", initrd=archive(tree, "ustar", False), name="large.iso")
    with Machine("bios", iso=iso, memory="64M") as m:
        m.boot()
        assert sums(tree)["large"] in m.run("busybox md5sum /large", 60)
    os.remove(os.path.join(tree, "large"))


def header(name, size):
    """A tar header that says `size` octal digits of data follow."""
    h = bytearray(512)
    h[0:len(name)] = name
    h[100:136] = b"0000644\0" + b"0000000\0" * 2 + size + b"\0"
    h[136:148] = b"00000000000\0"
    h[148:156] = b" " * 8
    h[156:157] = b"0"
    h[257:265] = b"ustar\x0000"
    h[148:156] = b"%06o\0 " % sum(h)
    return bytes(h)


def test_a_size_that_lies_is_said_and_boot_goes_on(isos, tmp_path):
    with open(INITRD, "rb") as f:
        data = f.read().rstrip(b"\0")
    data += b"\0" * (-len(data) % 512)
    path = str(tmp_path / "lies.tar")
    with open(path, "wb") as f:
        f.write(data + header(b"good", b"00000000003") + b"yes".ljust(512, b"\0") + header(b"lies", b"77777777777") + b"\0" * 2048)
    with Machine("bios", iso=isos("lies", "", initrd=path)) as m:
        m.boot()
        assert re.search(rf"initrd: damaged: ustar: archive cut off inside an entry at offset {len(data) + 1024} ", m.serial_text())
        assert m.run("cat /good; ls /lies").startswith("yesls: ")


SIZE_OF_MANY = 6000 if os.environ.get("NIGHTLY") else 100  # with NIGHTLY 200 MB, which GRUB needs a while for


def size_of(n):
    return SIZE_OF_MANY + n % (SIZE_OF_MANY // 4)


def many_files(path):
    """30,000 files in 300 directories."""
    data = random.Random(5).randbytes(1 << 20)
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as t, tarfile.open(INITRD) as system:
        for member in system:
            t.addfile(member, system.extractfile(member) if member.isreg() else None)
        for n in range(30000):
            if n % 100 == 0:
                d = tarfile.TarInfo(f"many/d{n // 100}")
                d.type, d.mode = tarfile.DIRTYPE, 0o755
                t.addfile(d)
            f = tarfile.TarInfo(f"many/d{n // 100}/f{n}")
            f.size = size_of(n)
            t.addfile(f, io.BytesIO(data[n:n + f.size]))
    return data


def test_thirty_thousand_files_in_seconds():
    path = os.path.join(work_dir("initrd"), "many.tar")
    data = many_files(path)
    iso = make_iso(os.path.dirname(path), "loglevel=7", initrd=path, name="many.iso")
    os.remove(path)
    with Machine("bios", iso=iso, memory="512M") as m:
        m.expect(r"initrd: \d+ files", 300)
        m.boot()
        began, ended = (float(re.search(rf"\[ *([0-9.]+)\] initrd: {what}", m.serial_text())[1]) for what in ("module", r"\d+ files"))
        assert ended - began < 60, f"{ended - began} s"  # by its own clock
        assert m.run("find /many -type f | wc -l", 120).split() == ["30000"]
        want = hashlib.md5(data[29999:29999 + size_of(29999)]).hexdigest()
        assert want in m.run("busybox md5sum /many/d299/f29999")
    os.remove(iso)
