"""One SIPp process that does the signalling of many calls, told step by step over its twin connection."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

from cli.callers.report import Report
from cli.callers.scenario import Scenarios

# However this process ends, SIPp ends with it (prctl(2), PR_SET_PDEATHSIG).
ENDS_WITH_US = ("setpriv", "--pdeathsig", "KILL")
START_LIMIT_S = 10.0
STOP_LIMIT_S = 5.0
END_OF_COMMAND = b"\x1b"
LARGEST_MESSAGE = 65_000
FORBIDDEN = ("\0", "\x1b")
SAID_LINES = 40


class SippFailed(Exception):
    """SIPp is missing, did not start, ended, or gave a call up; the text holds what SIPp said."""


Listener = Callable[[Report], None]


class Sipp:
    """SIPp as a child process with `lines` idle lines. Nothing of it is left behind after `stop`.

    `target` is the switch's SIP address, `host` the address that calls come from and reach phones at.
    """

    def __init__(self, target: tuple[str, int], host: str, lines: int) -> None:
        self.host = host
        self._target = target
        self._lines = lines
        self._idle: asyncio.Queue[str] = asyncio.Queue()
        self._listeners: dict[str, Listener] = {}
        self._incoming: Listener | None = None
        self._failure: SippFailed | None = None
        self._stopping = False
        self._end = secrets.token_hex(8)
        self._folder: Path | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._log: asyncio.ReadTransport | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, incoming: Listener | None = None) -> None:
        """Start, and wait until lines are idle. `incoming` is told of every INVITE that comes.

        Raises SippFailed.
        """
        program = shutil.which("sipp")
        if program is None:
            raise SippFailed("SIPp is not installed: apt-get install sip-tester")
        self._incoming = incoming
        self._folder = Path(tempfile.mkdtemp(prefix="hotline-sipp-"))
        connected: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]]
        connected = asyncio.get_running_loop().create_future()

        def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if connected.done():
                writer.close()
            else:
                connected.set_result((reader, writer))

        server = await asyncio.start_server(connect, "127.0.0.1", 0, limit=LARGEST_MESSAGE)
        try:
            process = await self._spawn(program, server.sockets[0].getsockname()[1])
            ended = self._begin(self._watch(process), "sipp-watch")
            await asyncio.wait((connected, ended), timeout=START_LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
            if self._failure is not None:
                raise self._failure
            if not connected.done():
                raise self._failed(f"did not connect within {START_LIMIT_S:.0f} s")
            reader, self._writer = connected.result()
            self._begin(self._read_lines(reader), "sipp-lines")
            self._idle.put_nowait(await self.idle_line(START_LIMIT_S))
        except BaseException:
            await self.stop()
            raise
        finally:
            server.close()

    async def idle_line(self, within_s: float) -> str:
        """Return a line that nobody uses. Raises SippFailed when none gets free in time."""
        try:
            line = await asyncio.wait_for(self._idle.get(), within_s)
        except TimeoutError:
            raise self._failed(f"no idle line within {within_s:g} s; {self._lines} in all") from None
        if self._failure is not None:
            self._idle.put_nowait(line)
            raise self._failure
        return line

    def listen(self, line: str, listener: Listener) -> None:
        """Send every report on a line to `listener`, until `forget`."""
        self._listeners[line] = listener

    def forget(self, line: str) -> None:
        self._listeners.pop(line, None)

    def tell(self, line: str, do: str, **fields: str) -> None:
        """Tell a line what to do; only the last field may hold line breaks.

        Raises ValueError for what the connection cannot carry, SippFailed when SIPp has ended.
        """
        if self._failure is not None:
            raise self._failure
        for name, value in list(fields.items())[:-1]:
            if not value.isprintable():
                raise ValueError(f"{name} {value!r}: only printable characters can be given to SIPp")
        rows = [f"Call-ID: {line}", f"Do: {do}", *(f"{name}: {value}" for name, value in fields.items())]
        text = "\r\n".join(rows)
        if any(character in text for character in FORBIDDEN):
            raise ValueError(f"{do} {fields}: SIPp cannot be given NUL or ESC")
        assert self._writer is not None
        # What is no character was given as surrogates: a hostile caller sends any byte.
        self._writer.write(text.encode(errors="surrogateescape") + b"\r\n" + END_OF_COMMAND)

    def said(self) -> str:
        """Return the end of SIPp's own messages."""
        if self._folder is None:
            return ""
        texts = [
            file.read_text(errors="replace")
            for name in ("errors.log", "stderr.log")
            if (file := self._folder / name).exists()
        ]
        return "\n".join("\n".join(texts).splitlines()[-SAID_LINES:])

    async def stop(self) -> None:
        """End SIPp, and what waits for it, at once: calls that are still up are not hung up."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await asyncio.wait_for(self._process.wait(), STOP_LIMIT_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
            with contextlib.suppress(OSError):
                await asyncio.wait_for(self._writer.wait_closed(), STOP_LIMIT_S)
        if self._log is not None:
            self._log.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _spawn(self, program: str, twin_port: int) -> asyncio.subprocess.Process:
        assert self._folder is not None
        scenarios = Scenarios(self._end)
        (self._folder / "line.xml").write_text(scenarios.line(), encoding="utf-8")
        (self._folder / "phone.xml").write_text(scenarios.phone(), encoding="utf-8")
        log, log_end = os.pipe()
        try:
            with (self._folder / "stderr.log").open("wb") as stderr:
                self._process = await asyncio.create_subprocess_exec(
                    *ENDS_WITH_US,
                    program,
                    *self._arguments(twin_port, f"/dev/fd/{log_end}"),
                    cwd=self._folder,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=stderr,
                    start_new_session=True,
                    pass_fds=(log_end,),
                )
            reader = asyncio.StreamReader(limit=LARGEST_MESSAGE)
            self._log, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(log, "rb", buffering=0)
            )
        except BaseException:
            os.close(log)
            raise
        finally:
            os.close(log_end)
        self._begin(self._read_log(reader), "sipp-log")
        return self._process

    def _arguments(self, twin_port: int, log: str) -> list[str]:
        here = ["-i", self.host, "-bind_local", "-mi", self.host, "-ci", "127.0.0.1"]
        scenarios = ["-sf", "line.xml", "-oocsf", "phone.xml", "-users", str(self._lines)]
        logs = ["-trace_err", "-error_file", "errors.log", "-trace_logs", "-log_file", log, "-nostdin"]
        # One message at a turn: see scenario.py. The watchdog ends SIPp on a machine that is busy for long.
        twin = ["-3pcc", f"127.0.0.1:{twin_port}", "-max_recv_loops", "1", "-watchdog_interval", "0"]
        return ["{}:{}".format(*self._target), *here, *scenarios, *logs, *twin]

    def _begin(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        """Start a task that `stop` awaits; one that fails fails every call."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(self._failed(f"was not understood ({error!r})"))

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if not self._stopping:
            self._fail(self._failed(f"ended with {code}"))

    async def _read_lines(self, reader: asyncio.StreamReader) -> None:
        """Learn which lines are idle, and which calls SIPp gave up."""
        async for raw in self._records(reader, END_OF_COMMAND):
            fields = dict(row.split(": ", 1) for row in raw.splitlines() if ": " in row)
            line = fields.get("Call-ID") or fields.get("call-id", "")
            if fields.get("Event") == "idle":
                self._idle.put_nowait(line)
            else:
                self._take(Report(line, "gave-up", time.monotonic(), ""))

    async def _read_log(self, reader: asyncio.StreamReader) -> None:
        """Learn what the switch did."""
        async for raw in self._records(reader, f"\n{self._end}\n".encode()):
            head, _, message = raw.partition("\n")
            event, line, _, _, stamp = head.split("\t")
            at = time.monotonic() - (time.time() - float(stamp))
            self._take(Report(line, event, at, message.replace("\r\n", "\n")))

    async def _records(self, reader: asyncio.StreamReader, end: bytes) -> AsyncIterator[str]:
        try:
            while True:
                yield (await reader.readuntil(end))[: -len(end)].decode(errors="surrogateescape")
        except (asyncio.IncompleteReadError, ConnectionError):
            if not self._stopping:
                self._fail(self._failed("closed its connection"))
        except asyncio.LimitOverrunError:
            self._fail(self._failed(f"sent more than {LARGEST_MESSAGE} bytes at once"))

    def _take(self, report: Report) -> None:
        if (listener := self._listeners.get(report.line)) is not None:
            listener(report)
        elif report.event == "invited" and self._incoming is not None:
            self._incoming(report)

    def _fail(self, failure: SippFailed) -> None:
        self._failure = failure
        for line, listener in list(self._listeners.items()):
            listener(Report(line, "failed", time.monotonic(), ""))
        self._idle.put_nowait("")

    def _failed(self, what: str) -> SippFailed:
        return SippFailed(f"SIPp {what}:\n{self.said()}")
