import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from machine import BUILD, make_iso


@pytest.fixture(scope="session")
def isos(worker_id):
    """ISOs with other command lines, made once per worker: isos("name", "words") -> path."""
    made = {}

    def make(name, entry, **options):
        if name not in made:
            made[name] = make_iso(os.path.join(BUILD, "test-iso", worker_id), entry, name=name + ".iso", **options)
        return made[name]
    return make


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    """Tests that share one running machine stay together; all others go to whoever is free."""
    for item in items:
        which = getattr(item, "callspec", None) and item.callspec.params.get("m")
        if which:
            item.add_marker(pytest.mark.xdist_group(f"{item.module.__name__}-{which}"))
