"""Commands of the desk's people to the controller, with refusals that they can read."""

from __future__ import annotations

from agent_desk.http.errors import NO_CONTROLLER, ApiError, Refusal
from telephony.command_bus import CommandBus, NoController
from telephony.commands import AnyCommand, CommandRefused

CONTROLLER_AGAIN_S = 2
REFUSED = Refusal(409, "refused", "现在不能进行此操作", "this cannot be done at the moment")
"""Stands in the description for every word that the controller may refuse with."""

_CHINESE = {
    "bad-languages": "账号的语言设置有误,请联系管理员",
    "seat-taken": "该座席已被占用,请选择其他座席",
    "in-call": "请先结束当前通话并完成工单",
    "phone-lost": "座席话机未连接,请稍候或刷新页面",
    "unknown-reason": "没有这个示忙原因",
    "not-signed-in": "您尚未签入座席,请重新登录",
    "no-call": "当前没有可操作的通话",
    "not-in-wrap-up": "市民挂机后才能由接听坐席提交工单",
    "no-link": "与交换机的连接正在恢复,请稍后重试",
    "too-late": "指令已超时,请重试",
}


async def ask(bus: CommandBus, command: AnyCommand) -> None:
    """Have the controller do it. Raises ApiError when it refuses or does not answer, redis.RedisError."""
    try:
        await bus.ask(command)
    except CommandRefused as refused:
        zh = _CHINESE.get(refused.code, REFUSED.zh)
        raise ApiError(Refusal(REFUSED.status, refused.code, zh, str(refused))) from refused
    except NoController:
        raise ApiError(NO_CONTROLLER, seconds=CONTROLLER_AGAIN_S) from None
