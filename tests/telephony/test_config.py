"""An operator edits ``configs/``: what is right is loaded, what is wrong is named so as to be mended."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.config import Config, ConfigError, load
from telephony.config.hours import minute_of_day, weekdays

SHIPPED = Path(__file__).parents[2] / "configs"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, to break."""
    copy = tmp_path / "configs"
    copy.mkdir()
    for file in SHIPPED.glob("*.toml"):
        shutil.copy(file, copy)
    return copy


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is no longer in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(folder: Path) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return caught.value


def reasons(error: ConfigError) -> dict[str, str]:
    return {fault.key: fault.reason for fault in (error, *error.others)}


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load(SHIPPED)


def test_the_shipped_configuration_is_right_and_knows_beijings_lines(shipped: Config) -> None:
    assert shipped.line_of("12345") == "citizen"
    assert shipped.line_of("12319") == "urban"
    assert shipped.line_of("10086") is None
    assert shipped.queues.lines["enterprise"].priority > shipped.queues.lines["citizen"].priority
    assert set(shipped.queues.languages) == {"zh", "en", "fr", "de", "ru", "es", "ar", "ja", "ko"}
    assert [category.name.zh for category in shipped.categories][:3] == ["市场管理", "公共服务", "住房"]


def test_every_category_has_three_to_six_children_and_both_languages(shipped: Config) -> None:
    for category in shipped.categories:
        assert 3 <= len(category.children) <= 6, category.id
        for child in category.children:
            assert child.id.startswith(category.id + "_")


def test_a_queue_without_a_wrap_up_of_its_own_takes_the_agents_default(shipped: Config) -> None:
    assert shipped.wrap_up_s("citizen") == shipped.hotline.agents.default_wrap_up_s
    assert shipped.wrap_up_s("enterprise") == 90


def test_a_relative_path_starts_at_the_configuration_folder(shipped: Config) -> None:
    assert shipped.path("token") == SHIPPED / "token"
    assert shipped.path("/etc/token") == Path("/etc/token")


def test_a_wrong_value_is_named_with_file_key_and_what_was_expected(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(folder, "queues.toml", "ring_s = 20", 'ring_s = "ten"')
    monkeypatch.chdir(folder.parent)
    assert str(refusal(Path("configs"))) == (
        "configs/queues.toml: queues.citizen.ring_s: "
        'expected a whole number of seconds from 5 to 60, got "ten"'
    )


def test_all_faults_of_all_files_are_told_at_once(folder: Path) -> None:
    edit(folder, "hotline.toml", "port = 12345", "port = 99999")
    edit(folder, "queues.toml", 'queue = "citizen"', 'queue = "citizens"')
    edit(folder, "queues.toml", 'numbers = ["12319"]', 'numbers = ["12345"]')
    edit(folder, "categories.toml", 'id = "market"', 'id = "Markt"')
    lines = str(refusal(folder)).splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "desk.port",
        "lines.citizen.queue",
        "lines.urban.numbers[0]",
        "categories[0].id",
    ]
    assert all(line.startswith(str(folder)) for line in lines)


