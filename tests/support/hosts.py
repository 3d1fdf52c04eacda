"""Hosts of their own on this machine, for tests of what only a network between machines shows: network namespaces with
an address each, on a bridge that also has an address here, where the test process is.

A host that is cut off loses its port of the bridge: packets from and to it vanish, and nobody is told. Every host has
the others' hardware addresses, so that one which is away isn't noticed by that, as it isn't beyond a router.

Where this machine can't have them (`why_not`), all hosts are this one, at 127.0.0.1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock

from tests.support import network

NAMESPACES = Path("/run/netns")
LINKS = Path("/sys/class/net")
OURS = re.compile(r"obt(\d+)(-\w+)?")
"""Names of what a test process made, by its id. A name of a link has 15 characters at most."""
NETWORKS = [f"198.{second}.{third}" for second in (18, 19) for third in range(256)]
"""For tests of networks (RFC 2544), so that nothing else is there."""
ASK = "import socket, sys; s = socket.socket(); s.settimeout(2); sys.exit(s.connect_ex((sys.argv[1], 9)) != 111)"
"""Whether a closed port refuses, as it does on a host that can be reached."""
PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Host:
    """`namespace`: "" for where the test process is."""

    address: str = "127.0.0.1"
    namespace: str = ""
    port: str = ""
    """The end of its cable that is at the bridge."""

    def start(
        self, command: Sequence[str | Path], user: Mapping[str, Any] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """A process there. `user`: whom it runs as, as arguments of `subprocess`."""
        if not self.namespace:
            return subprocess.Popen(list(command), **(user or {}), **options)
        ids = [f"--setuid={user['user']}", f"--setgid={user['group']}"] if user else []
        return subprocess.Popen(["nsenter", f"--net={NAMESPACES / self.namespace}", *ids, "--", *command], **options)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        there = ["nsenter", f"--net={NAMESPACES / self.namespace}", "--"] if self.namespace else []
        return subprocess.run([*there, *command], capture_output=True, text=True, check=False)


HERE = Host()


@dataclass(frozen=True)
class Hosts:
    here: Host = HERE
    services: Host = HERE
    front: Host = HERE
    one: Host = HERE
    two: Host = HERE
    bridge: str = ""
    """"": they are all this one."""

    def cut_off(self, host: Host) -> None:
        _ip("link", "set", host.port, "nomaster")

    def bring_back(self, host: Host) -> None:
        _ip("link", "set", host.port, "master", self.bridge)


@cache
def why_not() -> str:
    """Why this machine can't have them; "" if it can."""
    if os.geteuid() != 0:
        return "only root makes network namespaces"
    if not all(map(shutil.which, ("ip", "nsenter"))):
        return "iproute2 or util-linux is not installed"
    try:
        with separate() as hosts:
            asked = hosts.one.run(sys.executable, "-I", "-S", "-c", ASK, hosts.two.address)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"network namespaces can't be made: {getattr(error, 'stderr', None) or error}"
    return "" if asked.returncode == 0 else "packets don't cross a bridge here"


@contextmanager
def separate() -> Iterator[Hosts]:
    """One set for this process at a time; everything that runs on them ends with the block."""
    name = f"obt{os.getpid()}"
    try:
        with FileLock(Path(tempfile.gettempdir()) / "open-book-hosts.lock"):
            _remove_leftovers()
            made = _made(name)
        yours = {host.address for host in (made.here, made.services, made.front, made.one, made.two)}
        network.made.update(yours)
        try:
            yield made
        finally:
            network.made.difference_update(yours)
    finally:
        _remove(name)


def _remove_leftovers() -> None:
    """What test processes made that were killed."""
    found = [
        OURS.fullmatch(path.name) for folder in (NAMESPACES, LINKS) if folder.exists() for path in folder.iterdir()
    ]
    for process in {int(name[1]) for name in found if name}:
        if not psutil.pid_exists(process):
            _remove(f"obt{process}")


def _made(name: str) -> Hosts:
    taken = _ip("-4", "-brief", "address")
    numbers = next(numbers for numbers in NETWORKS if f" {numbers}." not in taken)
    _batch(
        f"link add {name} type bridge",
        f"link set {name} address {_hardware(1)} up",
        f"address add {numbers}.1/24 dev {name}",
    )
    hosts = {}
    for number, host in enumerate(("services", "front", "one", "two"), 2):
        hosts[host] = Host(f"{numbers}.{number}", f"{name}-{host}", f"{name}-{number}")
    neighbours = [f"neighbour replace {numbers}.{n} lladdr {_hardware(n)} nud permanent dev" for n in range(1, 6)]
    for number, made in enumerate(hosts.values(), 2):
        _batch(
            f"netns add {made.namespace}",
            f"link add {made.port} type veth peer name eth0 netns {made.namespace}",
            f"link set {made.port} master {name} up",
            f"{neighbours[number - 1]} {name}",
        )
        _batch(
            "link set lo up",
            f"link set eth0 address {_hardware(number)} up",
            f"address add {made.address}/24 dev eth0",
            *(f"{known} eth0" for n, known in enumerate(neighbours, 1) if n != number),
            there=made.namespace,
        )
    return Hosts(Host(f"{numbers}.1"), **hosts, bridge=name)


def _remove(name: str) -> None:
    """Also the processes that are left there."""
    spaces = [path.name for path in NAMESPACES.glob(f"{name}-*")]
    until = time.monotonic() + PATIENCE_SECONDS
    while left := [int(process) for space in spaces for process in _ip("netns", "pids", space).split()]:
        for process in left:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(process).kill()
        if time.monotonic() > until:
            break
        time.sleep(0.05)
    links = [link.name for link in LINKS.iterdir() if link.name == name or link.name.startswith(f"{name}-")]
    _batch(*(f"link delete {link}" for link in links))
    _batch(*(f"netns delete {space}" for space in spaces))


def _hardware(number: int) -> str:
    return f"02:0b:0b:00:00:{number:02x}"


def _batch(*lines: str, there: str = "") -> None:
    _ip(*(["-netns", there] if there else []), "-batch", "-", given="\n".join(lines) + "\n")


def _ip(*arguments: str, given: str | None = None) -> str:
    return subprocess.run(["ip", *arguments], input=given, check=True, capture_output=True, text=True).stdout
