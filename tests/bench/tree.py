"""The distribution's programs that some lines run, unmodified, in both kernels' initrds: busybox, and python3-minimal with
the libraries that it loads. Only boots that run such a line carry them, so that the others boot what they always did."""
import glob
import hashlib
import os
import subprocess

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
BUSYBOX = "/bin/busybox"  # busybox-static, which the ISO has, too
LINES = ["sh_true", "tar_create", "tar_extract", "python_start"]
PYTHON_LINE = "python_start"


def python_tree(work):
    """Where python3-minimal lies unpacked, once; None: it cannot be had here."""
    tree = os.path.join(work, "python")
    if not os.path.exists(os.path.join(tree, "usr", "bin", "python3")):
        subprocess.run(["rm", "-rf", tree], check=True)
        os.makedirs(tree)
        done = subprocess.run([os.path.join(ROOT, "tools", "packages"), tree, "python3-minimal"], check=False, stdout=subprocess.DEVNULL)
        if done.returncode != 0:
            print(f"bench: no python3-minimal: {PYTHON_LINE} is left out")
            subprocess.run(["rm", "-rf", tree], check=True)
            return None
    return tree


def libraries(tree, program):
    """The names in the library folder that `program` needs, and what they point at: asked of the tree's own loader."""
    folder = os.path.join(tree, "usr/lib/x86_64-linux-gnu")
    loader = os.path.realpath(os.path.join(folder, "ld-linux-x86-64.so.2"))
    listed = subprocess.run([loader, "--library-path", folder, "--list", program], check=True, stdout=subprocess.PIPE, text=True).stdout
    paths = [word for word in listed.split() if word.startswith(folder)] + [os.path.join(folder, "ld-linux-x86-64.so.2")]
    return sorted(set(paths) | {os.path.realpath(p) for p in paths})


def python_paths(tree):
    """What of the packages a start of python can touch, and the folders that it lies in; parents first."""
    found = glob.glob(tree + "/usr/bin/python3*") + glob.glob(tree + "/usr/lib64/ld-*") + [tree + "/lib", tree + "/lib64"]
    found += libraries(tree, os.path.realpath(os.path.join(tree, "usr/bin/python3")))
    for at, _, files in os.walk(os.path.join(tree, "usr/lib/python3.11")):
        found += [os.path.join(at, f) for f in files]
    folders = set()
    for path in found:
        while (path := os.path.dirname(path)) != tree:
            folders.add(path)
    return sorted(set(found) | folders)


def entry(name, path):
    """(name, mode with the type, contents or where a link points)"""
    st = os.lstat(path)
    if os.path.islink(path):
        return name, 0o120777, os.readlink(path).encode()
    if os.path.isdir(path):
        return name, 0o040755, b""
    with open(path, "rb") as f:
        return name, 0o100000 | st.st_mode & 0o755, f.read()


def entries(words, work):
    """[(name, mode, data)]: parents first; nothing if no line of `words` runs a program."""
    if not set(words) & set(LINES):
        return []
    rows = []
    tree = python_tree(work) if PYTHON_LINE in words else None
    if tree:
        rows = [entry(os.path.relpath(path, tree), path) for path in python_paths(tree)]
    return rows + [("bin", 0o040755, b""), entry("bin/busybox", BUSYBOX)]


def digest(words, work):
    return hashlib.sha256(repr(entries(words, work)).encode()).hexdigest()
