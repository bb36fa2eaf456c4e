"""Files as bytes: does it exist, what is inside, and what does it decompress to."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import polars as pl

from steelyard.errors import DataError, did_you_mean

CHUNK = 4 << 20
"""Bytes that are looked at together."""


class Container(StrEnum):
    """What the first bytes of a file say that it is."""

    TEXT = "text"
    GZIP = "gzip"
    ZSTD = "zstd"
    PARQUET = "parquet"


_MAGIC = {b"\x1f\x8b": Container.GZIP, b"\x28\xb5\x2f\xfd": Container.ZSTD, b"PAR1": Container.PARQUET}
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 file",
    b"\xfd7zXZ": "an xz file",
    b"ARROW1": "an Arrow (Feather) file",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"%PDF": "a PDF document",
}
_HELP = "Steelyard reads CSV, TSV and similar text in UTF-8 (also .gz and .zst) and Parquet"


def container(path: Path) -> Container:
    """What ``path`` holds, by its first bytes; its name plays no part.

    Raises ``DataError`` if it is missing, a folder, empty, unreadable or of a format that is not read.
    """
    head = _head(path)
    for magic, found in _MAGIC.items():
        if head.startswith(magic):
            return found
    for magic, foreign in _FOREIGN.items():
        if head.startswith(magic):
            raise DataError(f"{path} is {foreign}, which Steelyard does not read.", help=_HELP)
    if b"\0" in head:
        raise DataError(f"{path} is not a text file: it holds zero bytes.", help=_HELP)
    return Container.TEXT


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise DataError(f"{path} is a folder, not a file.", help="name one of the files in it")
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError:
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        hint = did_you_mean(path.name, siblings)
        where = "" if path.parent.is_dir() else f"; the folder {path.parent} does not exist either"
        raise DataError(f"There is no file {path}{hint}{where}.", help="check the path") from None
    except OSError as error:
        raise DataError(f"{path} cannot be opened: {error.strerror or error}.") from None
    if not head:
        raise DataError(
            f"{path} is empty: it has 0 bytes.", help="a table needs rows; check how the file was written"
        )
    return head


def chunks(path: Path, kind: Container) -> Iterator[bytes]:
    """The decompressed bytes of a text file, about ``CHUNK`` at a time, without a byte order mark."""
    reader = _zstd_chunks if kind is Container.ZSTD else _plain_chunks
    first = True
    for chunk in reader(path, kind):
        yield chunk.removeprefix(b"\xef\xbb\xbf") if first else chunk
        first = False


def _plain_chunks(path: Path, kind: Container) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") if kind is Container.GZIP else path.open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path, "gzip", str(error)) from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from None


def _zstd_chunks(path: Path, kind: Container) -> Iterator[bytes]:
    # Python's library knows zstd from 3.14 on; polars knows it now. A file whose separator never
    # occurs has one column, so polars hands over the lines as they are.
    lines = pl.scan_csv(path, has_header=False, separator="\x1e", quote_char=None, schema={"line": pl.String})
    try:
        for batch in lines.collect_batches(chunk_size=50_000, maintain_order=True):
            text = io.StringIO()
            for line in batch["line"].fill_null(""):
                text.write(line)
                text.write("\n")
            yield text.getvalue().encode()
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise damaged(path, kind.value, str(error)) from None


def damaged(path: Path, what: str, detail: str) -> DataError:
    """The error for a file that begins like a ``what`` file and cannot be read to its end."""
    lines = detail.strip().splitlines()
    first = f" ({lines[0].rstrip('.')})" if lines else ""
    return DataError(
        f"{path} looks like a {what} file but cannot be read to its end{first}.",
        help="the file is damaged or was not written completely; copy or make it again",
    )
