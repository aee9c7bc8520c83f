"""Attachments that hold other files: zip and gzip, inflated only as far as the limits allow."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from .mime import Part
from .reading import MAX_UNPACKED

_MAX_FILES = 20
_CHUNK = 65_536


def unpacked(parts: list[Part], warnings: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """(name, declared media type, content) of every attachment, with archives replaced by the files in them."""
    budget = MAX_UNPACKED
    for part in parts:
        name = part.name or part.media_type
        if part.content[:4] == b"PK\x03\x04" and not name.lower().endswith((".docx", ".xlsx", ".odt", ".jar", ".apk")):
            for inner, content in _from_zip(part.content, name, budget, warnings):
                budget -= len(content)
                yield inner, "", content
        elif part.content[:2] == b"\x1f\x8b":
            content = _from_gzip(part.content, name, budget, warnings)
            budget -= len(content)
            yield name.removesuffix(".gz"), "", content
        else:
            yield part.name, part.media_type, part.content


def _from_zip(raw: bytes, name: str, budget: int, warnings: list[str]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MAX_FILES:
                warnings.append(f"{name} holds {len(entries)} files; the first {_MAX_FILES} were opened.")
            for entry in entries[:_MAX_FILES]:
                if entry.flag_bits & 1:
                    warnings.append(f"{name} is protected by a password and was not opened.")
                    return
                with archive.open(entry) as stream:
                    content = stream.read(budget + 1)
                if len(content) > budget:
                    warnings.append(f"{entry.filename[:100]} in {name} is too large and was not read.")
                    return
                budget -= len(content)
                yield entry.filename[:200], content
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError, KeyError):
        warnings.append(f"{name} is a damaged zip file; what could be read of it was read.")
    except Exception as error:  # zipfile leaks struct, lzma and codec errors on crafted archives
        warnings.append(f"{name} could not be opened ({type(error).__name__}).")


def _from_gzip(raw: bytes, name: str, budget: int, warnings: list[str]) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    try:
        content = inflater.decompress(raw, max(budget, 1))
    except zlib.error:
        warnings.append(f"{name} is a damaged gzip file and was not opened.")
        return b""
    if inflater.unconsumed_tail:
        warnings.append(f"{name} is too large to inflate in full; its beginning was read.")
    return content
