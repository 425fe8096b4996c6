from __future__ import annotations

from pathlib import Path

from cli.setup.apt_sources import Source, debian_mirror, parse_deb822, parse_one_line, read_sources

ONE_LINE = """\
# deb http://old.example.org/debian bookworm main
deb-src http://src.example.org/debian bookworm main
deb cdrom:[Debian 12]/ bookworm main
deb http://security.example.org/debian-security bookworm-security main
deb [ arch=amd64 signed-by=/usr/share/a.gpg ] http://mirror.example.org/debian bookworm main contrib #
"""

DEB822 = """\
# what the installer wrote
Types: deb deb-src
URIs: http://security.example.org/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://off.example.org/debian
Suites: bookworm
Components: main

types: deb
uris:
 http://mirror.example.org/debian
# a comment between the lines of a field
 http://second.example.org/debian
suites: bookworm bookworm-updates
components: main
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBFit
 -----END PGP PUBLIC KEY BLOCK-----
"""

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_a_one_line_list_gives_its_binary_sources_with_their_keyring() -> None:
    sources = list(parse_one_line(ONE_LINE))
    assert sources[-1] == Source(
        "http://mirror.example.org/debian", ("bookworm",), ("main", "contrib"), "/usr/share/a.gpg"
    )
    assert {source.uri for source in sources} == {
        "http://security.example.org/debian-security",
        "http://mirror.example.org/debian",
    }


def test_a_deb822_list_gives_its_enabled_sources_and_joins_their_lines() -> None:
    security, first, second = parse_deb822(DEB822)
    assert security.signed_by == KEYRING
    assert (first.uri, second.uri) == ("http://mirror.example.org/debian", "http://second.example.org/debian")
    assert first.suites == ("bookworm", "bookworm-updates")
    # A key written into the list is no keyring's path.
    assert first.signed_by is None


def test_the_mirror_is_the_source_of_a_whole_release_not_of_its_security_updates(tmp_path: Path) -> None:
    lists = tmp_path / "sources.list.d"
    lists.mkdir()
    (tmp_path / "sources.list").write_text("deb http://security.example.org/x bookworm-security main\n")
    (lists / "b.sources").write_text(DEB822)
    (lists / "a.list.disabled").write_text("deb http://disabled.example.org/debian bookworm main\n")
    mirror = debian_mirror(read_sources(tmp_path))
    assert mirror is not None
    assert mirror.uri == "http://mirror.example.org/debian"


def test_a_machine_whose_lists_name_no_debian_release_has_no_mirror(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("deb http://other.example.org/tools stable tools\n")
    assert debian_mirror(read_sources(tmp_path)) is None


def test_a_machine_without_any_list_has_no_mirror(tmp_path: Path) -> None:
    assert debian_mirror(read_sources(tmp_path)) is None