# What an operator gets wrong: file, what stands there, what is written instead, blamed key, words of why.
MISTAKES = [
    ("queues.toml", "ring_s = 20", "ring_s = 3", "queues.citizen.ring_s", "from 5 to 60, got 3"),
    ("queues.toml", "ring_s = 20", "ring_s = true", "queues.citizen.ring_s", "got true"),
    ("queues.toml", "ring_s = 20", "ring_s = 20.5", "queues.citizen.ring_s", "got 20.5"),
    ("queues.toml", "ring_s = 20", "ring_s = [20]", "queues.citizen.ring_s", "got a list"),
    ("queues.toml", "ring_s = 20", "rings = 20", "queues.citizen.rings", "no such setting here"),
    ("queues.toml", "needs = {", "need = {", "queues.citizen.needs", "is missing"),
    (
        "queues.toml",
        '"longest-idle"',
        '"ring-all"',
        "queues.citizen.strategy",
        '"best-skill-first", "least-occ',
    ),
    ("queues.toml", 'skill = "citizen"', 'skill = "cooking"', "queues.citizen.needs.skill", "no such skill"),
    ("queues.toml", "min_level = 1", "min_level = 6", "queues.citizen.needs.min_level", "from 1 to 5"),
    ("queues.toml", 'default_language = "zh"', 'default_language = "la"', "acd.default_language", '"la"'),
    (
        "queues.toml",
        'queue = "general"',
        'queue = "generals"',
        "queues.citizen.overflow[0].queue",
        "no such queue",
    ),
    (
        "queues.toml",
        'queue = "general"',
        'queue = "citizen"',
        "queues.citizen.overflow[0].queue",
        "another queue",
    ),
    ("queues.toml", '["12345"]', "[]", "lines.citizen.numbers", "at least one item"),
    ("queues.toml", '["12345"]', "[12345]", "lines.citizen.numbers[0]", "in quotes"),
    ("queues.toml", '["12345"]', '["1234X"]', "lines.citizen.numbers[0]", '"1234X"'),
    (
        "queues.toml",
        '["12345"]',
        '["12345", "12345"]',
        "lines.citizen.numbers[1]",
        "lines.citizen.numbers[0]",
    ),
    ("queues.toml", "[lines.urban]", '[lines."a;b"]', 'lines."a;b"', "small letters"),
    ("queues.toml", '"mon-sun"', '"mon-fri-sun"', "queues.consumer.hours[0].days", '"mon-fri"'),
    ("queues.toml", '"18:00"', '"25:00"', "queues.consumer.hours[0].close", "time of day"),
    ("queues.toml", '"18:00"', '"08:30"', "queues.consumer.hours[0].close", "another time"),
    ("queues.toml", 'zh = "市民热线", ', "", "lines.citizen.name.zh", "is missing"),
    ("queues.toml", 'zh = "市民热线"', 'zh = " "', "lines.citizen.name.zh", "1 to 200"),
    ("queues.toml", 'zh = "市民热线"', 'zh = "a\\r\\nb"', "lines.citizen.name.zh", "one line"),
    ("hotline.toml", '"Asia/Shanghai"', '"Asia/Peking"', "hotline.timezone", "Asia/Peking"),
    ("hotline.toml", '"Asia/Shanghai"', '"../../etc/passwd"', "hotline.timezone", "time zone"),
    ("hotline.toml", 'host = "127.0.0.1"', 'host = "localhost"', "desk.host", "IP address"),
    ("hotline.toml", 'host = "127.0.0.1"', 'host = "0.0.0.0"', "desk.host", "needs TLS"),
    ("hotline.toml", "# tls_key", "tls_key", "desk.tls_certificate", "go together"),
    ("hotline.toml", "websocket_port = 8088", "websocket_port = 12345", "sip.websocket_port", "desk.port"),
    ("hotline.toml", "rtp_first = 10000", "rtp_first = 10001", "sip.rtp_first", "even"),
    ("hotline.toml", "rtp_last = 19999", "rtp_last = 10010", "sip.rtp_last", "at least 100"),
    ("hotline.toml", "port = 5060", "port = 10060", "sip.port", "outside"),
    (
        "hotline.toml",
        'addresses = ["127.0.0.1"',
        'addresses = ["carrier"',
        "trunks.local.addresses[0]",
        '"carrier"',
    ),
    (
        "hotline.toml",
        'addresses = ["127.0.0.1"',
        'addresses = ["127.0.0.1", "127.0.0.0/8"',
        "trunks.local.addresses[1]",
        "overlaps",
    ),
    ("hotline.toml", '["1001-1050"]', '["1050-1001"]', "seats.browser[0]", "equal length"),
    ("hotline.toml", '["1001-1050"]', '["101-1050"]', "seats.browser[0]", "equal length"),
    ("hotline.toml", '["1001-1050"]', '["10000-19999"]', "seats.browser[0]", "1 to 5000 numbers"),
    ("hotline.toml", '["1001-1050"]', '["100x"]', "seats.browser[0]", '"100x"'),
    ("hotline.toml", '["2001-2010"]', '["2001-2010", "1050-1051"]', "seats.phone[1]", "seat 1050 is in"),
    ("hotline.toml", "# token_file", "token_file", "case_store.token_file", "no such file"),
    ("hotline.toml", "retry_most_s = 300", "retry_most_s = 0", "case_store.retry_most_s", "from 1 to 3600"),
    ("hotline.toml", "retry_first_s = 1", "retry_first_s = 301", "case_store.retry_first_s", "from 1 to 60"),
    ("hotline.toml", 'id = "meal"', 'id = "break"', "agents.pause_reasons[1].id", "twice"),
    (
        "categories.toml",
        '"market_price"',
        '"market_food"',
        "categories[0].children[4].id",
        "categories[0].children[3]",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "words"), MISTAKES, ids=[f"{m[3]}={m[2]}" for m in MISTAKES]
)
def test_a_mistake_is_blamed_on_its_key(
    folder: Path, file: str, old: str, new: str, key: str, words: str
) -> None:
    edit(folder, file, old, new)
    found = reasons(refusal(folder))
    assert words in found[key]


