import fcntl
import os
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "programs"))
import images
from machine import BUILD, ROOT, make_iso, work_dir


KERNELS = {
    "linear": ["PMM=linear"],
    "buddy": ["PMM=buddy"],
    "both": ["PMM=both"],
    "both-debug": ["PMM=both", "HEAP_DEBUG=1"],
    "checked": ["LOCK_DEBUG=1", "UBSAN=1"],
}


@pytest.fixture(scope="session")
def kernel():
    """kernel("linear") -> path of a kernel built so, beside the usual one. Workers take turns."""
    def build(name):
        folder = os.path.join("build", "kernel-" + name)
        elf = os.path.join(folder, "rustica.elf")
        os.makedirs(BUILD, exist_ok=True)
        with open(os.path.join(BUILD, "kernels.lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            subprocess.run(["make", "-s", "-j2", f"B={folder}", *KERNELS[name], elf], cwd=ROOT, check=True,
                           stdout=subprocess.DEVNULL)
        return os.path.join(ROOT, elf)
    return build


@pytest.fixture(scope="session")
def isos():
    """ISOs with other command lines, made once per worker: isos("name", "words") -> path."""
    made = {}

    def make(name, entry, **options):
        if name not in made:
            made[name] = make_iso(work_dir("isos"), entry, name=name + ".iso", **options)
        return made[name]
    return make


@pytest.fixture(scope="session")
def programs_iso():
    """The image with all packages that tests/programs name, made once for all workers."""
    return images.make(lambda initrd: make_iso(images.PLACE, "console=tty0 console=ttyS0 loglevel=1", initrd=initrd, name="programs.iso"))


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """Tests that share one running machine stay together; all others go to whoever is free."""
    for item in items:
        which = getattr(item, "callspec", None) and item.callspec.params.get("m")
        if which:
            item.add_marker(pytest.mark.xdist_group(f"{item.module.__name__}-{which}"))
