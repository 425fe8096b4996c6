"""What the API answers when it does not do what was asked: a word for programs, a sentence for people."""

from __future__ import annotations

import msgspec

from records.drafts import Draft
from telephony.config import Label

SWITCHES_PROTOCOLS = 101


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every refusal.

    Attributes:
        error: a word for programs.
        message: a sentence for people, which says what to do.
        field: the dotted path of the value that was wrong.
        seconds: after how many seconds asking again makes sense.
        draft: the newer form, where somebody saved one first.
    """

    error: str
    message: Label
    field: str | None = None
    seconds: int | None = None
    draft: Draft | None = None


class Refusal(msgspec.Struct, frozen=True):
    """One way in which a request can fail: the status and the words for it."""

    status: int
    error: str
    zh: str
    en: str


class ApiError(Exception):
    """Ends a request with `refusal`; the keywords are those of ErrorBody."""

    def __init__(
        self,
        refusal: Refusal,
        *,
        field: str | None = None,
        seconds: int | None = None,
        draft: Draft | None = None,
        detail: Label | None = None,
    ) -> None:
        super().__init__(refusal.error)
        self.status = refusal.status
        self.body = ErrorBody(
            error=refusal.error,
            message=detail or Label(zh=refusal.zh, en=refusal.en),
            field=field,
            seconds=seconds,
            draft=draft,
        )


NO_SESSION = Refusal(401, "no-session", "请先登录", "sign in first")
WRONG_ROLE = Refusal(403, "wrong-role", "您的账号没有这个权限", "your account is not allowed to do this")
BAD_ORIGIN = Refusal(
    403,
    "bad-origin",
    "请求不是从本工作台发出的",
    "the request did not come from this desk: open the desk's own address",
)
BAD_CSRF = Refusal(403, "bad-csrf-token", "页面已过期,请刷新后重试", "the page is out of date: reload it")
BAD_REQUEST = Refusal(400, "bad-request", "请求有误", "the request is not right")
NOT_JSON = Refusal(415, "not-json", "请求须为 JSON", "send JSON, with Content-Type: application/json")
TOO_LARGE = Refusal(413, "too-large", "内容过长", "too long: shorten the text")
NOT_FOUND = Refusal(404, "not-found", "没有这个地址", "there is nothing at this address")
BAD_METHOD = Refusal(405, "bad-method", "此地址不支持这种请求", "this address does not take that method")
FAULT = Refusal(
    500, "fault", "系统出错,已记录,请重试", "a fault of the desk, which has been logged: try again"
)
LIVE_STATE_AWAY = Refusal(
    503,
    "live-state-away",
    "实时状态暂不可用,请稍后重试",
    "live state is out of reach at the moment: try again",
)
DATABASE_BUSY = Refusal(
    503,
    "database-busy",
    "数据库暂不可用,请稍后重试;通话不受影响",
    "the database is out of reach or locked at the moment: try again; calls go on",
)
TOO_SLOW = Refusal(
    503,
    "too-slow",
    "处理超时,请稍后重试",
    "it took too long, and may have been done or not: look, then try again",
)
NO_CONTROLLER = Refusal(
    503,
    "no-controller",
    "话务控制程序未响应,可能正在重启;请看状态后再试",
    "the controller does not answer, it may be restarting: look at the state, then try again",
)
ANYWHERE = (BAD_REQUEST, FAULT, LIVE_STATE_AWAY, TOO_SLOW)
"""What any operation may answer."""
