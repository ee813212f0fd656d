"""Presses the key that the line key_echo (key.c) waits for, each time it says so."""
import os
import tempfile

import machine

LINE = "key_echo"


class Presser:
    """To be used as guest.run()'s `show`, with `args` among QEMU's."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="rustica-key-")
        path = os.path.join(self.directory.name, "qmp")
        self.args = ["-qmp", f"unix:{path},server=on,wait=off"]
        self.path, self.qmp = path, None

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.qmp:
            self.qmp.close()
        self.directory.cleanup()

    def __call__(self, text):
        if text != "KEY":
            return
        self.qmp = self.qmp or machine.Qmp(self.path)
        self.qmp.command("send-key", keys=[{"type": "qcode", "data": "k"}], **{"hold-time": 1})
