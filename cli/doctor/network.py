"""Checks of the ports that the configuration names."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from cli.doctor.finding import Examined, Finding, fail, ok, warn

EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")


def check_ports(examined: Examined) -> Iterator[Finding]:
    """Whether each port is free, or held by this very hotline."""
    if examined.config is None:
        return
    hotline = examined.config.hotline
    desk, sip = hotline.desk, hotline.sip
    wanted = [
        ("desk.port", desk.host, desk.port, socket.SOCK_STREAM),
        ("sip.websocket_port", desk.host, sip.websocket_port, socket.SOCK_STREAM),
        ("sip.port", sip.host, sip.port, socket.SOCK_DGRAM),
        ("sip.ami_port", "127.0.0.1", sip.ami_port, socket.SOCK_STREAM),
    ]
    if hotline.case_store.url is None:
        port = hotline.case_store.bundled_port
        wanted.append(("case_store.bundled_port", "127.0.0.1", port, socket.SOCK_STREAM))
    for key, host, port, kind in wanted:
        yield _check_port(examined, key, host, port, kind)


def check_media_ports(examined: Examined) -> Iterator[Finding]:
    """Whether the kernel might give a media port to somebody else's outgoing connection."""
    if examined.config is None:
        return
    sip = examined.config.hotline.sip
    try:
        first, last = map(int, EPHEMERAL.read_text().split())
    except (OSError, ValueError):
        return
    seen = f"{sip.rtp_first} to {sip.rtp_last}"
    if sip.rtp_first <= last and first <= sip.rtp_last:
        yield warn(
            "media ports",
            f"{seen} overlap {first} to {last}, from which the kernel takes ports for outgoing connections",
            f"Choose sip.rtp_first and sip.rtp_last below {first}.",
        )
    else:
        yield ok("media ports", seen)


def _check_port(examined: Examined, key: str, host: str, port: int, kind: socket.SocketKind) -> Finding:
    name = f"{'TCP' if kind == socket.SOCK_STREAM else 'UDP'} {host}:{port}"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, kind) as probe:
        if kind == socket.SOCK_STREAM:
            # As servers do: a connection that lingers in TIME_WAIT is no reason to say "taken".
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            return fail(f"port {key}", f"{name}: this user may not use it", f"Choose {key} above 1023.")
        except OSError as error:
            holder = _holder(port, kind)
            if holder and str(examined.paths.home) in holder:
                return ok(f"port {key}", f"{name} is held by this hotline, which is running")
            seen = f"{name}: {error.strerror}" + (f", held by {holder}" if holder else "")
            return fail(f"port {key}", seen, f"Stop what holds it, or choose another {key} in hotline.toml.")
    return ok(f"port {key}", f"{name} is free")


def _holder(port: int, kind: socket.SocketKind) -> str | None:
    """The command line of the process that has the port, as far as this user may see it (proc(5))."""
    protocol = "tcp" if kind == socket.SOCK_STREAM else "udp"
    inodes = set()
    for table in (Path(f"/proc/net/{protocol}"), Path(f"/proc/net/{protocol}6")):
        lines = table.read_text().splitlines()[1:] if table.exists() else []
        for line in lines:
            fields = line.split()
            listening = fields[3] == "0A" or protocol == "udp"
            if listening and int(fields[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{fields[9]}]")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held = {os.readlink(entry) for entry in (process / "fd").iterdir()}
            if held & inodes:
                return (
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                )
        except OSError:
            continue
    return None
