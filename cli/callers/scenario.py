"""What SIPp is told to do: the signalling of a caller and of a phone.

SIPp keeps a number of idle lines. Over its twin connection (3PCC) it announces each, and is told what a line does next:
dial, register, hang up. What the switch does is reported through SIPp's log. A phone's incoming call is a scenario of
its own ("out of call").

SIPp does one step of a call at each of its turns, and loses a command or a message that reaches the call while a step
is due. So whatever comes in leads by one step at most to a place where anything may come, and is reported at once, in
the action of its receipt: a report as a step of its own would leave such a gap.
"""

from __future__ import annotations

FINAL_CODES = (
    *(300, 301, 302, 305, 380),
    *range(400, 418),
    *(420, 421, 422, 423, 424, 425, 428, 429, 430, 433, 436, 437, 438, 439, 440, 469, 470),
    *range(480, 490),
    *(491, 493, 494, 500, 501, 502, 503, 504, 505, 513, 555, 580, 600, 603, 604, 606, 607, 608),
)
"""Every answer that ends a call's set-up (IANA's registry of SIP response codes)."""
CROSSED_LIMIT_MS = 500

_HERE = "[local_ip]:[local_port]"
_SWITCH = "[remote_ip]:[remote_port]"
_NO_BODY = "Content-Length: 0\n"
_SDP = """\
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [$port] RTP/AVP 8 101
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-15
a=ptime:20
"""


