"""Accounts, and the trail of what people did."""

from __future__ import annotations

import msgspec
import pytest

from records import audit, people
from records.database import Database
from records.people import Profile, ProfileRefused, Role

LI = Profile(
    username="li.na",
    name="李娜",
    role=Role.AGENT,
    team="一组",
    skills={"citizen": 3, "elderly": 5},
    languages=["zh", "en"],
)
HOSTILE = "O'Brien\"; DROP TABLE audit; --\r\n<script>\x00\ud800"


async def test_an_account_is_found_again_with_all_that_was_said_of_it(database: Database) -> None:
    person = await people.add(database, LI, "$argon2id$hash")
    found = await people.credentials(database, "li.na")
    assert found is not None
    assert (found.person, found.password_hash) == (person, "$argon2id$hash")
    assert msgspec.structs.replace(LI) == Profile(
        **{field: getattr(person, field) for field in Profile.__struct_fields__}
    )
    assert await people.by_id(database, person.id) == person
    assert await people.everybody(database) == [person]


async def test_nobody_is_found_by_a_hostile_username(database: Database) -> None:
    await people.add(database, LI, "hash")
    for username in (HOSTILE, "", "LI.NA", "li.na ", "li.na\x00", "' OR ''='"):
        assert await people.credentials(database, username) is None
        assert not await people.set_password(database, username, "stolen")


async def test_a_username_is_taken_once(database: Database) -> None:
    await people.add(database, LI, "hash")
    other = await people.add(database, msgspec.structs.replace(LI, username="wang"), "hash")
    with pytest.raises(ProfileRefused, match=r"username: li\.na is taken"):
        await people.add(database, LI, "other")
    with pytest.raises(ProfileRefused, match=r"username: li\.na is taken"):
        await people.change(database, other.id, LI)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "李娜"),
        ("username", "Li"),
        ("username", "x" * 65),
        ("name", ""),
        ("name", " "),
        ("name", "two\nlines"),
        ("name", "nul\x00"),
        ("team", "x" * 101),
        ("skills", {"citizen": 0}),
        ("skills", {"citizen": 6}),
        ("skills", {"Citizen": 3}),
        ("languages", ["chinese"]),
        ("languages", []),
    ],
)
async def test_a_profile_that_makes_no_sense_is_refused_by_field(
    database: Database, field: str, value: object
) -> None:
    with pytest.raises(ProfileRefused) as refused:
        await people.add(database, msgspec.structs.replace(LI, **{field: value}), "hash")
    assert refused.value.field == field
    assert refused.value.message.zh
    assert await people.everybody(database) == []


async def test_an_account_can_be_changed_barred_and_let_in_again(database: Database) -> None:
    person = await people.add(database, LI, "old")
    promoted = msgspec.structs.replace(LI, role=Role.SUPERVISOR, skills={}, languages=[])
    assert await people.change(database, person.id, promoted)
    assert await people.set_password(database, "li.na", "new")
    assert await people.set_disabled(database, "li.na", True)
    found = await people.credentials(database, "li.na")
    assert found is not None
    assert (found.password_hash, found.person.role, found.person.disabled) == ("new", Role.SUPERVISOR, True)
    await people.set_disabled(database, "li.na", False)
    again = await people.by_id(database, person.id)
    assert again is not None
    assert not again.disabled
    assert not await people.change(database, "nobody", promoted)
    assert not await people.set_disabled(database, "nobody", True)


async def test_the_trail_keeps_everything_as_it_was_said_latest_first(database: Database) -> None:
    entries = [
        audit.Entry(at=1.0, who=HOSTILE, role="", action="sign-in-failed", address="127.0.0.1"),
        audit.Entry(
            at=2.0, who="id-1", role="supervisor", action="recording-heard", object="call-1", address="::1"
        ),
        audit.Entry(at=3.0, who="id-2", role="admin", action="account-made", object="id-3", address="::1"),
    ]
    for entry in entries:
        await audit.write(database, entry)
    listed = await audit.latest(database)
    assert [(entry.who, entry.action) for entry in listed] == [
        ("id-2", "account-made"),
        ("id-1", "recording-heard"),
        (HOSTILE, "sign-in-failed"),
    ]
    assert [entry.at for entry in await audit.latest(database, limit=1)] == [3.0]
    assert [entry.at for entry in await audit.latest(database, before=listed[0].id)] == [2.0, 1.0]
    assert [entry.at for entry in await audit.latest(database, who=HOSTILE)] == [1.0]
