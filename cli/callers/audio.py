"""What simulated callers say: speech as A-law, in packets of 20 ms, and the measuring of what they hear."""

from __future__ import annotations

import functools
import hashlib
import math
import shutil
import subprocess
import wave
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 8_000
PACKET = 160
"""Samples, and A-law bytes, in a packet of 20 ms."""
SYNTHESIS_LIMIT_S = 30.0
SHORTEST_SPEECH_S = 4.0
SILENCE_DBOV = -96.0

Pcm = NDArray[np.int16]


class NoSpeech(Exception):
    """No speech to be had; the text says what to install."""


def _alaw_values() -> Pcm:
    """The 256 values that A-law can say, by code, as 16-bit samples (ITU-T G.711 (11/1988), table 1)."""
    code = np.arange(256) ^ 0x55
    segment, step = (code >> 4) & 7, code & 15
    magnitude = np.where(segment == 0, step * 16 + 8, ((step * 16 + 264) << np.maximum(segment, 1)) >> 1)
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


ALAW_VALUES = _alaw_values()
_LOUDER_CODES = np.argsort(ALAW_VALUES, kind="stable")
# Halfway between one value and the next one lies the border between their codes.
_BORDERS = (
    ALAW_VALUES[_LOUDER_CODES][1:].astype(np.int32) + ALAW_VALUES[_LOUDER_CODES][:-1].astype(np.int32)
) // 2


def encode_alaw(pcm: Pcm) -> bytes:
    """Return one A-law byte a sample: the code whose value is nearest."""
    return _LOUDER_CODES[np.searchsorted(_BORDERS, pcm, side="right")].astype(np.uint8).tobytes()


def decode_alaw(alaw: bytes) -> Pcm:
    """Return one 16-bit sample a byte."""
    return ALAW_VALUES[np.frombuffer(alaw, np.uint8)]


def level_dbov(pcm: Pcm) -> float:
    """Return the RMS level relative to a full-scale square wave, in dBov; -96 for digital silence or nothing."""
    if not pcm.size:
        return SILENCE_DBOV
    rms = math.sqrt(float(np.mean(np.square(pcm, dtype=np.float64))))
    return max(SILENCE_DBOV, 20 * math.log10(rms / 32768)) if rms else SILENCE_DBOV


def tone(frequency_hz: float, seconds: float, level: float = -16.0) -> Pcm:
    """Return a sine of `level` dBov: what another party can be told by, whoever else speaks."""
    peak = 32768 * math.sqrt(2) * 10 ** (level / 20)
    at = np.arange(round(seconds * RATE)) / RATE
    return (peak * np.sin(2 * math.pi * frequency_hz * at)).astype(np.int16)


def tone_share(pcm: Pcm, frequency_hz: float) -> float:
    """Return how much of the energy lies within 25 Hz of a frequency, 0 to 1."""
    if not pcm.size:
        return 0.0
    spectrum = np.abs(np.fft.rfft(pcm.astype(np.float64) * np.hanning(pcm.size))) ** 2
    near = np.abs(np.fft.rfftfreq(pcm.size, 1 / RATE) - frequency_hz) <= 25
    total = float(spectrum.sum())
    return float(spectrum[near].sum()) / total if total else 0.0


def read_wav(path: Path) -> Pcm:
    """Return a wav file's first channel at 8 kHz. Raises NoSpeech for what is not 16-bit linear."""
    with wave.open(str(path), "rb") as file:
        if file.getsampwidth() != 2:
            raise NoSpeech(f"{path}: {file.getsampwidth() * 8}-bit samples; give a 16-bit wav")
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return to_telephone_rate(samples[:: file.getnchannels()], file.getframerate())


def write_wav(path: Path, pcm: Pcm) -> None:
    """Write 8 kHz mono."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm.tobytes())


def to_telephone_rate(pcm: Pcm, rate: int) -> Pcm:
    """Bring samples to 8 kHz; what a telephone does not carry (over 3.6 kHz) is taken out first."""
    if rate == RATE:
        return pcm
    taps = np.arange(-128, 129)
    cutoff = min(3_600 / rate, 0.5)
    low_pass = 2 * cutoff * np.sinc(2 * cutoff * taps) * np.hamming(taps.size)
    smooth = np.convolve(pcm.astype(np.float64), low_pass, mode="same")
    at = np.arange(0, pcm.size, rate / RATE)
    resampled: Pcm = np.clip(np.interp(at, np.arange(pcm.size), smooth), -32768, 32767).astype(np.int16)
    return resampled


@functools.lru_cache(maxsize=64)
def packets(path: Path) -> tuple[bytes, ...]:
    """Return a wav file (or headerless A-law, `.al`) as A-law packets of 20 ms, the last one filled with silence.

    Raises NoSpeech when there is nothing in it.
    """
    alaw = path.read_bytes() if path.suffix == ".al" else encode_alaw(read_wav(path))
    if not alaw:
        raise NoSpeech(f"{path} is empty")
    alaw += SILENT_PACKET[: -len(alaw) % PACKET]
    return tuple(alaw[start : start + PACKET] for start in range(0, len(alaw), PACKET))


SILENT_PACKET = encode_alaw(np.zeros(PACKET, np.int16))


def recorded_speech(sounds: Path) -> list[Path]:
    """Return the recordings of a person speaking that came with Asterisk, longest first: wav files of 4 s or more.

    `sounds` is Asterisk's folder of sounds. Empty when only compressed ones are installed.
    """
    least = int(SHORTEST_SPEECH_S * RATE * 2)
    found = [(path.stat().st_size, path) for path in sounds.rglob("*.wav")]
    return [path for size, path in sorted(found, reverse=True) if size >= least]


def synthesised_speech(text: str, voice: Literal["cmn", "en"], cache: Path) -> Path:
    """Return a wav file with `text` spoken by espeak-ng, made once and kept in `cache`.

    Raises NoSpeech when espeak-ng is missing or fails.
    """
    name = hashlib.sha256(f"{voice} {text}".encode()).hexdigest()[:16]
    path = cache / f"{name}.wav"
    if path.exists():
        return path
    program = shutil.which("espeak-ng")
    if program is None:
        raise NoSpeech("espeak-ng is not installed: apt-get install espeak-ng")
    cache.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [program, "-v", voice, "--stdin", "--stdout"],
        input=text.encode(),
        capture_output=True,
        timeout=SYNTHESIS_LIMIT_S,
        check=False,
    )
    if done.returncode or not done.stdout:
        raise NoSpeech(
            f"espeak-ng ended with {done.returncode}: {done.stderr.decode(errors='replace').strip()}"
        )
    # Synthesis to a pipe leaves the header's lengths open, which `wave` refuses: the data begin after 44 bytes.
    rate = int.from_bytes(done.stdout[24:28], "little")
    samples = np.frombuffer(done.stdout[44 : len(done.stdout) - len(done.stdout) % 2], np.int16)
    partial = path.with_suffix(f".{id(done)}.partial")
    write_wav(partial, to_telephone_rate(samples, rate))
    return partial.replace(path)
