"""Archives of every kind become the root file system, within little more memory than their own size."""
import hashlib
import os
import random
import re
import shutil
import subprocess
import zlib

import pytest

from machine import BUILD, INITRD, ROOT, Machine, make_iso

FOLDER = os.path.join(BUILD, "test-iso", "initrd")
LIST = "find . | LC_ALL=C sort | "
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


def sums(folder):
    out = {}
    for at, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(at, name)
            if not os.path.islink(path):
                with open(path, "rb") as f:
                    out[os.path.relpath(path, folder)] = hashlib.md5(f.read()).hexdigest()
    return out


@pytest.fixture(scope="module")
def tree(worker_id):
    folder = os.path.join(FOLDER, worker_id, "tree")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    fill_tree(folder)
    return folder


def archive(tree, kind, aligned):
    out = os.path.join(os.path.dirname(tree), f"{kind}-{aligned}")
    subprocess.run(f"{LIST} {KINDS[kind]} {out}.plain", shell=True, cwd=tree, check=True)
    if aligned:
        subprocess.run([os.path.join(ROOT, "tools", "tar-align"), out + ".plain", out], check=True)
    else:
        os.rename(out + ".plain", out)
    return out


@pytest.mark.parametrize("kind,aligned", [("ustar", False), ("ustar", True), ("pax", True), ("gnu", True), ("newc", False)])
def test_every_kind_arrives_whole(tree, kind, aligned):
    initrd = archive(tree, kind, aligned)
    iso = make_iso(os.path.dirname(tree), "loglevel=7 initrd_crc", initrd=initrd, name=f"{kind}-{aligned}.iso")
    with Machine("bios", iso=iso, memory="64M") as m:
        m.boot()
        with open(initrd, "rb") as f:
            assert f"initrd: crc {zlib.crc32(f.read()):08x}" in m.serial_text()
        out = m.run("cd /; busybox find bin sbin etc usr many -type f | busybox xargs busybox md5sum", 60)
        got = {name: digest for digest, name in re.findall(r"^([0-9a-f]{32})  (\S+)", out, re.M)}
        assert got == sums(tree)


def test_unpacking_needs_no_second_copy(tree):
    """Of 64 MiB nearly 50 are the archive, which begins on no page: it is copied, and given back behind."""
    with open(os.path.join(tree, "large"), "wb") as f:
        f.write(random.Random(4).randbytes(44 << 20))
    iso = make_iso(os.path.dirname(tree), "loglevel=7", initrd=archive(tree, "ustar", False), name="large.iso")
    with Machine("bios", iso=iso, memory="64M") as m:
        m.boot()
        assert sums(tree)["large"] in m.run("busybox md5sum /large", 60)
    os.remove(os.path.join(tree, "large"))
