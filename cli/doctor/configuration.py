"""Checks of the configuration: its files, the secrets beside them, the desk's certificate."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cli.doctor.finding import Examined, Finding, fail, ok, warn
from telephony.config import Config, ConfigError, load

CERTIFICATE_WARN = timedelta(days=21)


def load_configuration(folder: Path) -> tuple[Config | None, list[Finding]]:
    """The configuration and what there is to say of it; when broken, None and a finding for each fault."""
    subject = "configuration"
    try:
        config = load(folder)
    except ConfigError as error:
        faults = [error, *error.others]
        return None, [
            fail(
                f"{subject} {fault.file}",
                f"{fault.key}: {fault.reason}",
                f"Mend {fault.key} in {fault.file}.",
            )
            for fault in faults
        ]
    lines, queues = len(config.queues.lines), len(config.queues.queues)
    return config, [ok(subject, f"{folder}: {lines} lines, {queues} queues")]


def check_encryption(examined: Examined) -> Iterator[Finding]:
    """Whether what leaves this machine is encrypted, and until when the certificate holds."""
    if examined.config is None:
        return
    desk = examined.config.hotline.desk
    if desk.tls_certificate is None or desk.tls_key is None:
        # The configuration's own check refuses any other address without a certificate.
        yield ok("encryption", f"not needed: the desk is on {desk.host} only")
    else:
        certificate, key = examined.config.path(desk.tls_certificate), examined.config.path(desk.tls_key)
        yield _check_certificate(certificate, key)
        yield from _check_private(key, "the desk's key")
    if not ip_address(examined.config.hotline.sip.host).is_loopback:
        yield warn(
            "trunks",
            f"SIP over UDP and RTP on {examined.config.hotline.sip.host} are not encrypted",
            "Keep the trunk on a network of its own (VLAN or VPN) between carrier and hotline.",
        )


def check_secrets(examined: Examined) -> Iterator[Finding]:
    """Whether only the hotline's own user can read its secrets."""
    made = examined.var / "secrets.json"
    if made.exists():
        yield from _check_private(made, "the centre's own")
    else:
        yield ok("secrets", f"none yet: the first start makes them in {examined.var}")
    token = examined.config.hotline.case_store.token_file if examined.config else None
    if examined.config and token is not None:
        yield from _check_private(examined.config.path(token), "the case store's token")


def certificate_end(certificate: Path, key: Path) -> datetime:
    """When the certificate ends, in UTC; also proves that the key is its key.

    Asked by a handshake with itself in memory, since the standard library reads no certificate otherwise.
    Raises OSError, ssl.SSLError, and ssl.SSLCertVerificationError when it has ended.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(certificate)
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(to_client, to_server)
    answering = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (asking, answering, asking, answering):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    peer = asking.getpeercert()
    if not peer:
        raise ssl.SSLError(f"{certificate} could not be read")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(peer["notAfter"])), UTC)


def _check_certificate(certificate: Path, key: Path) -> Finding:
    subject = "certificate"
    try:
        end = certificate_end(certificate, key)
    except ssl.SSLCertVerificationError as error:
        return fail(
            subject, f"{certificate}: {error.verify_message}", "Put a certificate that holds in its place."
        )
    except (OSError, ssl.SSLError) as error:
        return fail(
            subject,
            f"{certificate} with {key}: {error}",
            "desk.tls_certificate and desk.tls_key name a PEM certificate and its own PEM key.",
        )
    left = end - datetime.now(UTC)
    seen = f"{certificate} until {end:%Y-%m-%d}"
    return warn(subject, seen, "Renew it now.") if left < CERTIFICATE_WARN else ok(subject, seen)


def _check_private(file: Path, what: str) -> Iterator[Finding]:
    try:
        mode = file.stat().st_mode & 0o777
    except OSError as error:
        yield fail("secrets", f"{what} {file}: {error.strerror}", f"Make {file} readable for this user.")
        return
    if mode & 0o077:
        yield fail("secrets", f"{what} {file} has mode {mode:04o}", f"Run: chmod 600 {file}")
    else:
        yield ok("secrets", f"{what} {file} is private")
