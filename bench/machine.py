"""The machine a run was made on, and what else kept it busy: figures mean nothing without it."""

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from pathlib import Path


def described() -> dict[str, str]:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return {
        "processor": f"{os.cpu_count()} cores, {model[1] if model else platform.machine()}",
        "memory": f"{int(memory[1]) / 1024 / 1024:.0f} GiB" if memory else "?",
        "system": f"{_distribution()}, Linux {platform.release()}",
        "python": f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}",
        "load before": "{:.1f} {:.1f} {:.1f}".format(*os.getloadavg()),
        "alertmanager": _version("prometheus-alertmanager"),
    }


def _distribution() -> str:
    release = Path("/etc/os-release")
    found = re.search(r'PRETTY_NAME="(.*)"', release.read_text()) if release.exists() else None
    return found[1] if found else platform.system()


def _version(command: str) -> str:
    if shutil.which(command) is None:
        return "not here"
    said = subprocess.run([command, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"version (\S+)", said.stdout + said.stderr)
    return found[1] if found else "?"


def pss_mib(pid: int) -> float:
    """The memory of a process and its children, shared pages divided by who shares them."""
    total = 0
    for each in (pid, *_children(pid)):
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{each}/smaps_rollup").read_text(), re.M)
        total += int(found[1]) if found else 0
    return total / 1024


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in told]
