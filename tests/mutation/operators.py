"""What is changed into what: the operators, and where in the tree they apply."""

# Each comparison and its neighbour; what turns it around, or holds always or never, is forced.
SWAPS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "&&": "||",
    "||": "&&",
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
    "%": "*",
    "&": "|",
    "|": "&",
    "<<": ">>",
    ">>": "<<",
    "+=": "-=",
    "-=": "+=",
    "|=": "&=",
}
# The neighbour moves an edge by one to one side; the constant, to the other.
EDGES = {"<": "- 1", "<=": "+ 1", ">": "+ 1", ">=": "- 1"}
TRUTHS = EDGES.keys() | {"==", "!=", "&&", "||"}
# What a condition is forced to, by where it stands. A loop is never forced to go on, and what
# decides its neighbour is that neighbour's own mutant.
FORCED = {
    "condition": ("true", "false"),
    "loop": ("false",),
    "&&": ("true",),
    "||": ("false",),
    "!": (),
}
# Macros of the tree: the place of a condition, and that of a status without its prefix.
CONDITIONS = {"WRIT_ENSURE": 0, "REFUSE_UNLESS": 0}
BARE_STATUS = {"WRIT_ENSURE": 1, "WRIT_FAILURE": 0, "REFUSE": 1}
# Calls in which the text of a literal matters: its places.
TEXTS = {
    "writ_refuse": (2,),
    "writ_refuse_as": (2,),
    "writ_denial_set": (2, 3),
    "writ_json_get": (1,),
    "writ_json_put": (2,),
    "writ_json_put_text": (2,),
    "writ_json_put_string": (2, 3),
    "writ_json_put_integer": (2,),
    "writ_slice_is": (1,),
}
# Arguments of these are not values that could be replaced.
CLOSED_CALLS = {"WRIT_SLICE_LITERAL", "COUNT", "offsetof", "va_start", "va_end"}
CLOSED = {
    "sizeof_expression",
    "enum_specifier",
    "struct_specifier",
    "type_descriptor",
    "parameter_list",
    "subscript_designator",
    "preproc_def",
    "preproc_function_def",
    "concatenated_string",
    "comment",
}
# Arguments that are changed for what they are, and not for where they stand.
ARGUMENTS = {"identifier", "string_literal", "true", "false"}
DELETED = {"call_expression", "assignment_expression", "update_expression"}
