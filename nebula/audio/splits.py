"""Which sounds of a corpus stay together when it is split: names and groups decide, the same on every machine."""

from __future__ import annotations

import hashlib


def first_part(groups: list[list[str]], fraction: float, seed: int, by_folder: bool) -> set[str]:
    """Returns the names of the first part: groups that fit the share of each subfolder, or of all, by a hash's order.

    Shares are whole sounds, remainders to the largest fractions first.
    """
    ranks = {group[0]: hashlib.sha256(f"{seed}/{group[0]}".encode()).digest() for group in groups}
    folders: dict[str, list[list[str]]] = {}
    for group in sorted(groups, key=lambda group: ranks[group[0]]):
        folder = group[0].rpartition("/")[0].partition("/")[0] if by_folder else ""
        folders.setdefault(folder, []).append(group)
    sizes = {folder: sum(map(len, inside)) for folder, inside in folders.items()}
    total = sum(sizes.values())
    wanted = min(max(round(total * fraction), 1), total - 1)
    shares = {folder: int(size * fraction) for folder, size in sizes.items()}
    by_remainder = sorted(
        folders, key=lambda folder: (shares[folder] - sizes[folder] * fraction, ranks[folders[folder][0][0]])
    )
    position = 0
    while sum(shares.values()) < wanted:
        folder = by_remainder[position % len(by_remainder)]
        shares[folder] += shares[folder] < sizes[folder]
        position += 1
    while sum(shares.values()) > wanted:  # only where one side would be left empty
        shares[max(shares, key=shares.__getitem__)] -= 1
    first: set[str] = set()
    for folder, available in folders.items():
        room = shares[folder]
        for group in available:
            if len(group) <= room:
                first.update(group)
                room -= len(group)
    # Where every group is larger than its folder's share, the smallest one is nearest to it.
    smallest = min(groups, key=lambda group: (len(group), ranks[group[0]]))
    return first or set(smallest)
