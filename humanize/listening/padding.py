"""Sound files made one size, without a change of the sound and without a word of their own length.

FLAC gets a filler after its last frame, which decoders leave alone: random bytes, with headers of
frames that do not hold strewn in as densely as real ones, so that only who parses the frames knows
where the sound ends. In Opus every packet gets the length of the longest, through the padding that
RFC 6716 (3.2.5) has for this, filled with random bytes. What stands before the sound is then the
same in every file, but for FLAC's checksum of the samples.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import numpy as np

from humanize.errors import OptionError

_FRAME_SIZES = slice(12, 18)  # bytes of FLAC's stream information
_FLAC_LAST = 0x80
_FRAME_MARK = 0xFF, 0xF8
_FRAME_BYTES = 4096  # about what a frame of FLAC has
_OGG_HEAD, _OGG_CRC = 27, slice(22, 26)  # bytes of a page before its segment table; its checksum
_OGG_END = 4  # the flag of the last page
_MOST_SEGMENTS = 255
_HEADERS = 2  # packets of Opus before the sound
_ONE_FRAME, _PADDED = 3, 0x41  # of an Opus packet: "a count follows"; one frame, and padding
_SAMPLES = {31: 960}  # of a packet at 48 kHz, by the configuration of its first byte
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def common_size(sounds: Iterable[bytes]) -> int:
    """Return what every one of these files can be padded to.

    Of FLAC files it is a number of bytes, of Opus files the number of bytes of a packet.
    """
    return max(map(_needs, sounds))


def _needs(sound: bytes) -> int:
    if sound[:4] == b"fLaC":
        return len(sound) + len(sound) // 50 + 64  # the longest, too, has a filler
    return max(len(packet) for packet, *_ in list(_packets(sound))[_HEADERS:]) + 2


def pad(data: bytes, size: int, draw: np.random.Generator) -> bytes:
    """Return a FLAC or Ogg Opus file of a common size that decodes to the same sound.

    Parameters
    ----------
    data : bytes
    size : int
        Of ``common_size``.
    draw : Generator
        What the filler is drawn from.

    Raises
    ------
    OptionError
        If the size leaves no room for the file, or its packets hold several frames.
    """
    return _pad_flac(data, size, draw) if data[:4] == b"fLaC" else _pad_opus(data, size, draw)


def _pad_flac(data: bytes, size: int, draw: np.random.Generator) -> bytes:
    _require(size > len(data), len(data), size)
    sizes_unknown = data[: _FRAME_SIZES.start] + bytes(6) + data[_FRAME_SIZES.stop :]
    header = data[(start := _first_frame(data)) : start + 4]
    return sizes_unknown + _filler(size - len(data), header, draw)


def _first_frame(data: bytes) -> int:
    place, last = 4, False
    while not last:
        last = bool(data[place] & _FLAC_LAST)
        place += 4 + int.from_bytes(data[place + 1 : place + 4], "big")
    return place


def _filler(count: int, header: bytes, draw: np.random.Generator) -> bytes:
    """Return bytes among which headers of frames stand whose checksums are wrong."""
    found = draw.integers(0, 256, count, dtype=np.uint8)
    found[1:][(found[:-1] == _FRAME_MARK[0]) & (found[1:] >= _FRAME_MARK[1])] &= 0x7F
    if count and found[0] >= _FRAME_MARK[1]:
        found[0] &= 0x7F  # the byte before it may be the mark's first
    place = int(draw.integers(_FRAME_BYTES))
    while place + 6 <= count:
        decoy = header + bytes([int(draw.integers(128))])
        wrong = _crc_8(decoy) ^ int(draw.integers(1, 256))
        found[place : place + 6] = np.frombuffer(decoy + bytes([wrong]), dtype=np.uint8)
        place += int(_FRAME_BYTES * draw.uniform(0.6, 1.4))
    return found.tobytes()


def _crc_8(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
    return crc


def _pad_opus(data: bytes, size: int, draw: np.random.Generator) -> bytes:
    packets = list(_packets(data))
    pages = [page for _, _, page in packets[:_HEADERS]]
    head = packets[-1][2][:_OGG_HEAD]
    sound = [_padded(packet, size, draw) for packet, *_ in packets[_HEADERS:]]
    return b"".join([*pages, *_new_pages(sound, head, end=packets[-1][1])])


def _padded(packet: bytes, size: int, draw: np.random.Generator) -> bytes:
    """Return a packet of one frame with padding (RFC 6716, 3.2.5)."""
    room = size - len(packet) - 1  # the second byte of the packet is new
    _require(packet[0] & 3 == 0 and room > 0, len(packet), size)
    more, last = divmod(room - 1, 255)  # 255 says: 254 bytes, and the next number counts too
    filler = draw.integers(0, 256, 254 * more + last, dtype=np.uint8).tobytes()
    numbers = bytes([255] * more + [last])
    return bytes([packet[0] | _ONE_FRAME, _PADDED]) + numbers + packet[1:] + filler


def _new_pages(packets: list[bytes], head: bytes, *, end: int) -> Iterator[bytes]:
    """Yield pages of packets of one length; ``end`` is the last sample's number."""
    segments = bytes([255] * (len(packets[0]) // 255) + [len(packets[0]) % 255])
    at_once = min(_MOST_SEGMENTS // len(segments), 50)
    samples = _SAMPLES[packets[0][0] >> 3]
    for number, first in enumerate(range(0, len(packets), at_once), start=_HEADERS):
        own = packets[first : first + at_once]
        is_last = first + at_once >= len(packets)
        reached = end if is_last else (first + len(own)) * samples
        page = (
            head[:5]
            + bytes([_OGG_END * is_last])
            + reached.to_bytes(8, "little")
            + head[14:18]
            + number.to_bytes(4, "little")
            + bytes(4)
            + bytes([len(own) * len(segments)])
            + segments * len(own)
            + b"".join(own)
        )
        crc = _ogg_crc(page).to_bytes(4, "little")
        yield page[: _OGG_CRC.start] + crc + page[_OGG_CRC.stop :]


def _packets(data: bytes) -> Iterator[tuple[bytes, int, bytes]]:
    """Yield each packet of an Ogg file; of the page where it ends, the position and the bytes."""
    place, packet = 0, b""
    while place < len(data):
        table = data[place + _OGG_HEAD : place + _OGG_HEAD + data[place + _OGG_HEAD - 1]]
        body = place + _OGG_HEAD + len(table)
        end = body + sum(table)
        position = int.from_bytes(data[place + 6 : place + 14], "little")
        for segment in table:
            packet += data[body : body + segment]
            body += segment
            if segment < 255:
                yield packet, position, data[place:end]
                packet = b""
        place = end


def _ogg_crc(page: bytes) -> int:
    """Return Ogg's checksum: zlib's, with the bits of everything in the other order."""
    mirrored = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def _require(fits: bool, found: int, size: int) -> None:
    if not fits:
        raise OptionError(f"{found} bytes to make {size} found; expected room for padding")
