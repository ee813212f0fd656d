"""The second opinion: real time instead of instructions, on two CPUs.

Rustica and Linux boot in turns in the same QEMU, without -icount and with a host thread for each CPU, and run the lines
that switch. A line's figure is the median over the boots, in nanoseconds of the host's counter; both guests read
that same counter. A busy host moves single boots by half, the medians' ratio much less: believe 20 %, not 5.
"""
import statistics

import guest

# What changes from one thread or process to the next, over and over.
LINES = ["yield_proc", "yield_thread", "futex_lat", "pipe_lat", "unix_lat", "epoll_lat", "ring_64", "hackbench_64", "thread_join",
         "fork_exit", "vfork_exec", "posix_spawn", "fork_exec_libc", "tree_1000"]
BAR = 1.0  # the time that Linux takes


def boot(args, cpus):
    """{line: ticks for one unit}, and how many nanoseconds a tick has by the guest's clock (None: it did not say)."""
    found, scale = {}, None
    lines = guest.run(args + ["-smp", str(cpus)], counted=False)
    for text in lines:
        word = text.split()
        if text.startswith("BENCH ") and len(word) == 5 and word[2] == "ok":
            found[word[1]] = int(word[4]) / int(word[3])
        elif len(word) == 2 and word[0] == "CLOCK":
            scale = 1 + int(word[1]) / 1e6  # of a counter that main.c takes for 1 GHz
    if "END" not in lines:
        print("    it did not run to its end:", *lines[-4:], sep="\n    | ")
    return found, scale


def compare(kernels, names, rounds, cpus):
    """kernels: {name: arguments for QEMU}. {kernel: {line: median}}, and the scale by the last kernel's clock."""
    seen, scale = {kernel: {} for kernel in kernels}, None
    for number in range(1, rounds + 1):
        for kernel, args in kernels.items():
            print(f"  boot {number} of {rounds}: {kernel}", flush=True)
            found, told = boot(args, cpus)
            scale = told or scale
            for name, ticks in found.items():
                seen[kernel].setdefault(name, []).append(ticks)
            missing = [name for name in names if name not in found]
            if missing:
                print("    no result:", *missing)
    return {k: {name: statistics.median(v) for name, v in lines.items()} for k, lines in seen.items()}, scale or 1.0


def table(medians, scale, names):
    """Prints a line for each name; returns the rows."""
    (ours, mine), (other, theirs) = medians.items()
    rows = []
    print(f"\n{'line':<16} {ours + ' ns':>12} {other + ' ns':>12} {'ratio':>7}")
    for name in names:
        row = {"name": name, "ours_ns": mine.get(name), "linux_ns": theirs.get(name), "ratio": None}
        row.update({k: round(row[k] * scale, 1) for k in ("ours_ns", "linux_ns") if row[k]})
        if row["ours_ns"] and row["linux_ns"]:
            row["ratio"] = round(row["ours_ns"] / row["linux_ns"], 3)
        cells = [f"{row[k]:,.0f}" if row[k] else "-" for k in ("ours_ns", "linux_ns")]
        ratio = f"{row['ratio']:.2f}" if row["ratio"] else "-"
        print(f"{name:<16} {cells[0]:>12} {cells[1]:>12} {ratio:>7}{'  slower than Linux' if (row['ratio'] or 0) > BAR else ''}")
        rows.append(row)
    return rows
