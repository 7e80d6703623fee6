"""Weights in blocks of four or eight bits, as MatMulNBits and GatherBlockQuantized read them.

A block is BLOCK neighbours in a row, with one scale: stored = round(value / scale) + 2^(bits - 1).
The scale's sign is such that the largest value meets the end of the range that reaches farther.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BLOCK = 32
_ELEMENTS_AT_ONCE = 1 << 24


def pack_blocks(
    matrix: NDArray[np.float32], bits: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the packed rows (rows, blocks, BLOCK * bits / 8) and scales (rows, blocks).

    ``matrix`` is (rows, columns); the last block of a row is filled up with zeros. Four-bit values
    stand two in a byte, the first in its lower half.
    """
    rows, columns = matrix.shape
    blocks = -(-columns // BLOCK)
    packed = np.empty((rows, blocks, BLOCK * bits // 8), dtype=np.uint8)
    scales = np.empty((rows, blocks), dtype=np.float32)
    step = max(1, _ELEMENTS_AT_ONCE // columns)  # temporary arrays stay small beside the matrix
    for start in range(0, rows, step):
        part = slice(start, start + step)
        packed[part], scales[part] = _pack(matrix[part], blocks, bits)
    return packed, scales


def _pack(
    matrix: NDArray[np.float32], blocks: int, bits: int
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    rows, columns = matrix.shape
    if blocks * BLOCK != columns:
        matrix = np.pad(matrix, ((0, 0), (0, blocks * BLOCK - columns)))
    values = matrix.reshape(rows, blocks, BLOCK)
    half = 1 << (bits - 1)
    largest = np.abs(values).argmax(axis=2)[..., None]
    scales = np.take_along_axis(values, largest, axis=2) / np.float32(-half)
    levels = np.rint(values / np.where(scales == 0, np.float32(1), scales)) + half
    stored = np.clip(levels, 0, 2 * half - 1).astype(np.uint8)
    if bits == 4:
        stored = stored[..., 0::2] | (stored[..., 1::2] << 4)
    return stored, scales[..., 0]