def test_closed_queues_that_send_callers_round_in_a_circle_are_refused(folder: Path) -> None:
    edit(folder, "queues.toml", "[queues.general]", '[queues.general]\nclosed_overflow = "consumer"')
    edit(folder, "queues.toml", "[queues.citizen]", '[queues.citizen]\nclosed_overflow = "general"')
    found = reasons(refusal(folder))
    assert "nowhere to go" in found["queues.consumer.closed_overflow"]


@pytest.mark.parametrize(
    ("section", "url", "words"),
    [
        ("database", "mysql://root:hunter2@db/x", "sqlite+aiosqlite"),
        ("redis", "redis://:hunter2@10.0.0.1", "rediss://"),
        ("redis", "http://:hunter2@10.0.0.1", "unix://"),
        ("case_store", "http://u:hunter2@10.0.0.1/x", "https://"),
        ("case_store", "ftp://u:hunter2@10.0.0.1/x", "https://HOST/PATH"),
        ("case_store", "https://u:hunter2@[::1/x", "well-formed"),
        ("case_store", "https://u:hunter2@host with blanks/x", "without spaces"),
    ],
)
def test_a_refused_address_is_explained_without_repeating_its_password(
    folder: Path, section: str, url: str, words: str
) -> None:
    edit(folder, "hotline.toml", f"[{section}]", f'[{section}]\nurl = "{url}"')
    error = refusal(folder)
    assert words in reasons(error)[f"{section}.url"]
    assert "hunter2" not in str(error)


def test_a_desk_on_the_network_is_allowed_once_it_has_a_certificate(folder: Path) -> None:
    (folder / "desk.crt").touch()
    (folder / "desk.key").touch()
    edit(
        folder,
        "hotline.toml",
        'host = "127.0.0.1"',
        'host = "0.0.0.0"\ntls_certificate = "desk.crt"\ntls_key = "desk.key"',
    )
    desk = load(folder).hotline.desk
    assert desk.tls_key is not None
    assert load(folder).path(desk.tls_key) == folder / "desk.key"


def test_local_stores_need_no_encryption(folder: Path) -> None:
    edit(folder, "hotline.toml", "[redis]", '[redis]\nurl = "redis://127.0.0.1:6379/0"')
    edit(folder, "hotline.toml", "[case_store]", '[case_store]\nurl = "http://localhost:9000/cases"')
    assert load(folder).hotline.redis.url == "redis://127.0.0.1:6379/0"


def test_a_missing_file_broken_toml_and_a_wrong_encoding_are_each_named(folder: Path) -> None:
    (folder / "hotline.toml").unlink()
    (folder / "queues.toml").write_text("[acd]\nageing_s = = 3\n", encoding="utf-8")
    (folder / "categories.toml").write_bytes("名 = 1".encode("gb18030"))
    first = refusal(folder)
    assert (first.file, first.reason) == (
        str(folder / "hotline.toml"),
        "cannot be read: No such file or directory",
    )
    broken, encoding = first.others
    assert broken.key == "line 2, column 12"
    assert broken.reason.startswith("not TOML")
    assert "UTF-8" in encoding.reason


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_written_into_a_file_only_a_config_error_comes_out(
    folder: Path, data: st.DataObject
) -> None:
    file = data.draw(st.sampled_from(["hotline.toml", "queues.toml", "categories.toml"]))
    text = (SHIPPED / file).read_text(encoding="utf-8")
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 40)))
    junk = data.draw(
        st.text(max_size=20) | st.sampled_from(["{}", "[]", "1979-05-27", "nan", "''", "[[x]]", "=1\n"])
    )
    (folder / file).write_text(text[:start] + junk + text[end:], encoding="utf-8", errors="surrogatepass")
    try:
        outcome: Config | ConfigError = load(folder)
    except ConfigError as error:
        outcome = error
    finally:
        shutil.copy(SHIPPED / file, folder)
    assert isinstance(outcome, Config) or (outcome.file == str(folder / file) and outcome.reason)


def test_days_may_be_listed_ranged_and_run_past_sunday() -> None:
    assert weekdays("mon-fri") == {0, 1, 2, 3, 4}
    assert weekdays("sat-mon,wed") == {5, 6, 0, 2}
    assert minute_of_day("24:00") == 1440
