"""
The hash chain of a stream: a record's hash covers the record and, through the hash before it, all others.

    hash = SHA-256( hash before
                  | seq, at                                  8 bytes each, signed
                  | version, lengths of the four below       4 bytes each
                  | stream | cause | tag | payload           UTF-8 )

Numbers are big-endian. The lengths come first, so no two records have the same bytes. Before the first record
stands the genesis hash: the SHA-256 of "kasauti.log/1 " and the stream.
"""

from hashlib import sha256
from struct import Struct

#: Packs seq, at, version and the lengths of stream, cause, tag and payload.
frame = Struct(">qqIIIII").pack

#: Bytes in a hash.
HASH_SIZE = 32


def genesis(stream: str) -> bytes:
    """Return what stands before the first record of a stream."""
    return sha256(b"kasauti.log/1 " + stream.encode()).digest()


def link(
    before: bytes, stream: bytes, seq: int, at: int, cause: bytes, tag: bytes, version: int, payload: bytes
) -> bytes:
    """Return the hash of a record that follows the hash `before`."""
    head = frame(seq, at, version, len(stream), len(cause), len(tag), len(payload))
    return sha256(b"".join((before, head, stream, cause, tag, payload))).digest()
