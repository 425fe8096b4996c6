"""A process that plays Asterisk's manager: logs one client after another in and sends each the same events.

    python -m benches.ami_peers.feeder COUNT

Prints the ports of its manager and of its start signal, as JSON, and serves until its standard input ends.
Events go out as fast as the client takes them, from memory, once the start signal's port was connected to.
"""

from __future__ import annotations

import json
import socket
import sys
import threading

from benches.ami_peers.traffic import BANNER, event, lives

CHUNK = 262_144


def serve(manager: socket.socket, control: socket.socket, stream: bytes) -> None:
    while True:
        connection, _ = manager.accept()
        connection.sendall(BANNER)
        answering = threading.Thread(target=answer, args=(connection,), daemon=True)
        answering.start()
        started, _ = control.accept()
        started.close()
        try:
            for start in range(0, len(stream), CHUNK):
                connection.sendall(stream[start : start + CHUNK])
        except OSError:
            continue
        finally:
            answering.join()
            connection.close()


def answer(connection: socket.socket) -> None:
    """Say yes to everything until the client goes; it asks only before the events and after them."""
    pending = b""
    while True:
        try:
            data = connection.recv(65536)
        except OSError:
            return
        if not data:
            return
        *blocks, pending = (pending + data).split(b"\r\n\r\n")
        for block in blocks:
            action = dict(line.split(": ", 1) for line in block.decode().split("\r\n"))
            connection.sendall(reply(action))


def reply(action: dict[str, str]) -> bytes:
    head = f"Response: Success\r\nActionID: {action['ActionID']}\r\n"
    match action["Action"]:
        case "Login":
            # Ours alone logs in by challenge, and waits for this; to the others it would be one event more.
            booted = "Event: FullyBooted\r\nStatus: Fully Booted\r\n\r\n" if "AuthType" in action else ""
            return f"{head}Message: Authentication accepted\r\n\r\n{booted}".encode()
        case "Challenge":
            return f"{head}Challenge: 123456\r\n\r\n".encode()
        case _:
            return f"{head}Message: done\r\n\r\n".encode()


def main() -> None:
    stream = b"".join(event(name, call) for name, call in lives(int(sys.argv[1])))
    with socket.create_server(("127.0.0.1", 0)) as manager, socket.create_server(("127.0.0.1", 0)) as control:
        threading.Thread(target=serve, args=(manager, control, stream), daemon=True).start()
        ports = {"manager": manager.getsockname()[1], "control": control.getsockname()[1]}
        print(json.dumps(ports | {"bytes": len(stream)}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
