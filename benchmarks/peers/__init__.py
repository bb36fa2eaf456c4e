"""The peers, each the network as its own documentation would have it written.

A peer module has ``describe() -> str`` (name and versions) and ``prepare(workload) -> Callable[[], int]``;
what is prepared trains on, from where it stands, and returns how many steps it made.
"""
