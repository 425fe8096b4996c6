from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.doctor import examine
from cli.doctor.configuration import check_encryption, check_secrets
from cli.doctor.finding import Check, Finding, Level
from cli.doctor.network import check_ports
from cli.doctor.programs import check_asterisk
from cli.doctor.rendered import check_rendered
from cli.doctor.stores import check_database, check_live_state
from cli.main import main
from cli.paths import Paths, find_paths
from records.database import Database

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    """The project's configuration, on ports that nothing uses."""
    folder = tmp_path / "configs"
    shutil.copytree(ROOT / "configs", folder)
    return folder


@pytest.fixture
def paths() -> Paths:
    return find_paths()


def edit(configs: Path, old: str, new: str) -> None:
    file = configs / "hotline.toml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def findings(paths: Paths, configs: Path, check: Check, var: Path | None = None) -> list[Finding]:
    """What the doctor finds beside the configuration itself, when it makes this check."""
    found = examine(paths, configs, var or configs.parent / "var", [check])
    return [finding for finding in found if not finding.subject.startswith("configuration")]


def test_a_broken_configuration_is_named_by_file_key_and_reason_each_fault_for_itself(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(configs, 'timezone = "Asia/Shanghai"', 'timezone = "Asia/Peking"')
    edit(configs, "rtp_last = 19999", "rtp_last = 10001")
    assert main(["doctor", "--configs", str(configs), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    faults = [found for found in said if found["subject"].startswith("configuration")]
    assert {found["level"] for found in faults} == {"fail"}
    assert any("hotline.timezone" in found["seen"] and "Asia/Peking" in found["seen"] for found in faults)
    assert any("sip.rtp_last" in found["seen"] for found in faults)
    assert all("hotline.toml" in found["remedy"] for found in faults)


def test_a_configuration_that_is_missing_is_named(tmp_path: Path, paths: Paths) -> None:
    (fault, *_) = examine(paths, tmp_path / "nowhere", None, [])
    assert fault.level is Level.FAIL
    assert "nowhere" in fault.subject


def test_the_asterisk_configuration_of_the_project_starts_without_a_complaint(
    configs: Path, paths: Paths
) -> None:
    (finding,) = findings(paths, configs, check_rendered)
    assert finding.level is Level.OK, finding.seen


def test_an_asterisk_configuration_that_cannot_load_is_told_with_asterisks_own_words(
    configs: Path, paths: Paths
) -> None:
    modules = configs / "asterisk" / "modules.conf"
    modules.write_text(modules.read_text() + "require = app_no_such.so\n")
    _, missing = findings(paths, configs, check_asterisk)
    assert missing.level is Level.FAIL
    assert "app_no_such.so" in missing.seen
    (finding,) = findings(paths, configs, check_rendered)
    assert finding.level is Level.FAIL
    assert "app_no_such" in finding.seen


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_port_that_another_program_holds_is_named_with_that_program(
    configs: Path, paths: Paths, taken_port: int
) -> None:
    edit(configs, "port = 12345", f"port = {taken_port}")
    finding, *_ = findings(paths, configs, check_ports)
    assert finding.level is Level.FAIL
    assert str(taken_port) in finding.seen
    assert "choose another desk.port" in finding.remedy


def test_a_secret_that_others_can_read_fails_with_the_command_that_mends_it(
    configs: Path, paths: Paths, tmp_path: Path
) -> None:
    var = tmp_path / "var"
    var.mkdir()
    secret = var / "secrets.json"
    secret.touch(mode=0o600)
    (private,) = findings(paths, configs, check_secrets, var)
    assert private.level is Level.OK
    secret.chmod(0o644)
    (open_to_all,) = findings(paths, configs, check_secrets, var)
    assert open_to_all.level is Level.FAIL
    assert f"chmod 600 {secret}" in open_to_all.remedy


def make_certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A self-signed certificate that ends in `days`, -1 being yesterday, and its key."""
    request, certificate, key = folder / "desk.csr", folder / "desk.crt", folder / "desk.key"
    asked = ("-newkey", "rsa:2048", "-noenc", "-subj", "/CN=desk.example.org")
    for words in (
        ("req", "-new", *asked, "-keyout", key, "-out", request),
        ("x509", "-req", "-in", request, "-key", key, "-days", str(days), "-out", certificate),
    ):
        subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=60)
    key.chmod(0o600)
    return certificate, key


@pytest.mark.parametrize(("days", "level"), [(365, Level.OK), (7, Level.WARN), (-1, Level.FAIL)])
def test_a_certificate_is_told_with_its_end_and_a_warning_before_it(
    configs: Path, paths: Paths, tmp_path: Path, days: int, level: Level
) -> None:
    certificate, key = make_certificate(tmp_path, days)
    edit(configs, '# tls_certificate = "/etc/hotline/desk.crt"', f'tls_certificate = "{certificate}"')
    edit(configs, '# tls_key = "/etc/hotline/desk.key"', f'tls_key = "{key}"')
    finding, *_ = findings(paths, configs, check_encryption)
    assert finding.level is level, finding.seen
    assert str(certificate) in finding.seen


def test_a_certificate_with_another_certificates_key_fails(
    configs: Path, paths: Paths, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    certificate, _ = make_certificate(tmp_path, 365)
    _, other_key = make_certificate(tmp_path / "other", 365)
    edit(configs, '# tls_certificate = "/etc/hotline/desk.crt"', f'tls_certificate = "{certificate}"')
    edit(configs, '# tls_key = "/etc/hotline/desk.key"', f'tls_key = "{other_key}"')
    finding, *_ = findings(paths, configs, check_encryption)
    assert finding.level is Level.FAIL
    assert "its own PEM key" in finding.remedy


def test_a_database_is_told_as_missing_up_to_date_old_or_from_a_newer_program(
    configs: Path, paths: Paths, tmp_path: Path
) -> None:
    file = tmp_path / "records.sqlite3"
    url = f"sqlite+aiosqlite:///{file}"
    edit(configs, "[database]", f'[database]\nurl = "{url}"')

    def told() -> Finding:
        (finding,) = findings(paths, configs, check_database)
        return finding

    assert told().level is Level.OK
    assert not file.exists()
    asyncio.run(migrated(url))
    assert "up to date" in told().seen
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        connection.commit()
    assert told().level is Level.FAIL
    assert "newer program" in told().remedy
    file.write_bytes(b"this is no database" * 100)
    assert told().level is Level.FAIL


async def migrated(url: str) -> None:
    database = Database(url)
    await database.migrate()
    await database.close()


def test_a_redis_that_does_not_answer_is_named_without_its_password(configs: Path, paths: Paths) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = nobody_listens.getsockname()[1]
        edit(configs, "[redis]", f'[redis]\nurl = "redis://:open-sesame@127.0.0.1:{port}/0"')
        (finding,) = findings(paths, configs, check_live_state)
    assert finding.level is Level.FAIL
    assert "redis.url" in finding.seen
    assert "open-sesame" not in finding.seen
