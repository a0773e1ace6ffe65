"""Sound files made one size, without a change of the sound."""

from __future__ import annotations

from collections.abc import Iterable

from humanize.errors import OptionError

_FLAC_PADDING, _FLAC_LAST = 1, 0x80
_FRAME_SIZES = slice(12, 18)  # bytes of FLAC's stream information
_OGG_HEAD, _OGG_CRC = 27, slice(22, 26)  # bytes of a page before its segment table; its checksum
_OGG_POLYNOMIAL = 0x04C11DB7
_TRIES = 64
_HEAD = 4096  # bytes of a file that hold all that padding looks at


def pad(data: bytes, size: int) -> bytes:
    """Return a FLAC or Ogg Opus file of a given size that decodes to the same sound.

    FLAC has a padding block after its stream information, where the sizes of the smallest and
    largest frame, which follow the sound, are set to 0, the format's "unknown". Opus has zeros at
    the end of its comment packet, as RFC 7845 allows.

    Raises
    ------
    OptionError
        If the size leaves no room for the padding, or needs more than the format allows (16 MiB,
        or 64 KiB for Opus).
    """
    return _pad_flac(data, size) if data[:4] == b"fLaC" else _pad_opus(data, size)


def common_size(sounds: Iterable[bytes]) -> int:
    """Return the smallest size that every one of these files can be padded to.

    Raises
    ------
    OptionError
        If their sizes are too far apart.
    """
    heads = {len(sound): sound[:_HEAD] for sound in sounds}
    least = max(heads) + 4
    for size in range(least, least + _TRIES):
        if all(_can_be(head, length, size) for length, head in heads.items()):
            return size
    raise OptionError(f"{min(heads)} to {max(heads)} bytes found; expected sounds of like sizes")


def _can_be(head: bytes, length: int, size: int) -> bool:
    if head[:4] == b"fLaC":
        return 4 <= size - length < 1 << 24
    start = _page_length(head, 0)
    return bool(_comment_length(head, start, size - length))


def _comment_length(data: bytes, start: int, more: int) -> int:
    """Return how long the comment packet must be for the file to grow; 0 where none will do.

    A longer packet needs a longer table, one byte for every 255, so some sizes cannot be had.
    """
    table = data[start + _OGG_HEAD - 1]
    old = _page_length(data, start) - _OGG_HEAD - table
    space = more + old + table
    length = (space - 1) - (space - 1) // 256
    fits = length + length // 255 + 1 == space and old <= length < 255 * 255
    return length if fits else 0


def _pad_flac(data: bytes, size: int) -> bytes:
    padding = size - len(data) - 4
    _require(0 <= padding < 1 << 24, data, size)
    first = 8 + int.from_bytes(data[5:8], "big")  # "fLaC", then the stream information
    last = data[4] & _FLAC_LAST
    block = bytes([_FLAC_PADDING | last]) + padding.to_bytes(3, "big") + bytes(padding)
    stream = data[5 : _FRAME_SIZES.start] + bytes(6) + data[_FRAME_SIZES.stop : first]
    return data[:4] + bytes([data[4] & ~_FLAC_LAST]) + stream + block + data[first:]


def _pad_opus(data: bytes, size: int) -> bytes:
    """Lengthen the comment packet, which has the second page to itself."""
    start = _page_length(data, 0)
    end = start + _page_length(data, start)
    table = data[start + _OGG_HEAD - 1]  # segments of the page
    packet = data[start + _OGG_HEAD + table : end]
    _require(packet[:8] == b"OpusTags", data, size)
    length = _comment_length(data, start, size - len(data))
    _require(length > 0, data, size)
    segments = bytes([255] * (length // 255) + [length % 255])
    head = data[start : start + _OGG_HEAD - 1] + bytes([len(segments)])
    page = head + segments + packet + bytes(length - len(packet))
    blank = page[: _OGG_CRC.start] + bytes(4) + page[_OGG_CRC.stop :]
    crc = _ogg_crc(blank).to_bytes(4, "little")
    return data[:start] + page[: _OGG_CRC.start] + crc + page[_OGG_CRC.stop :] + data[end:]


def _page_length(data: bytes, start: int) -> int:
    table = start + _OGG_HEAD
    count = data[table - 1]
    return _OGG_HEAD + count + sum(data[table : table + count])


def _ogg_crc(page: bytes) -> int:
    crc = 0
    for byte in page:
        crc = (crc << 8 ^ _CRC_TABLE[(crc >> 24) ^ byte]) & 0xFFFFFFFF
    return crc


def _crc_row(index: int) -> int:
    row = index << 24
    for _ in range(8):
        row = (row << 1 ^ (_OGG_POLYNOMIAL if row & 0x80000000 else 0)) & 0xFFFFFFFF
    return row


_CRC_TABLE = [_crc_row(index) for index in range(256)]


def _require(fits: bool, data: bytes, size: int) -> None:
    if not fits:
        raise OptionError(f"{len(data)} bytes to make {size} found; expected room for padding")
