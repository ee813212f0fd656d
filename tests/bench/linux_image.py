"""The distribution's Linux as the other side: its kernel taken out of the package, never installed."""
import glob
import os
import re
import subprocess

PACKAGE = "linux-image-amd64"


def output(*command):
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout


def look_up():
    return re.search(r"Depends: (linux-image-[0-9]\S*)", output("apt-cache", "depends", PACKAGE))


def package_name():
    """linux-image-amd64 is empty and depends on the kernel of the day."""
    match = look_up()
    if not match:
        print("bench: apt has no lists yet: running apt-get update", flush=True)
        subprocess.run(([] if os.geteuid() == 0 else ["sudo"]) + ["apt-get", "update", "-qq"], check=True)
        match = look_up()
    if not match:
        raise SystemExit(f"bench: apt knows no {PACKAGE} here; give a kernel with --linux VMLINUZ")
    return match[1]


def fetch(directory):
    """The path of vmlinuz below `directory`, downloading about 70 MB if it is not there yet."""
    found = sorted(glob.glob(os.path.join(directory, "boot", "vmlinuz-*")))
    if found:
        return found[-1]
    os.makedirs(directory, exist_ok=True)
    name = package_name()
    print(f"bench: downloading Debian's package {name} (about 70 MB) and unpacking it in {directory}; nothing is installed",
          flush=True)
    subprocess.run(["apt-get", "download", "-qq", "-o", "APT::Sandbox::User=root", name], check=True, cwd=directory)
    package = glob.glob(os.path.join(directory, f"{name}_*.deb"))[0]
    stream = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE)
    subprocess.run(["tar", "-x", "-C", directory, "--wildcards", "./boot/vmlinuz-*"], stdin=stream.stdout, check=True)
    if stream.wait() != 0:
        raise SystemExit(f"bench: {package} could not be unpacked")
    os.remove(package)
    return glob.glob(os.path.join(directory, "boot", "vmlinuz-*"))[0]


def newc_entry(number, name, mode, data=b"", device=(0, 0)):
    """One file of a cpio archive as the kernel's initramfs has it (Documentation/driver-api/early-userspace)."""
    fields = [number, mode, 0, 0, 1, 1700000000, len(data), 0, 0, *device, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def write_initramfs(path, program, more=()):
    """/init and the three devices that are needed before anything could be mounted; more: of tree.entries()."""
    with open(program, "rb") as f:
        data = f.read()
    entries = [("dev", 0o040755, b"", (0, 0)), ("dev/console", 0o020600, b"", (5, 1)), ("dev/null", 0o020666, b"", (1, 3)),
               ("dev/zero", 0o020666, b"", (1, 5)), ("tmp", 0o041777, b"", (0, 0)), ("init", 0o100755, data, (0, 0))]
    entries += [(name, mode, content, (0, 0)) for name, mode, content in more] + [("TRAILER!!!", 0, b"", (0, 0))]
    with open(path, "wb") as f:
        for number, (name, mode, content, device) in enumerate(entries, 1):
            f.write(newc_entry(number, name, mode, content, device))
