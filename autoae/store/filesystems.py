"""On which kind of file system a file lies."""

from pathlib import Path

import psutil

NETWORK = frozenset({
    "9p", "afpfs", "afs", "beegfs", "ceph", "cifs", "davfs", "fuse.ceph", "fuse.glusterfs",
    "fuse.sshfs", "glusterfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "webdav",
})  # fmt: skip
"""File systems on which SQLite's write-ahead log does not work across machines."""


def network_filesystem(path: Path) -> str | None:
    """Name the network file system that holds a path.

    Args:
        path: A file or directory that need not exist yet.

    Returns:
        The kind of file system, such as `nfs4`, or None where the disk is local or unknown.
    """
    kind = _kind(path.resolve())
    return kind if kind in NETWORK else None


def _kind(path: Path) -> str:
    around = {path, *path.parents}
    mounts = [
        (len(part.mountpoint), part.fstype.lower())
        for part in psutil.disk_partitions(all=True)
        if Path(part.mountpoint) in around
    ]
    # The innermost mount holds the path; of several on one place the last one does.
    return max(mounts, key=lambda mount: mount[0], default=(0, ""))[1] if mounts else ""
