"""Vectors of path_containment (DESIGN section 2): normal paths, and what is under what."""

# (path, whether it is normal).
PATHS = [
    ("/", True), ("/a", True), ("/a/b", True), ("/a/b/c.md", True), ("/.a", True), ("/a.", True),
    ("/...", True), ("/a b", True), ("/ ", True), ("/a%20b", True), ("/a%252fb", True),
    ("/a%", True), ("/a%2", True), ("/~", True), ("/*", True), ("/\u00e4", True),
    ("/a\u0308", True), ("/\u0430", True), ("/a\u2044b", True), ("/a\uff0fb", True),
    ("/a\u0085", True),
    ("/a\u202eb", True), ("/\U0001f600", True), ("/a:b", True), ("/a;b?c#d", True),
    ("", False), ("a", False), ("a/b", False), ("./a", False), ("../a", False), ("~/a", False),
    ("/a/", False), ("//", False), ("//a", False), ("/a//b", False), ("/.", False), ("/..", False),
    ("/./a", False), ("/a/.", False), ("/a/./b", False), ("/a/..", False), ("/a/../b", False),
    ("/a\\b", False), ("\\a", False), ("C:\\a", False), ("file:///a", False), (" /a", False),
    ("/a%2fb", False), ("/a%2Fb", False), ("/a%2e", False), ("/%2E%2e/b", False), ("/a%5c", False),
    ("/a%5Cb", False), ("/a%00", False), ("/a\tb", False), ("/a\nb", False), ("/a\u001fb", False),
    ("/a\u007fb", False),
]  # fmt: skip

# (root, value, whether the value is under the root).
UNDER = [
    ("/", "/", True), ("/", "/a", True), ("/a", "/a", True), ("/a", "/a/b", True),
    ("/a", "/a/b/c", True), ("/a/b", "/a/b/c", True), ("/\u00e4", "/\u00e4/x", True),
    ("/a", "/", False), ("/a", "/ab", False), ("/a", "/a.b", False), ("/a/b", "/a", False),
    ("/a/b", "/a/bc", False), ("/a", "/A", False), ("/a", "/A/b", False), ("/a", "/b/a", False),
    ("/a", "/a/", False), ("/a", "/a/../a", False), ("/a", "/a/./b", False), ("/a", "/a//b", False),
    ("/a", "/a/..%2fb", False), ("/a", "/a\\b", False), ("/a", "a", False), ("/", "", False),
    ("/", "a", False), ("/", "/..", False), ("/\u00e4", "/a\u0308", False), ("/a", 5, False),
    ("/", None, False), ("/", True, False), ("/", ["/a"], False), ("/", {"path": "/a"}, False),
]  # fmt: skip


def path(root):
    return {"constraint_type": "path_containment", "root": root}


def exact(value):
    return {"constraint_type": "exact", "value": value}


def of(kind, *clauses):
    return {"constraint_type": kind, "constraints": list(clauses)}


# (parent, child, whether the parent subsumes the child).
SUBSUMES = [
    (path("/"), path("/"), True),
    (path("/"), path("/a"), True),
    (path("/a"), path("/a/b"), True),
    (path("/a"), exact("/a"), True),
    (path("/a"), exact("/a/b"), True),
    ({"constraint_type": "wildcard"}, path("/a"), True),
    (of("any", path("/a"), path("/b")), of("any", path("/b/c"), exact("/a")), True),
    (of("all", path("/a")), of("all", path("/a/b"), {"constraint_type": "wildcard"}), True),
    (path("/a"), path("/"), False),
    (path("/a"), path("/ab"), False),
    (path("/a"), path("/A"), False),
    (path("/a"), exact("/ab"), False),
    (path("/a"), exact("/a/"), False),
    (path("/a"), exact("/a/../a"), False),
    (path("/a"), exact("a"), False),
    (path("/"), exact(5), False),
    (path("/"), exact(None), False),
    (path("/a"), {"constraint_type": "one_of", "values": ["/a/b"]}, False),
    (path("/a"), {"constraint_type": "wildcard"}, False),
    (path("/a"), of("any", path("/a")), False),
    (path("/a"), of("all", path("/a")), False),
    (exact("/a"), path("/a"), False),
    ({"constraint_type": "one_of", "values": ["/a"]}, path("/a"), False),
    ({"constraint_type": "not_one_of", "excluded": []}, path("/a"), False),
    (of("any", path("/a")), of("any", path("/a"), path("/b")), False),
    (of("all", path("/a"), path("/a/b")), of("all", path("/a")), False),
]


def vectors():
    normal = [{"path": text, "normal": said} for text, said in PATHS]
    under = [{"root": root, "value": value, "under": said} for root, value, said in UNDER]
    subsumes = [{"parent": p, "child": c, "subsumes": said} for p, c, said in SUBSUMES]
    return {"normal": normal, "under": under, "subsumes": subsumes}
