"""Rewrites C so that every mutant of a file is compiled in at once, chosen by a number.

Works on the text as it stands, before the preprocessor, so that a mutant reads like the line that
a careless hand would have written: tree-sitter gives the syntax, and macros look like calls. An
alternative is made of the original text of its operands: only one mutant lives at a time, so what
stands within it needs none of its own.
"""

import re
from dataclasses import dataclass

import tree_sitter
import tree_sitter_c
from operators import (
    ARGUMENTS,
    BARE_STATUS,
    CLOSED,
    CLOSED_CALLS,
    CONDITIONS,
    DELETED,
    EDGES,
    FORCED,
    SWAPS,
    TEXTS,
    TRUTHS,
)

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c.language()))


@dataclass(frozen=True)
class Mutant:
    number: int
    file: str
    function: str
    line: int
    original: str
    replacement: str
    occurrence: int
    is_row: bool = False  # of a table, which is changed from outside

    @property
    def key(self):
        return (self.file, self.function, self.original, self.replacement, self.occurrence)

    def __str__(self):
        return f"{self.file}:{self.line}: {self.function}: {self.original}  =>  {self.replacement}"


def one_line(text):
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", " ", text, flags=re.DOTALL)).strip()


def without_preprocessor(text):
    """Directives as blanks, so that what stands between them parses; no byte moves."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.MULTILINE)


class Rewriter:
    """One file, a character a byte. `numbers` counts through all files; `statuses` are those of
    status.h."""

    def __init__(self, name, text, numbers, statuses):
        self.name = name
        self.text = text
        self.numbers = numbers
        self.statuses = statuses
        self.root = PARSER.parse(without_preprocessor(text).encode("latin-1")).root_node
        if self.root.has_error:
            raise SyntaxError(f"{name}: this is no C that the parser knows")
        self.function = ""
        self.is_truth_function = False
        self.mutants = []
        self.seen = {}
        self.rows = []  # statements that change rows of tables of the file

    # ---- Text and mutants

    def plain(self, node):
        return self.text[node.start_byte : node.end_byte]

    def add(self, node, original, replacement, is_row=False):
        original, replacement = one_line(original), one_line(replacement) or "removed"
        key = (self.function, original, replacement)
        self.seen[key] = self.seen.get(key, 0) + 1
        mutant = Mutant(
            next(self.numbers),
            self.name,
            self.function,
            node.start_point[0] + 1,
            original,
            replacement,
            self.seen[key],
            is_row,
        )
        self.mutants.append(mutant)
        return mutant.number

    def choice(self, node, alternatives, value):
        """An expression that is `value`, or one of the alternatives."""
        if not alternatives:
            return value
        arms = (
            f"mutant_is({self.add(node, *self.shown(node, a))}) ? ({a}) : " for a in alternatives
        )
        return f"({''.join(arms)}({value}))"

    def shown(self, node, alternative):
        """A changed argument is shown with its call: alone it could stand anywhere."""
        whole = node
        if node.parent.type == "argument_list" and node.type in ARGUMENTS:
            whole = node.parent.parent
        head = self.text[whole.start_byte : node.start_byte]
        return self.plain(whole), head + alternative + self.text[node.end_byte : whole.end_byte]

    def branch(self, node, alternatives, statement):
        """A statement, or another; an alternative is what it says and what it does."""
        original = self.plain(node)
        arms = [
            f"if (mutant_is({self.add(node, original, says)})) {{ {does} }} else "
            for says, does in alternatives
        ]
        return f"{{ {''.join(arms)}{{ {statement} }} }}" if arms else statement

    # ---- The tree

    def rewrite(self):
        start, end = self.root.start_byte, self.root.end_byte
        text = self.text[:start] + self.emit(self.root) + self.text[end:]
        body = "\n    ".join(self.rows)
        rows = f"void mutant_rows_{self.stem()}(void)\n{{\n    {body}\n}}\n"
        return f'#include "mutant.h"\n{text}\n{rows}'

    def stem(self):
        return re.sub(r"\W", "_", self.name.removesuffix(".c"))

    def emit(self, node, place=None):
        if node.type in CLOSED:
            return self.plain(node)
        method = getattr(self, f"emit_{node.type}", None)
        if method:
            return method(node, place)
        return self.forced(node, place, self.children(node))

    def children(self, node, places=None):
        """The node's text with its children rewritten; places: what each child is, by its id."""
        parts, at = [], node.start_byte
        for child in node.children:
            parts.append(self.text[at : child.start_byte])
            parts.append(self.emit(child, (places or {}).get(child.id)))
            at = child.end_byte
        parts.append(self.text[at : node.end_byte])
        return "".join(parts)

    def forced(self, node, place, value, more=()):
        """An expression with its own alternatives, and what its place adds."""
        truths = [t for t in FORCED.get(place, ()) if t != self.plain(node)]
        if truths:
            value = f"!!({value})"
        return self.choice(node, [*more, *truths], value)

    def emit_function_definition(self, node, _):
        declarator = node.child_by_field_name("declarator")
        while declarator.type != "function_declarator":
            declarator = declarator.child_by_field_name("declarator")
        self.function = self.plain(declarator.child_by_field_name("declarator"))
        head = self.text[node.start_byte : declarator.start_byte].split()
        self.is_truth_function = head[-1] == "bool"
        body = node.child_by_field_name("body")
        text = self.text[node.start_byte : body.start_byte] + self.emit(body)
        self.function = ""
        return text

    def emit_parenthesized_expression(self, node, place):
        return self.children(node, {child.id: place for child in node.named_children})

    def emit_binary_expression(self, node, place):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = self.plain(node.child_by_field_name("operator"))
        places = {left.id: sign, right.id: sign} if sign in ("&&", "||") else {}
        if sign in TRUTHS and place not in FORCED:
            place = "condition"
        swaps = []
        counts = left.type == right.type == "sizeof_expression"  # the elements of an array
        if sign in SWAPS and not counts:
            swaps.append(f"{self.plain(left)} {SWAPS[sign]} {self.plain(right)}")
        if sign in EDGES and self.is_constant(right):
            swaps.append(f"{self.plain(left)} {sign} {self.plain(right)} {EDGES[sign]}")
        return self.forced(node, place, self.children(node, places), swaps)

    def is_constant(self, node):
        is_literal = node.type in ("number_literal", "char_literal")
        return is_literal or re.fullmatch(r"[A-Z][A-Z0-9_]+", self.plain(node))

    def emit_unary_expression(self, node, place):
        argument = node.child_by_field_name("argument")
        if not self.plain(node).startswith("!"):
            return self.forced(node, place, self.children(node))
        value = self.children(node, {argument.id: "!"})
        bare = self.plain(argument)
        return self.forced(node, place or "condition", value, [f"!!({bare})"])

    def emit_pointer_expression(self, node, place):
        """&x needs its place in memory."""
        if self.plain(node).startswith("&"):
            return self.forced(node, place, self.plain(node))
        return self.forced(node, place, self.children(node))

    def emit_identifier(self, node, place):
        text = self.plain(node)
        if place == "argument" and text in self.statuses:
            return self.choice(node, ["WRIT_INTERNAL"], text)
        if place == "argument" and text.startswith("WRIT_RULE_"):
            return self.choice(node, [self.other_rule(text)], text)
        return self.forced(node, place, text)

    @staticmethod
    def other_rule(rule):
        return "WRIT_RULE_PROOF_ONCE" if rule != "WRIT_RULE_PROOF_ONCE" else "WRIT_RULE_CHAIN_GIVEN"

    def emit_true(self, node, place):
        text = self.plain(node)
        other = ["false" if text == "true" else "true"] if place == "argument" else []
        return self.choice(node, other, text)

    emit_false = emit_true

    def emit_conditional_expression(self, node, place):
        condition = node.child_by_field_name("condition")
        return self.forced(node, place, self.children(node, {condition.id: "condition"}))

    def emit_if_statement(self, node, _):
        return self.children(node, {node.child_by_field_name("condition").id: "condition"})

    def emit_loop(self, node, _):
        places = {}
        condition = node.child_by_field_name("condition")
        if condition:
            places[condition.id] = "loop"
        update = node.child_by_field_name("update")
        if update:
            places[update.id] = "update"
        return self.children(node, places)

    emit_for_statement = emit_while_statement = emit_do_statement = emit_loop

    def emit_switch_statement(self, node, _):
        """A case that is not written: its value goes where no case is."""
        condition = node.child_by_field_name("condition")
        plain = self.plain(condition)
        value = plain
        for case in node.child_by_field_name("body").named_children:
            label = case.child_by_field_name("value") if case.type == "case_statement" else None
            if label:
                number = self.add(case, f"case {self.plain(label)}", "no such case")
                value = (
                    f"(mutant_is({number}) && {plain} == {self.plain(label)} ? -1 : (int){value})"
                )
        body = node.child_by_field_name("body")
        return f"switch ({value}) {self.emit(body)}"

    def emit_case_statement(self, node, _):
        value = node.child_by_field_name("value")
        colon = next(child for child in node.children if child.type == ":")
        parts, at = [self.text[node.start_byte : colon.end_byte]], colon.end_byte
        for child in node.children:
            if child.start_byte < colon.end_byte or (value and child.id == value.id):
                continue
            parts += [self.text[at : child.start_byte], self.emit(child)]
            at = child.end_byte
        return "".join(parts)

    # ---- Calls

    def emit_call_expression(self, node, place):
        callee = self.plain(node.child_by_field_name("function"))
        if callee in CLOSED_CALLS:
            return self.forced(node, place, self.plain(node))
        arguments = node.child_by_field_name("arguments")
        places = {}
        for index, child in enumerate(arguments.named_children):
            places[child.id] = "argument"
            if CONDITIONS.get(callee) == index:
                places[child.id] = "condition"
            elif BARE_STATUS.get(callee) == index:
                places[child.id] = "name"
            elif index in TEXTS.get(callee, ()):
                places[child.id] = "text"
        value = self.text[node.start_byte : arguments.start_byte]
        value += self.children(arguments, places)
        return self.forced(node, place, value)

    def emit_string_literal(self, node, place):
        text = self.plain(node)
        return self.choice(node, ['""'], text) if place == "text" and text != '""' else text

    # ---- Statements

    def status_alternatives(self, call):
        """WRIT_ENSURE(x, CODE) and its like: the same with another code."""
        callee = self.plain(call.child_by_field_name("function"))
        index = BARE_STATUS.get(callee)
        named = call.child_by_field_name("arguments").named_children
        if index is None or index >= len(named):
            return []
        code = named[index]
        if f"WRIT_{self.plain(code)}" not in self.statuses:
            return []
        other = "MALFORMED" if self.plain(code) == "INTERNAL" else "INTERNAL"
        changed = self.text[call.start_byte : code.start_byte] + other
        changed += self.text[code.end_byte : call.end_byte]
        return [changed]

    def emit_expression_statement(self, node, _):
        inner = node.named_children[0] if node.named_children else None
        if not inner or inner.type not in DELETED:
            return self.children(node)
        alternatives = []
        callee = ""
        if inner.type == "call_expression":
            callee = self.plain(inner.child_by_field_name("function"))
            alternatives = [(text, f"{text};") for text in self.status_alternatives(inner)]
        if callee == "WRIT_TRY":
            call = self.plain(inner.child_by_field_name("arguments"))
            alternatives += [("", ";"), (f"(void){call}", f"(void){call};")]
        elif callee.isupper() and callee not in CONDITIONS:
            pass  # a refusal: the condition before it is forced
        elif callee not in CONDITIONS and callee not in CLOSED_CALLS:
            alternatives.append(("", ";"))
        return self.branch(node, alternatives, self.children(node))

    def emit_continue_statement(self, node, _):
        return self.branch(node, [("", ";")], self.plain(node))

    def emit_break_statement(self, node, _):
        if node.parent.type == "case_statement":
            return self.plain(node)
        return self.branch(node, [("", ";")], self.plain(node))

    def emit_return_statement(self, node, _):
        value = node.named_children[0] if node.named_children else None
        if not value:
            return self.plain(node)
        if self.is_truth_function:
            if value.type in ("true", "false"):
                other = "false" if value.type == "true" else "true"
                return f"return {self.choice(value, [other], self.plain(value))};"
            return self.children(node, {value.id: "condition"})
        if value.type == "call_expression":
            alternatives = [
                (f"return {text}", f"return {text};") for text in self.status_alternatives(value)
            ]
            return self.branch(node, alternatives, self.children(node))
        return self.children(node)

    def emit_update_expression(self, node, place):
        return self.forced(node, place if place != "update" else None, self.plain(node))

    def emit_assignment_expression(self, node, place):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = self.plain(node.child_by_field_name("operator"))
        if place == "update":
            return self.plain(node)
        swaps = [f"{self.plain(left)} {SWAPS[sign]} {self.plain(right)}"] if sign in SWAPS else []
        value = f"{self.plain(left)} {sign} {self.emit(right)}"
        return self.choice(node, swaps, value) if swaps else value

    # ---- Initialisers and tables

    def emit_initializer_pair(self, node, _):
        value = node.child_by_field_name("value")
        head = self.text[node.start_byte : value.start_byte]
        if value.type == "initializer_list" or node.children[0].type != "field_designator":
            return head + self.emit(value)
        plain = self.plain(value)
        if plain in ("NULL", "0", "false"):
            return head + self.emit(value)
        number = self.add(node, self.plain(node), f"{self.plain(node.children[0])} = 0")
        return f"{head}MUTANT_ZERO({number}, ({plain}), ({self.emit(value)}))"

    def emit_declaration(self, node, _):
        declarators = node.children_by_field_name("declarator")
        table = self.table_of(declarators[0]) if len(declarators) == 1 else None
        is_static = any(self.plain(c) == "static" for c in node.children) or not self.function
        if table:
            return self.emit_table(node, *table, is_static)
        return self.plain(node) if is_static else self.children(node)

    def table_of(self, declarator):
        """Of an array with rows: the declarator, its name and its rows."""
        if declarator.type != "init_declarator":
            return None
        rows = declarator.child_by_field_name("value")
        array = declarator.child_by_field_name("declarator")
        while array.type == "pointer_declarator":
            array = array.child_by_field_name("declarator")
        if array.type != "array_declarator" or rows.type != "initializer_list":
            return None
        return self.plain(array.child_by_field_name("declarator")), rows

    def emit_table(self, node, name, rows, is_static):
        kept = [row for row in rows.named_children if self.plain(row) != "NULL"]
        kept = [row for row in kept if row.type != "comment"]
        is_list = len(kept) > 1 and all(row.type != "call_expression" for row in kept)
        text = self.plain(node) if is_static else self.children(node)
        if not is_list:
            return text
        outer, self.function = self.function, self.function or name
        changes = []
        for index, row in enumerate(kept):
            changes += self.row_changes(name, kept, index, row)
        self.function = outer
        declarator = node.child_by_field_name("declarator")
        start = declarator.start_byte - node.start_byte
        head, tail = text[:start], text[start:]
        if tail.startswith("*const"):
            tail = tail.replace("*const", "*", 1)
        else:
            head = head.replace("const ", "", 1)
        if self.function:
            return head + tail + " " + " ".join(changes)
        self.rows += changes
        return head + tail

    def row_changes(self, name, kept, index, row):
        def place(which):
            is_pair = kept[which].type == "initializer_pair"
            return self.plain(kept[which].children[0])[1:-1] if is_pair else str(which)

        other = index - 1 if index > 0 else 1
        number = self.add(row, self.plain(row), f"row gone: {name}", True)
        yield f"MUTANT_ROW({number}, {name}, {place(index)}, {place(other)});"
        first = row.named_children[0] if row.named_children else None
        if first and self.plain(first).startswith("WRIT_RULE_"):
            rule = self.other_rule(self.plain(first))
            number = self.add(row, self.plain(row), rule, True)
            yield f"if (mutant_chosen == {number}) {name}[{index}].rule = {rule};"
            number = self.add(row, self.plain(row), 'field ""', True)
            yield f'if (mutant_chosen == {number}) {name}[{index}].field = "";'
