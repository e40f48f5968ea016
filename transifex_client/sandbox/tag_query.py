"""The filter language of tags: names, ``&``, ``|`` and brackets; a backslash takes a letter's meaning away."""

from collections.abc import Callable, Collection

from transifex_client.sandbox.http import Fault

Test = Callable[[Collection[str]], bool]

_SPECIAL = "&|()"
_LONGEST = 1000


def parse_tag_query(text: str, parameter: str) -> Test:
    """Return the test that an expression asks for; ``&`` binds closer than ``|``.

    Raises:
        Fault: 400, it is no expression.
    """
    if len(text) > _LONGEST:
        raise Fault(400, "The expression is too long", parameter=parameter)
    tokens = _tokens(text)
    test, rest = _either(tokens, parameter)
    if rest:
        raise Fault(400, f"'{rest[0][1]}' is not expected in the expression", parameter=parameter)
    return test


_Tokens = list[tuple[bool, str]]


def _tokens(text: str) -> _Tokens:
    """Return (whether it is special, text) for each special letter and each name between them."""
    tokens: _Tokens = []
    name, escaped = "", False
    for letter in text:
        if escaped or letter not in f"{_SPECIAL}\\":
            name, escaped = name + letter, False
        elif letter == "\\":
            escaped = True
        else:
            tokens += [(False, name.strip())] if name.strip() else []
            tokens.append((True, letter))
            name = ""
    return tokens + ([(False, name.strip())] if name.strip() else [])


def _either(tokens: _Tokens, parameter: str) -> tuple[Test, _Tokens]:
    tests, rest = _joined("|", _both, tokens, parameter)
    return lambda tags: any(test(tags) for test in tests), rest


def _both(tokens: _Tokens, parameter: str) -> tuple[Test, _Tokens]:
    tests, rest = _joined("&", _single, tokens, parameter)
    return lambda tags: all(test(tags) for test in tests), rest


def _joined(
    operator: str, part: Callable[[_Tokens, str], tuple[Test, _Tokens]], tokens: _Tokens, parameter: str
) -> tuple[list[Test], _Tokens]:
    test, rest = part(tokens, parameter)
    tests = [test]
    while rest and rest[0] == (True, operator):
        test, rest = part(rest[1:], parameter)
        tests.append(test)
    return tests, rest


def _single(tokens: _Tokens, parameter: str) -> tuple[Test, _Tokens]:
    if not tokens or (tokens[0][0] and tokens[0][1] != "("):
        raise Fault(400, "A tag is missing in the expression", parameter=parameter)
    (special, name), rest = tokens[0], tokens[1:]
    if not special:
        return lambda tags: name in tags, rest
    try:
        test, rest = _either(rest, parameter)
    except RecursionError:
        raise Fault(400, "The expression is nested too deeply", parameter=parameter) from None
    if not rest or rest[0] != (True, ")"):
        raise Fault(400, "A bracket is not closed in the expression", parameter=parameter)
    return test, rest[1:]