class Scenarios:
    """The two scenarios, for a log whose records end with `end`: a word that no caller can guess."""

    def __init__(self, end: str) -> None:
        self._end = end

    def line(self) -> str:
        """Return SIPp's main scenario: an idle line that dials a number or registers a phone, once."""
        return _scenario(
            "line",
            "<sendCmd><![CDATA[\nCall-ID: [call_id]\nEvent: idle\n\n]]></sendCmd>",
            _told(
                "register",
                *(_field(name, name.lower()) for name in ("Number", "User", "Secret", "Expires")),
                # The last field, and the only one that may hold line breaks.
                '<ereg regexp="From-Header: (.*)" search_in="msg" assign_to="_,from"/>',
                next="register",
            ),
            self._dial(),
            self._talk(_own_request("BYE", 2)),
            self._cancel(),
            self._register(),
        )

    def phone(self) -> str:
        """Return SIPp's scenario for an INVITE that reaches a phone."""
        first = [_header(name, name.lower()) for name in ("Via", "From", "To", "CSeq")]
        contact = f"Contact: <sip:phone@{_HERE}>\n"
        busy = _response("486 Busy Here")
        return _scenario(
            "phone",
            self._receive('request="INVITE"', "invited", *first, _target(), optional=False),
            self._receive('request="CANCEL"', "cancelled", next="cancelled"),
            _told("ring", next="ring", others=("answer",)),
            '<nop next="answer" test="is_answer"/>',
            _send(busy, retrans=True, next="refused"),
            _label("ring"),
            _send(_response("180 Ringing", contact + _NO_BODY)),
            self._receive('request="CANCEL"', "cancelled", next="cancelled"),
            _told("answer", next="answer"),
            _send(busy, retrans=True),
            _label("refused"),
            '<recv request="CANCEL" optional="true"/>',
            self._receive('request="ACK"', "refused", next="end", optional=False),
            _label("answer"),
            _send(_response("200 OK", contact + _SDP), retrans=True),
            _label("established"),
            '<recv request="CANCEL" optional="true" next="late"/>',
            self._receive('request="ACK"', "answered", next="talking", optional=False),
            _label("late"),
            _send(_reply("200 OK"), next="established"),
            _label("cancelled"),
            _send(_reply("200 OK")),
            _send(_response("487 Request Terminated"), retrans=True),
            '<recv request="ACK" next="end"/>',
            self._talk(_own_request_of_phone("BYE", 2)),
        )

    def _dial(self) -> str:
        to_tag = _header("To", "to")
        return "\n".join(
            (
                _send(_invite("INVITE", f"Contact: <sip:caller@{_HERE}>\n{_SDP}"), retrans=True),
                self._receive('response="100"', "trying"),
                self._receive('response="180"', "ringing"),
                '<recv response="183" optional="true"/>',
                self._receive('response="200"', "answered", to_tag, _target(), next="accepted"),
                *(self._receive(f'response="{code}"', "failed", next="failed") for code in FINAL_CODES),
                '<recvCmd next="cancel"/>',
                _label("failed"),
                _send(_invite("ACK", _NO_BODY, to="[last_To:]"), next="end"),
                _label("accepted"),
                _send(_own_request("ACK", 1)),
            )
        )

    def _talk(self, goodbye: str) -> str:
        """An answered call until either side hangs up; the switch may renegotiate meanwhile."""
        return "\n".join(
            (
                _label("talking"),
                self._receive('request="BYE"', "bye", next="bye"),
                '<recv request="INVITE" optional="true" next="again"/>',
                '<recv request="ACK" optional="true"/>',
                "<recvCmd/>",
                _label("hangup"),
                _send(goodbye, retrans=True),
                self._receive('request="BYE"', "bye", next="bye"),
                self._receive('response="481"', "hung-up", next="end"),
                self._receive('response="200"', "hung-up", next="end", optional=False),
                _label("again"),
                _send(_reply("200 OK", f"Contact: <sip:here@{_HERE}>\n{_SDP}"), next="talking"),
                _label("bye"),
                _send(_reply("200 OK"), next="end"),
            )
        )

    def _cancel(self) -> str:
        """CANCEL, and the answer that may have crossed it: a call that was answered all the same is hung up."""
        of_invite = '<ereg regexp="INVITE" search_in="hdr" header="CSeq:" assign_to="of_invite"/>'
        remote = _header("To", "to") + _target()
        return "\n".join(
            (
                _label("cancel"),
                _send(_invite("CANCEL", _NO_BODY)),
                f'<recv response="200" optional="true" next="crossed" test="of_invite">'
                f"<action>{of_invite}{remote}</action></recv>",
                *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183, 481)),
                self._receive('response="487"', "cancelled", next="failed", optional=False),
                _label("crossed"),
                _send(_own_request("ACK", 1)),
                # The CANCEL's own answer may have come already.
                '<recv response="481" optional="true" next="hangup"/>',
                f'<recv response="200" next="hangup" timeout="{CROSSED_LIMIT_MS}" ontimeout="hangup"/>',
            )
        )

    def _register(self) -> str:
        credentials = '[authentication username="[$user]" password="[$secret]"]\n'
        refusals = [self._receive(f'response="{code}"', "refused", next="end") for code in FINAL_CODES]
        not_challenges = [refusal for refusal in refusals if '"401"' not in refusal]
        return "\n".join(
            (
                _label("register"),
                _send(_registration(1, ""), retrans=True),
                '<recv response="100" optional="true"/>',
                *not_challenges,
                '<recv response="401" auth="true"/>',
                _send(_registration(2, credentials), retrans=True),
                '<recv response="100" optional="true"/>',
                *refusals,
                self._receive('response="200"', "registered", next="end", optional=False),
            )
        )

    def _receive(self, what: str, event: str, *actions: str, next: str = "", optional: bool = True) -> str:
        """Take a message and report it; `next` is the label of the step that it leads to."""
        waits = f'{what} optional="true"' if optional else what
        jump = f' next="{next}"' if next else ""
        # [last_message] would be the one before.
        record = f"{event}\t[call_id]\t[timestamp]\n[$message]\n{self._end}"
        report = f'<ereg regexp=".*" search_in="msg" assign_to="message"/><log message="{record}"/>'
        return f"<recv {waits}{jump}><action>{''.join(actions)}{report}</action></recv>"


def _invite(method: str, rest: str, to: str = f"To: <sip:[$number]@{_SWITCH}>") -> str:
    """INVITE, its CANCEL and the ACK of its refusal: one transaction, so one branch (RFC 3261, 9.1 and 17.1.1.3)."""
    return (
        f"{method} sip:[$number]@{_SWITCH} SIP/2.0\n"
        f"Via: SIP/2.0/[transport] {_HERE};branch=z9hG4bK-[pid]-[call_number]-invite\n"
        f"From: [$from];tag=[pid]c[call_number]\n{to}\n"
        f"Call-ID: [call_id]\nCSeq: 1 {method}\nMax-Forwards: 70\n{rest}"
    )


