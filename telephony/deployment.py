"""One centre on this machine: its private folder, its secrets, and what follows from the configuration."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import msgspec

from telephony.ami import AmiAccount
from telephony.asterisk.site import Seat, Site, Trunk
from telephony.config import Config, load

AMI_USER = "controller"


class Secrets(msgspec.Struct, frozen=True):
    """Made at random at the first start; every one is 256 bits in hexadecimal."""

    ami_secret: str
    seat_key: str
    session_key: str
    case_store_token: str


class Deployment(msgspec.Struct, frozen=True):
    """A centre: `var` is its private folder, `config` what the operator wrote."""

    var: Path
    config: Config
    secrets: Secrets

    @property
    def recordings(self) -> Path:
        """Where Asterisk writes `<call id>.wav`."""
        named = self.config.hotline.recordings.folder
        return self.config.path(named) if named else self.var / "recordings"

    @property
    def redis_socket(self) -> Path:
        """The private Redis's socket; short, since a socket's path has at most 107 bytes."""
        return self.var / "redis.sock"

    @property
    def redis_url(self) -> str:
        return self.config.hotline.redis.url or f"unix://{self.redis_socket}"

    @property
    def database_url(self) -> str:
        return self.config.hotline.database.url or f"sqlite+aiosqlite:///{self.var / 'hotline.sqlite3'}"

    @property
    def desk_url(self) -> str:
        desk = self.config.hotline.desk
        return f"{'https' if desk.tls_certificate else 'http'}://{desk.host}:{desk.port}"

    @property
    def websocket_url(self) -> str:
        """Where softphones register."""
        desk, sip = self.config.hotline.desk, self.config.hotline.sip
        return f"{'wss' if desk.tls_certificate else 'ws'}://{desk.host}:{sip.websocket_port}/ws"

    @property
    def bundles_case_store(self) -> bool:
        """Whether records go to the bundled case store, for want of another."""
        return self.config.hotline.case_store.url is None

    @property
    def case_store_url(self) -> str:
        case_store = self.config.hotline.case_store
        return case_store.url or f"http://127.0.0.1:{case_store.bundled_port}"

    @property
    def case_store_token(self) -> str:
        """The bearer token. Raises OSError when the configured file cannot be read."""
        named = self.config.hotline.case_store.token_file
        return self.config.path(named).read_text().strip() if named else self.secrets.case_store_token

    @property
    def ami_account(self) -> AmiAccount:
        return AmiAccount("127.0.0.1", self.config.hotline.sip.ami_port, AMI_USER, self.secrets.ami_secret)

    def seat_password(self, number: str) -> str:
        """Return the SIP password of a seat: derived, so that there is no list of them to lose."""
        return hmac.new(bytes.fromhex(self.secrets.seat_key), number.encode(), hashlib.sha256).hexdigest()[
            :32
        ]

    @property
    def site(self) -> Site:
        """What this centre's Asterisk is told."""
        hotline = self.config.hotline
        desk, sip, seats = hotline.desk, hotline.sip, hotline.seats
        tls = desk.tls_certificate is not None and desk.tls_key is not None
        return Site(
            run=self.var / "asterisk",
            recordings=self.recordings,
            sip_host=sip.host,
            sip_port=sip.port,
            ws_host=desk.host,
            ws_port=sip.websocket_port,
            rtp_first=sip.rtp_first,
            rtp_last=sip.rtp_last,
            ami_port=sip.ami_port,
            ami_user=AMI_USER,
            ami_secret=self.secrets.ami_secret,
            seats=(
                *(Seat(number, self.seat_password(number), "browser") for number in seats.browser_numbers),
                *(Seat(number, self.seat_password(number), "phone") for number in seats.phone_numbers),
            ),
            trunks=tuple(Trunk(name, trunk.addresses) for name, trunk in hotline.trunks.items()),
            tls_cert=self.config.path(desk.tls_certificate) if tls and desk.tls_certificate else None,
            tls_key=self.config.path(desk.tls_key) if tls and desk.tls_key else None,
        )


def open_deployment(var: Path, configs: Path) -> Deployment:
    """Return the centre in `var`, with folder and secrets made where they are missing.

    Raises ConfigError, OSError, msgspec.DecodeError where the file of secrets is broken.
    """
    config = load(configs)
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    deployment = Deployment(var.resolve(), config, _secrets(var / "secrets.json"))
    deployment.recordings.mkdir(mode=0o700, parents=True, exist_ok=True)
    return deployment


def _secrets(file: Path) -> Secrets:
    """Read the secrets; make them where there are none, at once whole or not at all."""
    if not file.exists():
        made = Secrets(*(secrets.token_hex(32) for _ in Secrets.__struct_fields__))
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(msgspec.json.encode(made))
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return msgspec.json.decode(file.read_bytes(), type=Secrets)
