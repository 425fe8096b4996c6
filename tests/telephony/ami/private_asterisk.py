"""A private Asterisk with nothing but its manager, local channels and conference rooms."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path

from telephony.ami import AmiAccount
from telephony.asterisk import find_installation

START_LIMIT_S = 60
SECRET = "only-for-this-test"
MODULES = [
    "res_timing_timerfd",
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_sorcery_astdb",
    "pbx_config",
    "app_confbridge",
    "app_dial",
    "app_userevent",
    "bridge_simple",
    "bridge_softmix",
    "format_sln",
    "res_musiconhold",
    "func_base64",
    "func_channel",
    "func_callerid",
    "func_devstate",
    "res_manager_devicestate",
]
DIALPLAN = """
[default]
exten => wait,1,Answer()
same => n,Wait(30)
exten => room,1,Answer()
same => n,ConfBridge(room)
exten => lines,1,Set(__NOTE=${BASE64_DECODE(YQpDb2xvdXI6IGZvcmdlZApi)})
same => n,Answer()
same => n,Wait(30)
exten => busy,1,Hangup(17)
"""
ACCOUNTS = f"""
[general]
enabled = yes
bindaddr = 127.0.0.1
port = @PORT@
displayconnects = no
channelvars = LINE,NOTE

[everything]
secret = {SECRET}
read = all
write = all
writetimeout = 5000

[quiet]
secret = {SECRET}
read = system,user
write = system,call,originate,reporting,user
writetimeout = 5000

[reader]
secret = {SECRET}
read = system,call
write = reporting
writetimeout = 5000
"""
EMPTY = [
    "ccss",
    "cdr",
    "cel",
    "features",
    "acl",
    "udptl",
    "indications",
    "musiconhold",
    "confbridge",
    "users",
]


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class PrivateAsterisk:
    """Runs until `stop`; everything it writes is under `folder`."""

    def __init__(self, folder: Path) -> None:
        home = Path(os.environ.get("HOTLINE_HOME", Path(__file__).parents[3] / ".hotline"))
        self.installation = find_installation(Path(os.environ.get("HOTLINE_ASTERISK", home / "asterisk")))
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def account(self, name: str = "everything", secret: str = SECRET) -> AmiAccount:
        return AmiAccount("127.0.0.1", self.port, name, secret)

    def start(self) -> None:
        """Return when Asterisk is fully booted."""
        self._configure()
        with (self.folder / "console").open("wb") as console:
            self._process = subprocess.Popen(
                [*self._program(), "-f", "-n"], stdin=subprocess.DEVNULL, stdout=console, stderr=console
            )
        control = self.folder / "asterisk.ctl"
        # -R and -x need the control socket, whose making nobody announces.
        for _ in range(START_LIMIT_S * 20):
            if self._process.poll() is not None:
                break
            if control.exists() and "fully booted" in self.console("core waitfullybooted"):
                return
            try:
                self._process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
        said = (self.folder / "console").read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"Asterisk did not start: {said}")

    def console(self, command: str) -> str:
        done = subprocess.run(
            [*self._program(), "-rx", command], capture_output=True, timeout=30, check=False
        )
        return done.stdout.decode(errors="replace")

    def stop(self) -> None:
        """End it at once; callers are told nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None
        (self.folder / "asterisk.ctl").unlink(missing_ok=True)

    def _program(self) -> list[str]:
        return [*self.installation.program, "-C", str(self.folder / "etc" / "asterisk.conf")]

    def _configure(self) -> None:
        etc = self.folder / "etc"
        for sub in ("etc", "lib/moh", "spool", "log"):
            (self.folder / sub).mkdir(parents=True, exist_ok=True)
        data = self.installation.data
        folders = {
            "astetcdir": etc,
            "astmoddir": self.installation.modules,
            "astvarlibdir": self.folder / "lib",
            "astdbdir": self.folder / "lib",
            "astkeydir": data,
            "astdatadir": data,
            "astagidir": data / "agi-bin",
            "astspooldir": self.folder / "spool",
            "astrundir": self.folder,
            "astlogdir": self.folder / "log",
        }
        lines = "\n".join(f"{name} => {folder}" for name, folder in folders.items())
        files = {
            "asterisk": f"[directories]\n{lines}\n",
            "modules": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in MODULES),
            "logger": "[general]\n[logfiles]\n",
            "manager": ACCOUNTS.replace("@PORT@", str(self.port)),
            "extensions": DIALPLAN,
        } | dict.fromkeys(EMPTY, "")
        for name, text in files.items():
            (etc / f"{name}.conf").write_text(text)
