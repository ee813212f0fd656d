"""A few lines of the benchmark under limits. Instructions are counted, so a busy host changes nothing."""
import importlib.machinery
import importlib.util
import os
import subprocess

import pytest

from machine import BUILD, ROOT, work_dir

BENCH = os.path.join(ROOT, "tests", "bench")


def load_bench():
    loader = importlib.machinery.SourceFileLoader("bench_run", os.path.join(BENCH, "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench_run", loader))
    loader.exec_module(module)
    return module


def read_limits():
    with open(os.path.join(BENCH, "limits.tbl")) as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return {name: float(limit) for name, limit in rows}


def test_no_line_above_its_limit():
    with open(os.path.join(BUILD, "gen", "choice")) as f:
        if "PMM=buddy" not in f.read():
            pytest.skip("the limits are for the usual allocator")
    limits = read_limits()
    bench = load_bench()
    subprocess.run(["make", "--no-print-directory", "-C", ROOT, os.path.relpath(bench.PROGRAM, ROOT)], check=True, stdout=subprocess.DEVNULL)
    bench.WORK = work_dir("bench")  # not the images of a benchmark that runs meanwhile
    lines = bench.measure(bench.rustica_args, None, list(limits))["lines"]
    costs = {name: lines[name]["value"] for name in limits}
    dear = {name: (cost, limits[name]) for name, cost in costs.items() if cost is None or cost > limits[name]}
    assert not dear, f"instructions and limit: {dear}"
