"""Mutations of JSON as text: members twice, spellings of text and numbers, nesting, sizes."""

import jose
from forge import ENTRY, Pairs, Raw, dump, encoded, new_forge
from kinds import hop_of, kind, walk
from limits import MEMBERS_MAX, NESTING_MAX

WILD = {"constraint_type": "wildcard"}


def some_jws(forge, rng):
    return rng.choice([forge.proof, forge.links[hop_of(forge, rng)]])


def twice(members, rng, how):
    """An object with one of its members once more: equal, changed, or with its name escaped."""
    pairs = Pairs(members.items())
    if not pairs:
        return Pairs([("a", 1), ("a", 1)])
    name, value = rng.choice(pairs)
    if how == 1:
        value = 5
    elif how == 2 and name:
        name = Raw(f'"\\u{ord(name[0]):04x}' + dump(name[1:])[1:]) if ord(name[0]) < 65536 else name
    pairs.insert(rng.randrange(len(pairs) + 1), (name, value))
    return pairs


@kind(weight=3)
def member_twice(forge, rng, n):
    """At each level of a token, of the proof and of the arguments."""
    level, how = walk(n, range(10), range(3))
    link = forge.links[hop_of(forge, rng)]
    claims, tools = link.claims, None
    if level == 0:
        link.edits.append(lambda payload: encoded(twice(claims, rng, how)))
    elif level == 1:
        claims["cnf"] = twice(claims["cnf"], rng, how)
    elif level == 2:
        claims["cnf"]["jwk"] = twice(claims["cnf"]["jwk"], rng, how)
    elif level == 3:
        details = claims["authorization_details"]
        details.append(twice({"type": "other", "a": 1}, rng, how))
        forge.computed = True
    elif level in (4, 5, 6):
        entry = next(e for e in claims["authorization_details"] if e["type"] == ENTRY)
        tools = entry["tools"]
        if level == 4:
            entry["tools"] = twice(tools, rng, how)
        else:
            tool = rng.choice(list(tools))
            if level == 5:
                tools[tool] = twice(tools[tool] or {"*": WILD}, rng, how)
            else:
                tools[tool] = {"id": twice({"constraint_type": "exact", "value": 1}, rng, how)}
    elif level == 7:
        forge.args = twice(forge.args or {"a": 1}, rng, how)
    elif level == 8:
        forge.args = dict(forge.args) | {"deep": [twice({"a": 1}, rng, how)]}
    else:
        proof = forge.proof.claims
        proof["x"] = twice({"a": 1}, rng, how)