def _own_request(method: str, sequence: int) -> str:
    return (
        f"{method} [$target] SIP/2.0\nVia: SIP/2.0/[transport] {_HERE};branch=[branch]\n"
        f"From: [$from];tag=[pid]c[call_number]\nTo:[$to]\n"
        f"Call-ID: [call_id]\nCSeq: {sequence} {method}\nMax-Forwards: 70\n{_NO_BODY}"
    )


def _own_request_of_phone(method: str, sequence: int) -> str:
    return (
        f"{method} [$target] SIP/2.0\nVia: SIP/2.0/[transport] {_HERE};branch=[branch]\n"
        f"From:[$to];tag=[pid]p[call_number]\nTo:[$from]\n"
        f"Call-ID: [call_id]\nCSeq: {sequence} {method}\nMax-Forwards: 70\n{_NO_BODY}"
    )


def _registration(sequence: int, credentials: str) -> str:
    return (
        f"REGISTER sip:{_SWITCH} SIP/2.0\nVia: SIP/2.0/[transport] {_HERE};branch=[branch]\n"
        "From: <sip:[$user]@[remote_ip]>;tag=[pid]r[call_number]\nTo: <sip:[$user]@[remote_ip]>\n"
        f"Call-ID: [call_id]\nCSeq: {sequence} REGISTER\nMax-Forwards: 70\n"
        f"Contact: <sip:[$user]@{_HERE}>\nExpires: [$expires]\n{credentials}{_NO_BODY}"
    )


def _response(status: str, rest: str = _NO_BODY) -> str:
    """An answer to the INVITE that began this phone's call."""
    return (
        f"SIP/2.0 {status}\nVia:[$via]\nFrom:[$from]\nTo:[$to];tag=[pid]p[call_number]\n"
        f"Call-ID: [call_id]\nCSeq:[$cseq]\n{rest}"
    )


def _reply(status: str, rest: str = _NO_BODY) -> str:
    """An answer to the request that came last."""
    return f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\n{rest}"


def _send(text: str, *, retrans: bool = False, next: str = "") -> str:
    attributes = {"retrans": "500" if retrans else "", "next": next}
    written = "".join(f' {name}="{value}"' for name, value in attributes.items() if value)
    return f"<send{written}><![CDATA[\n{text}\n]]></send>"


def _told(word: str, *fields: str, next: str, others: tuple[str, ...] = ()) -> str:
    """Wait for a command: `word` leads to the label `next`, any other to the following step.

    `is_WORD` is true for the word that it was, of this one and `others`.
    """
    chosen = [
        f'<strcmp assign_to="compared" variable="do" value="{one}"/>'
        f'<test assign_to="is_{one}" variable="compared" compare="equal" value="0"/>'
        for one in (word, *others)
    ]
    actions = "".join((_field("Do", "do"), _field("Port", "port"), *fields, *chosen))
    return f'<recvCmd next="{next}" test="is_{word}"><action>{actions}</action></recvCmd>'


def _field(name: str, variable: str) -> str:
    return f'<ereg regexp="{name}: ([^[:cntrl:]]*)" search_in="msg" assign_to="_,{variable}"/>'


def _header(name: str, variable: str) -> str:
    return f'<ereg regexp=".*" search_in="hdr" header="{name}:" assign_to="{variable}"/>'


def _target() -> str:
    return '<ereg regexp="Contact: *&lt;([^&gt;]*)" search_in="msg" assign_to="_,target"/>'


def _label(name: str) -> str:
    return f'<label id="{name}"/>'


def _scenario(name: str, *steps: str) -> str:
    body = "\n".join((*steps, _label("end")))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="{name}">\n{body}\n'
        '<Reference variables="_"/>\n</scenario>\n'
    )
