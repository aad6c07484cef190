# SPDX-License-Identifier: Apache-2.0
"""Calls of each kind that the rules look at, for as long as a `with Load():` lasts."""
import os
import subprocess
import sys

LOAD = """
import os, sys, tempfile, time
print("begun", flush=True)
with tempfile.TemporaryFile() as a, tempfile.TemporaryFile() as b:
    while os.getppid() == int(sys.argv[1]):
        a.seek(0)
        a.write(bytes(4096))
        a.flush()
        os.fsync(a.fileno())
        os.sendfile(b.fileno(), a.fileno(), 0, 4096)
        os.pread(a.fileno(), 100, 0)
        if not os.fork():
            os._exit(0)
        os.wait()
        try:
            os.close(-1)
        except OSError:
            pass
        time.sleep(0.01)
"""


class Load:
    def __enter__(self):
        self.popen = subprocess.Popen([sys.executable, "-c", LOAD, str(os.getpid())],
                                      stdout=subprocess.PIPE)
        self.popen.stdout.readline()
        return self

    def __exit__(self, *_):
        self.popen.kill()
        self.popen.wait()
        self.popen.stdout.close()
