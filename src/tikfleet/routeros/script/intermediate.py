"""RouterOS's intermediate form: what `:put [:parse $source]` prints for a script.

The form is a text that a router shows, kept here letter by letter because it is the one way to compare our reading of
a script with a router's. It does not quote: `message=a b` is one string.
"""

from tikfleet.routeros.script.errors import FormTooLarge
from tikfleet.routeros.script.tree import (
    Array,
    Block,
    Call,
    Command,
    Condition,
    Group,
    Navigation,
    Node,
    Operation,
    Script,
    Substitution,
    Text,
    UnknownCommand,
    Unset,
    Variable,
    Word,
)

MAX_FORM = 16 << 20
_CHAINED = frozenset({".", ",", "+", "*", "and", "or", "&", "|", "^", " "})


def intermediate_form(script: Script) -> str:
    """The form of a whole script; bytes that are no UTF-8 show as the replacement character, as in a terminal.

    Raises `FormTooLarge` past `MAX_FORM` characters.
    """
    return ";".join(_folded(script.statements)).encode("latin-1").decode("utf-8", "replace")


def _folded(statements: list[Node]) -> list[str]:
    """The forms of statements. A substitution that is called takes those before it in with its own."""
    forms: list[str] = []
    for statement in statements:
        if isinstance(statement, Call) and isinstance(statement.callee, Substitution):
            inner = [*forms, *_folded(statement.callee.statements)]
            body = inner[0] if len(inner) == 1 else f"(evl {';'.join(inner)})"
            forms = [_call(body, None, statement)]
        else:
            forms.append(_form(statement))
    return forms


def _form(node: Node) -> str:
    match node:
        case Word():
            return node.value
        case Variable():
            return f"${node.name}"
        case Text():
            return _joined(".", _pieces(node, "."))
        case Group():
            return _form(node.inner)
        case Operation():
            return _operation(node)
        case Command():
            return f"(evl {_fault(node)}{node.path}{_arguments(node.arguments)})"
        case Call():
            name = _form(node.callee)
            return _call(name, f"(> {name})" if isinstance(node.callee, Variable) else None, node)
        case Substitution():
            return f"(evl {';'.join(_folded(node.statements))})"
        case Block():
            return f"(evl {' '.join(_folded(node.statements))})"
        case Navigation():
            return f"{node.menu}/"
        case Array():
            return _array(node)
        case Condition():
            return _condition(node)
        case Unset():
            return ""
        case UnknownCommand():
            where = f"bad command name {node.name} (line {node.line} column {node.column})"
            return _call(where, node.name, node)


def _fault(command: Command) -> str:
    fault = command.fault
    return "" if fault is None else f"bad parameter {fault.name} (line {fault.line} column {fault.column}) "


def _arguments(arguments: dict[str, Node]) -> str:
    form = ";".join(
        f"{name}=;{_form(value)}" if isinstance(value, Block) else f"{name}={_form(value)}"
        for name, value in sorted(arguments.items())
    )
    if len(form) > MAX_FORM:
        raise FormTooLarge(MAX_FORM)
    return form


def _call(callee: str, itself: str | None, call: Call | UnknownCommand) -> str:
    """A call with what the function sees as `$0`, if anything, before its arguments."""
    words = [] if itself is None else [itself]
    words.extend(_form(value) for value in call.positional)
    if call.named:
        words.append(_arguments(call.named))
    return f"(<%% {callee} {';'.join(words)})"


def _operation(node: Operation) -> str:
    if node.operator == ";":
        return ";".join(_form(operand) for operand in node.operands)
    if node.operator in _CHAINED and len(node.operands) > 1:
        return _joined(node.operator, _pieces(node, node.operator))
    forms = [_form(operand) for operand in node.operands]
    if len(forms) < 3:  # noqa: PLR2004 - a plain pair
        return f"({node.operator} {' '.join(forms)})"
    nested = forms[0]
    for form in forms[1:]:
        nested = f"({node.operator} {nested} {form})"
    return nested


def _pieces(node: Node, operator: str) -> list[str]:
    """The operands of a chain: the same operator inside it joins in, and a string is a chain of its pieces."""
    if isinstance(node, Text) and operator == ".":
        pieces = []
        for part in node.parts:
            pieces.extend([part] if isinstance(part, str) else _pieces(part, operator))
        return pieces
    if isinstance(node, Group):
        return _pieces(node.inner, operator)
    if isinstance(node, Operation) and node.operator == operator and len(node.operands) > 1:
        return [piece for operand in node.operands for piece in _pieces(operand, operator)]
    return [_form(node)]


def _joined(operator: str, pieces: list[str]) -> str:
    if not pieces:
        return ""
    return pieces[0] if len(pieces) == 1 else f"({operator} {' '.join(pieces)})"


def _array(node: Array) -> str:
    plain = [_form(value) for key, value in node.items if key is None]
    keyed = sorted((_form(key), _form(value)) for key, value in node.items if key is not None)
    return ";".join([*plain, *(f"{key}={value}" for key, value in keyed)])


def _condition(node: Condition) -> str:
    words = [f"${name}" for name in node.properties]
    if node.expression is not None:
        words.append(_form(node.expression))
    return ";".join([*words, "5"])
