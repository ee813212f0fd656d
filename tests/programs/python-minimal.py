#!/usr/bin/python3.11
# Packages: python3-minimal
"""The interpreter and what its minimal package has: files, processes, signals, time."""
import errno, gc, json, os, re, select, signal, stat, struct, subprocess, sys, tempfile, time, threading, hashlib, zlib, random, math, collections, itertools, io, glob, shutil

sys.stdout.reconfigure(line_buffering=True)
print(sys.version_info[:2], sys.platform, os.name, os.getcwd(), sys.argv[0], os.cpu_count() > 0)
with open("x", "w") as f:
    f.writelines(f"{i}\n" for i in range(1000))
print(sum(map(int, open("x"))), os.path.getsize("x"), oct(os.stat("x").st_mode))
print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True))
print(subprocess.run("tr a-z A-Z", shell=True, input=b"upper", capture_output=True).stdout if os.path.exists("/usr/bin/tr") else b"UPPER")
try:
    subprocess.run(["nosuch"])
except FileNotFoundError as e:
    print(e)
try:
    subprocess.run(["sleep", "60"], timeout=0.2)
except subprocess.TimeoutExpired:
    print("timeout")
p = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
print(p.communicate("through cat"), p.returncode)
for error, call in (("ENOENT", lambda: os.stat("nosuch")), ("EEXIST", lambda: os.mkdir(".")), ("EISDIR", lambda: open(".", "w")), ("ENOTDIR", lambda: os.stat("x/y")), ("EBADF", lambda: os.read(99, 1)), ("EINVAL", lambda: os.lseek(os.open("x", 0), -1, 0)), ("ENOTEMPTY", lambda: (os.makedirs("d/e"), os.rmdir("d")))):
    try:
        call()
        print("no error")
    except OSError as e:
        print(error, errno.errorcode[e.errno], e)
got = []
signal.signal(signal.SIGUSR1, lambda n, f: got.append(n))
os.kill(os.getpid(), signal.SIGUSR1)
signal.signal(signal.SIGALRM, lambda n, f: got.append(n))
signal.setitimer(signal.ITIMER_REAL, 0.05)
time.sleep(0.2)
print(got, signal.sigtimedwait([signal.SIGUSR2], 0.01))
pid = os.fork()
if pid == 0:
    os._exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
r, w = os.pipe()
os.write(w, b"pipe")
print(select.select([r], [w], [], 0)[0] == [r], os.read(r, 10), os.get_blocking(r), os.get_inheritable(r))
poll = select.poll()
poll.register(r, select.POLLIN)
print(poll.poll(10))
ep = select.epoll()
ep.register(r, select.EPOLLIN)
os.write(w, b"more")
print([e for _, e in ep.poll(1)], os.eventfd_read(os.eventfd(5)))
total = 0
lock = threading.Lock()
def work(n):
    global total
    for _ in range(1000):
        with lock:
            total += n
threads = [threading.Thread(target=work, args=(i,)) for i in range(10)]
[t.start() for t in threads]
[t.join() for t in threads]
print(total)
event = threading.Event()
print(event.wait(0.05), threading.active_count())
os.symlink("x", "l"); os.link("x", "h"); os.rename("h", "d/h"); os.chmod("x", 0o600); os.utime("x", (1, 2)); os.truncate("x", 10)
s = os.stat("x")
print(os.readlink("l"), s.st_nlink, oct(s.st_mode), s.st_atime, s.st_size, sorted(os.listdir()), os.path.realpath("l"))
with os.scandir(".") as it:
    print(sorted((e.name, e.is_dir(), e.is_symlink()) for e in it))
for top, dirs, files in os.walk("."):
    print(top, sorted(dirs), sorted(files))
os.mkfifo("p"); print(stat.S_ISFIFO(os.stat("p").st_mode), os.access("x", os.W_OK), os.umask(0o27), os.umask(0o22))
shutil.copytree("d", "d2"); shutil.rmtree("d"); print(sorted(os.listdir("d2")), shutil.which("sh"), shutil.disk_usage("/").total > 0)
with tempfile.TemporaryFile() as t:
    t.write(b"x" * 100000); t.seek(50000); print(len(t.read()))
with tempfile.TemporaryDirectory() as t:
    print(os.path.isdir(t), sorted(glob.glob("*")))
print(hashlib.sha256(b"x").hexdigest()[:16], zlib.crc32(b"x"), len(zlib.compress(b"x" * 10000)), len(os.urandom(16)), json.dumps({"a": [1, None]}), re.sub(r"(\d)", r"<\1>", "a1"), struct.pack("<IH", 1, 2))
print(time.strftime("%Y-%m-%d", time.gmtime(0)), time.monotonic() > 0, time.get_clock_info("monotonic").resolution, time.clock_getres(time.CLOCK_REALTIME), time.process_time() < 60)
print(os.sysconf("SC_PAGE_SIZE"), os.uname().sysname, os.uname().machine, os.getpgrp() == os.getpgid(0), os.getsid(0) > 0, os.nice(0), len(os.sched_getaffinity(0)) > 0, os.getrandom(4) != b"")
print(os.pread(os.open("/proc/self/comm", 0), 20, 0), os.path.exists("/proc/self/exe"), sys.executable, os.readlink("/proc/self/cwd"), open("/proc/self/cmdline").read().split("\0")[1])
fd = os.memfd_create("m"); os.ftruncate(fd, 100); print(os.fstat(fd).st_size, os.sendfile(w, os.open("x", 0), 0, 5), os.copy_file_range(os.open("x", 0), os.open("y", os.O_CREAT | os.O_RDWR), 5), os.posix_fallocate(fd, 0, 200), os.fstat(fd).st_size)
big = [bytes(1 << 20) for _ in range(50)]; print(len(big)); del big; gc.collect()
print(os.posix_spawn("/bin/true", ["true"], {}) > 0, os.wait()[1], os.times().user >= 0, os.system("exit 4") >> 8, os.popen("echo popen").read())
sys.exit(5)