@kind()
def spaces(forge, rng, n):
    """Insignificant whitespace is; other blanks are not."""
    blank = walk(
        n, [" ", "\t", "\n", "\r", "\r\n", "\x0b", "\x0c", "\u00a0", "\u2028", "\ufeff", "\0"]
    )
    where = walk(n // 11, range(4))

    def edit(payload):
        data = blank.encode()
        if where == 0:
            return data + payload
        if where == 1:
            return payload + data
        if where == 2:
            return payload.replace(b":", data + b":" + data, 3)
        return payload.replace(b",", data + b"," + data)

    if rng.random() < 0.3:
        forge.args = edit(encoded(forge.args))
        forge.hta = Raw("{}") if rng.random() < 0.1 else Raw(forge.args.decode())
    else:
        some_jws(forge, rng).edits.append(edit)


@kind(weight=2)
def no_json(forge, rng, n):
    """Payloads and arguments that are no JSON, or are JSON and more."""
    edit = walk(
        n,
        [
            lambda p: b"\xef\xbb\xbf" + p,
            lambda p: p.decode().encode("utf-16"),
            lambda p: p[:-1],
            lambda p: p + b"x",
            lambda p: p + p,
            lambda p: b"[" + p + b"]",
            lambda p: b"null",
            lambda p: b'"' + jose.encode(p).encode() + b'"',
            lambda p: b"",
            lambda p: b" ",
            lambda p: p[:-1] + b",}",
            lambda p: p[:-1] + b',"x":}',
            lambda p: p[:-1] + b',"x":01}',
            lambda p: p[:-1] + b',"x":+1}',
            lambda p: p[:-1] + b',"x":.5}',
            lambda p: p[:-1] + b',"x":5.}',
            lambda p: p[:-1] + b',"x":1e}',
            lambda p: p[:-1] + b',"x":-}',
            lambda p: p[:-1] + b',"x":NaN}',
            lambda p: p[:-1] + b',"x":-Infinity}',
            lambda p: p[:-1] + b',"x":True}',
            lambda p: p[:-1] + b',"x":nul}',
            lambda p: p[:-1] + b',"x":[1,]}',
            lambda p: p[:-1] + b",x:1}",
            lambda p: p[:-1] + b",'x':1}",
            lambda p: p[:-1] + b',"x":1/*c*/}',
            lambda p: p[:-1] + b',"x":"\n"}',
            lambda p: p[:-1] + b',"x":"\x00"}',
            lambda p: p[:-1] + b',"x":"\x7f\x1f"}',
            lambda p: p[:-1] + b',"x":"\\x41"}',
            lambda p: p[:-1] + b',"x":"\\u12"}',
            lambda p: p[:-1] + b',"x":"\\uD83D\\u0041"}',
            lambda p: p[:-1] + b',"x":"\\/"}',
            lambda p: p[:-1] + b',"x":"\\u005C"}',
            lambda p: p.replace(b"{", b"(", 1),
        ],
    )
    if rng.random() < 0.3:
        forge.hta = forge.args if n % 2 else None
        forge.args = edit(encoded(forge.args or {"a": 1}))
        forge.hta = {} if forge.hta is None else forge.hta
    else:
        some_jws(forge, rng).edits.append(edit)


# What stands in a string of the token, of the arguments and of the proof, as bytes between quotes.
TEXTS = [
    b"\\u0061",
    "\u00e9".encode(),
    "e\u0301".encode(),
    b"\\u00e9",
    b"\\u00E9",
    "\U0001f600".encode(),
    b"\\ud83d\\ude00",
    b"\\uD83D\\uDE00",
    b"\\ud83d",
    b"\\ude00",
    b"\\ude00\\ud83d",
    b"\\ud83dx",
    b"\xed\xa0\xbd\xed\xb8\x80",
    b"\xed\xa0\xbd",
    b"\xc0\x80",
    b"\xc1\x81",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xff",
    b"\xc3",
    b"a\x80",
    b"\\u0000",
    b"\x00",
    b"\\u001f",
    b"\x1f",
    b"\x7f",
    "\ufeff".encode(),
    "\ufffe\uffff".encode(),
    "\u2028".encode(),
    "\U0010ffff".encode(),
    b'\\b\\f\\n\\r\\t\\/\\\\\\"',
    b"\\u0008\\u000c\\u000a\\u000d\\u0009\\u002f\\u005c\\u0022",
    b"/\\\\",
]


def with_text(value, text):
    """The bytes of a value whose marked place is these bytes."""
    return encoded(value).replace(b"@@", text)


@kind(weight=4)
def text_forms(forge, rng, n):
    """One text in the constraint, the arguments and the proof: spelled alike, or in two ways."""
    here, where = walk(n // 2, TEXTS, range(3))
    there = rng.choice(TEXTS) if n % 2 else here
    name = "@@" if where == 0 else "id"
    tool = "t@@" if where == 1 else "t"
    value = "@@" if where == 2 else "v"
    maps = [{tool: {name: {"constraint_type": "exact", "value": value}}}] * len(forge.links)
    made = new_forge(forge.profile, maps, tool, {name: value})
    forge.links, forge.proof, forge.args = made.links, made.proof, with_text({name: value}, here)
    forge.hta = {name: value}
    forge.proof.edits.append(lambda payload: payload.replace(b"@@", here))
    for link in forge.links:
        link.edits.append(lambda payload: payload.replace(b"@@", there))
    try:
        spelled = here.decode()
        forge.tool = f"t{spelled}" if where == 1 and "\0" not in spelled else tool
    except UnicodeDecodeError:
        forge.tool = tool
    if where == 1 and "\\" in forge.tool:
        forge.tool = rng.choice([forge.tool, "t\u00e9", "ta", "t\U0001f600"])
    if where != 1:
        forge.tool = "t"


def nested(depth, kind_of):
    made = WILD
    for _ in range(depth - 1):
        made = {"constraint_type": kind_of, "constraints": [made]}
    return made


@kind(weight=2)
def nesting_of_constraints(forge, rng, n):
    """MAX_CONSTRAINT_DEPTH, the enforcement point's and near it."""
    limit = walk(n, [32, 1, 2, 31])
    depth = limit + walk(n // 4, [-1, 0, 1, 2])
    forge.params["max_constraint_depth"] = limit
    deep = nested(max(depth, 1), rng.choice(["all", "any"]))
    if n % 3 == 0:
        deep = {"constraint_type": "any", "constraints": [WILD, deep, WILD]}
    for hop in range(hop_of(forge, rng), len(forge.links)):
        forge.tools(hop)[rng.choice(list(forge.tools(hop)))] = {"deep": deep | {"optional": True}}


def deep_array(depth):
    return Raw("[" * depth + "]" * depth)


@kind()
def nesting_of_json(forge, rng, n):
    depth = NESTING_MAX + walk(n, [-3, -2, -1, 0, 1, 40, 5000])
    where = walk(n // 7, range(3))
    if where == 0:
        forge.links[hop_of(forge, rng)].claims["x"] = deep_array(depth)
    elif where == 1:
        forge.proof.claims["x"] = Raw('{"a":' * depth + "1" + "}" * depth)
    else:
        for hop in range(len(forge.links)):
            forge.tools(hop)[forge.tool] = {}
        forge.args = {"a": deep_array(depth)}
        forge.hta = {"a": 1} if depth > 100 else None


@kind()
def many_members(forge, rng, n):
    count = MEMBERS_MAX + walk(n, [-1, 0, 1])
    many = {f"m{i}": 0 for i in range(count)}
    where = walk(n // 3, range(3))
    if where == 0:
        forge.links[hop_of(forge, rng)].claims["x"] = many
    elif where == 1:
        forge.proof.claims["x"] = many
    else:
        for hop in range(len(forge.links)):
            forge.tools(hop)[forge.tool] = {}
        forge.args = many


@kind()
def sizes(forge, rng, n):
    """Tokens of 64 KiB, chains of 256 KiB, and a byte or two to either side."""
    off, which = walk(n, [-1, 0, 1, 2], range(2))
    if which == 0:
        pad(forge.links[hop_of(forge, rng)], 65536 + off)
        return
    made = new_forge(forge.profile, [{forge.tool: {}}] * 5, forge.tool, forge.args)
    forge.links, forge.proof = made.links, made.proof
    for hop, link in enumerate(forge.links):
        pad(link, 262144 // 5 + (4 + off if hop == 4 else 0))


def pad(link, size):
    """Grows a token to exactly so many characters, by blanks that JSON allows."""

    def edit(text):
        header, payload = map(jose.decode, text.split("."))
        while True:
            left = jose.encode(header)
            room = size - len(left) - len("..") - 86
            # No base64url has 4n + 1 characters: then the header gets a blank more.
            if room % 4 != 1:
                return left + "." + jose.encode(payload.ljust(room * 3 // 4))
            header += b" "

    link.spelled.append(edit)


@kind()
def long_chains(forge, rng, n):
    """As many links as there are depths, and more."""
    length = walk(n, [8, 9, 10, 32, 33, 34, 35])
    made = new_forge(forge.profile, [{forge.tool: {}}] * length, forge.tool, forge.args)
    forge.links, forge.proof = made.links, made.proof
    forge.params["max_delegation_depth"] = rng.choice([8, 32, length - 1])
