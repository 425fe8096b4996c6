"""Signing in and out. An agent who signs in takes a seat; one who signs out leaves it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from agent_desk.access import EVERY_ROLE
from agent_desk.ask import REFUSED, ask
from agent_desk.audit_trail import Action, note, note_if_possible
from agent_desk.http.dispatch import find_session
from agent_desk.http.errors import NO_CONTROLLER, ApiError, Refusal
from agent_desk.http.operation import Table, bad_field
from agent_desk.http.visit import Visit
from agent_desk.lockout import Locked
from agent_desk.passwords import LONGEST, TooManySignIns
from agent_desk.routes.shapes import END
from agent_desk.sessions import Session
from records import people
from records.people import Credentials, Person, Role
from telephony.commands import SignIn, SignOut

BAD_CREDENTIALS = Refusal(
    401, "bad-credentials", "用户名或密码不正确", "username or password is not right: try again"
)
LOCKED = Refusal(
    423, "locked", "登录失败次数过多,请稍后再试", "too many failed sign-ins: wait, then try again"
)
BUSY = Refusal(503, "busy", "登录人数过多,请稍后再试", "too many are signing in: try again in a moment")
NO_FREE_SEAT = Refusal(
    409, "no-free-seat", "没有空闲座席,请联系班长", "every seat is taken: ask your supervisor"
)
BUSY_AGAIN_S = 3


class SignInBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who signs in; an agent may ask for a seat by its number."""

    username: Annotated[str, msgspec.Meta(max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=LONGEST)]
    seat: Annotated[str, msgspec.Meta(pattern=rf"^[0-9]{{2,8}}{END}")] | None = None


class User(msgspec.Struct, frozen=True, kw_only=True):
    """Who is signed in."""

    id: str
    username: str
    name: str
    role: Role
    team: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """The session: its person, the agent's seat, and what each request that changes something must repeat."""

    user: User
    seat: str | None
    csrf_token: str


table = Table("session")


@table.operation(
    "POST",
    "/api/session",
    roles=None,
    refusals=(BAD_CREDENTIALS, LOCKED, REFUSED, NO_FREE_SEAT, BUSY, NO_CONTROLLER),
)
async def sign_in(visit: Visit, body: SignInBody) -> Me:
    """Sign in; an agent takes the seat that they ask for, else the one that they have, else the first free one.

    Whatever session this browser had, and every other session of an agent, ends.
    """
    username = body.username.strip().lower()
    person = await _authenticate(visit, username, body.password)
    seat = await _take_seat(visit, person, body.seat) if person.role is Role.AGENT else None
    await note(visit, Action.SIGNED_IN, seat or "", who=person.id, role=person.role)
    await _end_session_before(visit, person)
    sessions = visit.desk.sessions
    visit.new_cookie, session = await sessions.begin(
        user_id=person.id,
        username=person.username,
        name=person.name,
        role=person.role,
        team=person.team,
        seat=seat,
        address=visit.address,
    )
    if seat is not None:
        await sessions.end_others(session)
    return _me(session)


@table.operation("GET", "/api/session", roles=EVERY_ROLE)
async def get_session(visit: Visit) -> Me:
    """Tell who is signed in at this browser."""
    return _me(visit.who)


@table.operation("DELETE", "/api/session", roles=EVERY_ROLE, refusals=(REFUSED,))
async def sign_out(visit: Visit) -> None:
    """Sign out; an agent leaves the seat. Refused during a call and its wrap-up."""
    who = visit.who
    owes_sign_out = False
    if who.seat is not None:
        try:
            await ask(visit.desk.bus, SignOut(agent_id=who.user_id))
        except ApiError as error:
            if error.body.error != NO_CONTROLLER.error:
                raise
            # Going home does not wait for the controller: the seat is left as soon as it is back.
            owes_sign_out = True
    await visit.desk.sessions.end(who, owes_sign_out=owes_sign_out)
    visit.new_cookie = ""
    await note_if_possible(visit, Action.SIGNED_OUT, who.seat or "")


async def _authenticate(visit: Visit, username: str, password: str) -> Person:
    desk = visit.desk
    try:
        await desk.lockout.attempt(username, visit.address)
    except Locked as locked:
        raise ApiError(LOCKED, seconds=locked.seconds) from None
    known = await people.credentials(desk.database, username)
    right = await _is_right(visit, password, known)
    if known is None or not right or known.person.disabled:
        await note_if_possible(visit, Action.SIGN_IN_REFUSED, "", who=username)
        raise ApiError(BAD_CREDENTIALS)
    await desk.lockout.succeeded(username, visit.address)
    return known.person


async def _is_right(visit: Visit, password: str, known: Credentials | None) -> bool:
    try:
        return await visit.desk.passwords.matches(password, known.password_hash if known else None)
    except TooManySignIns:
        raise ApiError(BUSY, seconds=BUSY_AGAIN_S) from None


async def _take_seat(visit: Visit, person: Person, asked: str | None) -> str:
    desk = visit.desk
    if asked is not None and asked not in desk.seats:
        raise bad_field("seat", "没有这个座席号", "there is no such seat")
    for seat in [asked] if asked is not None else desk.seats.choice(person.id, visit.journal.agents):
        wish = SignIn(
            agent_id=person.id,
            name=person.name,
            team=person.team,
            seat=seat,
            skills=person.skills,
            languages=person.languages,
        )
        try:
            await ask(desk.bus, wish)
        except ApiError as error:
            if asked is not None or error.body.error != "seat-taken":
                raise
        else:
            return seat
    raise ApiError(NO_FREE_SEAT)


async def _end_session_before(visit: Visit, person: Person) -> None:
    """The browser's earlier session ends; somebody else's seat is left."""
    before = await find_session(visit.desk, visit.request)
    if before is not None:
        others_seat = before.seat is not None and before.user_id != person.id
        await visit.desk.sessions.end(before, owes_sign_out=others_seat)


def _me(session: Session) -> Me:
    user = User(
        id=session.user_id,
        username=session.username,
        name=session.name,
        role=session.role,
        team=session.team,
    )
    return Me(user=user, seat=session.seat, csrf_token=session.csrf_token)
