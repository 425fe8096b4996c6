from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cli.paths import Paths
from cli.setup.bring_up import bring_up_to
from cli.setup.progress import StepLine
from cli.setup.step import Say, SetupStopped, Stamp, fingerprint, run_logged

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Recorded:
    """A step that writes down when it was done, and is done once its stamp fits `inputs`."""

    name: str
    stamp: Stamp
    inputs: str
    journal: list[str] = field(default_factory=list)
    title: str = "A step"

    def is_done(self, paths: Paths) -> bool:
        return self.stamp.matches(self.inputs)

    def do(self, paths: Paths, say: Say) -> str:
        self.journal.append(self.name)
        self.stamp.write(self.inputs)
        return "done"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(root=ROOT, home=tmp_path / "home")


def test_a_step_is_done_once_and_again_only_when_its_inputs_changed(paths: Paths, tmp_path: Path) -> None:
    step = Recorded("one", Stamp(tmp_path / "stamps" / "one"), fingerprint(["as it was"]))
    bring_up_to(paths, [step])
    bring_up_to(paths, [step])
    assert step.journal == ["one"]
    step.inputs = fingerprint(["as it is now"])
    bring_up_to(paths, [step])
    assert step.journal == ["one", "one"]


def test_a_finished_set_up_is_silent(
    paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    step = Recorded("one", Stamp(tmp_path / "one"), "x")
    bring_up_to(paths, [step])
    assert "[1/1] A step ... done" in capsys.readouterr().err
    bring_up_to(paths, [step])
    assert capsys.readouterr().err == ""


def test_a_fingerprint_tells_contents_their_order_and_a_missing_file_apart(tmp_path: Path) -> None:
    here, gone = tmp_path / "here", tmp_path / "gone"
    here.write_text("ab")
    seen = {
        fingerprint(parts) for parts in (["ab"], ["a", "b"], ["b", "a"], [here, gone], [gone, here], [gone])
    }
    assert len(seen) == 6
    assert fingerprint([here]) == fingerprint(["ab"])


def test_a_stamp_cut_off_in_writing_counts_as_none(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "stamp")
    wanted = fingerprint(["whole"])
    stamp.write(wanted)
    assert stamp.matches(wanted)
    stamp.path.write_text(wanted[:10])
    assert not stamp.matches(wanted)


def test_a_failing_program_is_told_with_the_end_of_what_it_said(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "step.log"
    shout = [sys.executable, "-c", "import sys; print('no space left'); sys.exit(7)"]
    with pytest.raises(SetupStopped) as stopped:
        run_logged(shout, log, timeout=30, what="Unpacking")
    assert "Unpacking failed (exit 7)" in str(stopped.value)
    assert "no space left" in str(stopped.value)
    assert str(log) in str(stopped.value)


def test_a_program_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    hang = [sys.executable, "-c", "import signal; signal.pause()"]
    with pytest.raises(SetupStopped, match="took over"):
        run_logged(hang, tmp_path / "log", timeout=0.3, what="Downloading")


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupStopped, match="no-such-program-of-ours is missing"):
        run_logged(["no-such-program-of-ours"], tmp_path / "log", timeout=5, what="Building")


def test_the_progress_line_of_a_step_that_fails_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    line = StepLine(3, 6, "Asterisk 22.10", sys.stderr)

    def fail() -> None:
        with line.shown() as say:
            say("unpacking")
            raise SetupStopped("no space")

    with pytest.raises(SetupStopped):
        fail()
    said = capsys.readouterr().err
    assert "[3/6] Asterisk 22.10 ... unpacking\n" in said
    assert said.endswith("[3/6] Asterisk 22.10 ... stopped\n")


SLOW_SET_UP = """
import sys
from pathlib import Path
from cli.paths import Paths
from cli.setup.bring_up import bring_up_to
from cli.setup.step import Stamp

class Slow:
    name, title = "slow", "A slow step"
    stamp = Stamp(Path(sys.argv[1]) / "slow.stamp")
    def is_done(self, paths):
        return self.stamp.matches("done")
    def do(self, paths, say):
        print("began", flush=True)
        sys.stdin.readline()
        self.stamp.write("done")
        return "done"

bring_up_to(Paths(Path(), Path(sys.argv[1])), [Slow()])
print("ended", flush=True)
"""


def start_slow_set_up(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLOW_SET_UP, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_a_second_set_up_waits_for_the_first_and_does_nothing_twice(tmp_path: Path) -> None:
    with start_slow_set_up(tmp_path) as first:
        assert first.stdout
        assert first.stdout.readline() == "began\n"
        with start_slow_set_up(tmp_path) as second:
            assert second.stderr
            assert "waiting for it" in second.stderr.readline()
            said, _ = first.communicate("go\n", timeout=30)
            assert said == "ended\n"
            said, _ = second.communicate(timeout=30)
            assert said == "ended\n"


def test_a_set_up_that_was_killed_leaves_no_lock_and_the_next_one_does_its_step(tmp_path: Path) -> None:
    with start_slow_set_up(tmp_path) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == "began\n"
        killed.send_signal(signal.SIGKILL)
        killed.wait(30)
    with start_slow_set_up(tmp_path) as next_one:
        said, _ = next_one.communicate("go\n", timeout=30)
    assert said == "began\nended\n"
