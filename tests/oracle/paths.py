"""path_containment of profile aat-02+writ (DESIGN section 2): normal paths, by whole segments."""

import re

_REFUSED = re.compile(r"[\x00-\x1f\x7f\\]|%2e|%2f|%5c|%00", re.IGNORECASE)


def is_normal(path):
    """Absolute, and spelled in the only way: nothing to resolve, nothing hidden by an encoding."""
    if not isinstance(path, str) or not path.startswith("/") or _REFUSED.search(path):
        return False
    return path == "/" or not {"", ".", ".."} & set(path[1:].split("/"))


def is_under(root, path):
    """Both must be normal; a path is under itself."""
    if not is_normal(root) or not is_normal(path):
        return False
    return path == root or path.startswith(root if root == "/" else root + "/")
