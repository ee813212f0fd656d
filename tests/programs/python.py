#!/usr/bin/python3
# Packages: python3
"""The full standard library: pools of processes and threads, asyncio, shared memory, mmap, sqlite, ctypes, ptys, decimal."""
import asyncio, concurrent.futures, contextlib, csv, ctypes, curses, datetime, decimal, fcntl, fractions, gzip, bz2, lzma, hashlib, hmac, locale, logging, lzma, mmap, multiprocessing, multiprocessing.shared_memory, os, pathlib, pickle, platform, pty, pwd, queue, resource, sched, selectors, signal, socket, sqlite3, ssl, subprocess, sys, tarfile, tempfile, termios, threading, time, tty, unittest, urllib.parse, uuid, xml.etree.ElementTree, zipfile, zoneinfo

sys.stdout.reconfigure(line_buffering=True)


def square(x):
    return x * x


def child(q, n):
    q.put(n * 2)


def main():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        print(sum(pool.map(square, range(1000))))
    for method in ("fork", "spawn", "forkserver"):
        try:
            context = multiprocessing.get_context(method)
            with context.Pool(4) as pool:
                print(method, sum(pool.map(square, range(100))))
        except OSError as e:
            print(method, e.strerror)
    q = multiprocessing.Queue()
    ps = [multiprocessing.Process(target=child, args=(q, i)) for i in range(5)]
    [p.start() for p in ps]; print(sorted(q.get() for _ in ps)); [p.join() for p in ps]; print([p.exitcode for p in ps])
    shm = multiprocessing.shared_memory.SharedMemory(create=True, size=5000)
    other = multiprocessing.shared_memory.SharedMemory(shm.name); other.buf[0] = 7; print(shm.buf[0]); other.close(); shm.close(); shm.unlink()

    async def counted(n):
        await asyncio.sleep(0.01 * n)
        p = await asyncio.create_subprocess_exec("sh", "-c", f"echo {n}; exit {n}", stdout=subprocess.PIPE)
        out, _ = await p.communicate()
        return n, out, p.returncode

    async def all_of_it():
        print(await asyncio.gather(*(counted(n) for n in range(5))))
        try:
            await asyncio.wait_for(asyncio.sleep(60), 0.05)
        except asyncio.TimeoutError:
            print("timed out")
    asyncio.run(all_of_it())

    pathlib.Path("m").write_bytes(b"0123456789" * 1000)
    with open("m", "r+b") as f, mmap.mmap(f.fileno(), 0) as m:
        m[0:4] = b"mmap"; m.flush(); print(m.find(b"789"), len(m), m[:10]); m.resize(20000); print(len(m))
    print(pathlib.Path("m").read_bytes()[:10])
    with mmap.mmap(-1, 8192) as m:
        if os.fork() == 0:
            m[:5] = b"child"; os._exit(0)
        os.wait(); print(m[:5])
    con = sqlite3.connect("x.db"); con.execute("create table t(a, b)"); con.executemany("insert into t values(?, ?)", ((i, str(i)) for i in range(1000))); con.commit(); print(con.execute("select sum(a), count(b) from t").fetchall()); con.close()
    libc = ctypes.CDLL(None); print(libc.strlen(b"four"), libc.getpid() == os.getpid()); callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0]); a = (ctypes.c_int * 5)(5, 1, 4, 2, 3); libc.qsort(a, 5, 4, callback); print(list(a))
    with open("lock", "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX); print(subprocess.run([sys.executable, "-c", "import fcntl; fcntl.flock(open('lock'), fcntl.LOCK_EX | fcntl.LOCK_NB)"], capture_output=True, text=True).stderr.split("\n")[-2])
        fcntl.lockf(f, fcntl.LOCK_EX); print("lockf")
    print(resource.getrlimit(resource.RLIMIT_CORE)[1] != 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 1000, pwd.getpwuid(0).pw_name, platform.system(), platform.libc_ver()[0])
    data = os.urandom(100000) + b"x" * 100000
    for module in (gzip, bz2, lzma):
        print(module.__name__, module.decompress(module.compress(data)) == data)
    with zipfile.ZipFile("z.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a", "b" * 1000)
    print(zipfile.ZipFile("z.zip").read("a") == b"b" * 1000)
    with tarfile.open("t.tgz", "w:gz") as t:
        t.add("m")
    print(tarfile.open("t.tgz").getnames())
    pid, fd = pty.fork()
    if pid == 0:
        os.execlp("sh", "sh", "-c", "tty > /dev/null && echo terminal; stty size 2>/dev/null; exit 3")
    out = b""
    with contextlib.suppress(OSError):
        while chunk := os.read(fd, 1000):
            out += chunk
    print(out.split()[0], os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print(decimal.Decimal(1) / 7, fractions.Fraction(1, 3) + 1, datetime.datetime.fromtimestamp(0, datetime.timezone.utc), uuid.UUID(int=1), hmac.new(b"k", b"m", "sha256").hexdigest()[:8], locale.setlocale(locale.LC_ALL, ""), urllib.parse.quote("a b"))
    timer = threading.Timer(0.05, lambda: print("timer")); timer.start(); timer.join(); barrier = threading.Barrier(4); done = queue.Queue(); [threading.Thread(target=lambda: done.put(barrier.wait() >= 0)).start() for _ in range(4)]; print([done.get() for _ in range(4)])
    print(xml.etree.ElementTree.fromstring("<a><b>t</b></a>").find("b").text, pickle.loads(pickle.dumps({1: [2]})), ssl.OPENSSL_VERSION_INFO[0], selectors.DefaultSelector.__name__, signal.pthread_sigmask(signal.SIG_BLOCK, []))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (400 << 20, 400 << 20)); bytearray(1 << 30)
    except MemoryError:
        print("MemoryError")


if __name__ == "__main__":
    main()
