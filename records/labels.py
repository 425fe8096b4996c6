"""What people see for the fixed choices of the form and of the record, in the two languages of the desk."""

from __future__ import annotations

from records.form import Gender, RequestType, Urgency
from telephony.call import EndReason
from telephony.config import Label

GENDERS = {
    Gender.MALE: Label(zh="男", en="Male"),
    Gender.FEMALE: Label(zh="女", en="Female"),
    Gender.UNKNOWN: Label(zh="未知", en="Unknown"),
}

REQUEST_TYPES = {
    RequestType.CONSULT: Label(zh="咨询", en="Question"),
    RequestType.HELP: Label(zh="求助", en="Request for help"),
    RequestType.COMPLAINT: Label(zh="投诉", en="Complaint"),
    RequestType.REPORT: Label(zh="举报", en="Report of an offence"),
    RequestType.SUGGESTION: Label(zh="建议", en="Suggestion"),
}

URGENCIES = {
    Urgency.NORMAL: Label(zh="一般", en="Normal"),
    Urgency.URGENT: Label(zh="紧急", en="Urgent"),
    Urgency.CRITICAL: Label(zh="特急", en="Critical"),
}

END_REASONS = {
    EndReason.CALLER_HUNG_UP: Label(zh="市民挂机", en="Caller hung up"),
    EndReason.AGENT_HUNG_UP: Label(zh="坐席挂机", en="Agent hung up"),
    EndReason.ABANDONED: Label(zh="排队中放弃", en="Abandoned while waiting"),
    EndReason.UNOBSERVED: Label(zh="系统中断期间结束", en="Ended while no controller watched"),
}
