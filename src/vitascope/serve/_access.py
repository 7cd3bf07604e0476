"""Who may call what: one table of methods and paths, each with the scope it needs and how a person is bound in it.

A person's own token sees its own person alone. So every place where a request can name somebody (the path, the query, any
`user_id` in the body) must name that person, and where a route takes a `user_id` in its query it is put there, with the
person's own audience, whatever the caller wrote. A path that the table does not know is the owner's alone.

Takes a grant and a request; gives a reason to refuse, or the query to go on with. Knows no key and no library.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from vitascope.base.ports.access import Grant, Scope


class Bound(Enum):
    """Where a route names a person, and so how a person's own token is held to its own."""

    NEVER = "never"
    """Not for a person's own token."""
    FREE = "free"
    """Names nobody."""
    PATH = "path"
    """The part of the path that the table calls {user_id}."""
    QUERY = "query"
    """`user_id` and `audience` of the query, which are set to the person's own."""
    BODY = "body"
    """The places of the JSON body that the table names."""


@dataclass(frozen=True)
class Rule:
    """One line of the table."""

    methods: frozenset[str]
    path: str
    """Parts between slashes: a word, {name} for any one part, ** at the end for any number of parts."""
    scope: Scope | None
    """None: for everybody, also without a credential."""
    bound: Bound = Bound.NEVER
    places: tuple[str, ...] = ()
    """For BODY: dotted names that must hold the person; * goes through a list."""
    act: str = ""
    """What the audit trail calls it; "": it is not written there (or the library itself does so)."""

    def match(self, method: str, parts: list[str]) -> dict[str, str] | None:
        """The parts that stand for {names}, where the rule is about this request."""
        if method not in self.methods:
            return None
        named: dict[str, str] = {}
        wanted = self.path.strip("/").split("/")
        if wanted[-1] == "**":
            wanted = wanted[:-1]
            if len(parts) < len(wanted):
                return None
        elif len(parts) != len(wanted):
            return None
        for want, have in zip(wanted, parts, strict=False):
            if want.startswith("{"):
                named[want[1:-1]] = have
            elif want != have:
                return None
        return named


def _rule(
    methods: str, path: str, scope: Scope | None, bound: Bound = Bound.NEVER, *places: str, act: str = ""
) -> Rule:
    known = {"GET": ("GET", "HEAD"), "*": ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")}
    return Rule(
        frozenset(m for word in methods.split() for m in known.get(word, (word,))), path, scope, bound, places, act
    )


RULES: tuple[Rule, ...] = (  # the first that fits holds
    _rule("GET", "/v1/health/**", None, Bound.FREE),
    _rule("GET POST DELETE", "/v1/session/**", None, Bound.FREE),
    _rule("GET", "/v1/openapi.json", Scope.READ, Bound.FREE),
    _rule("GET", "/metrics", Scope.METRICS),
    _rule("*", "/mcp/**", Scope.OWNER),  # its tools reach everybody
    # people's own
    _rule("GET", "/v1/people", Scope.PEOPLE),
    _rule("GET", "/v1/people/{user_id}/similar/**", Scope.PEOPLE),  # names other people
    _rule("PUT DELETE", "/v1/people/{user_id}/allowed", Scope.MODERATE),  # a child does not free itself
    _rule("GET", "/v1/people/{user_id}/schedule/**", Scope.RECOMMEND, Bound.PATH),
    _rule("GET", "/v1/people/{user_id}/home/**", Scope.RECOMMEND, Bound.PATH),
    _rule("GET", "/v1/people/{user_id}/feed/**", Scope.RECOMMEND, Bound.PATH),
    _rule("GET", "/v1/people/{user_id}/export/**", Scope.PEOPLE, Bound.PATH, act="export"),
    _rule("*", "/v1/people/{user_id}/**", Scope.PEOPLE, Bound.PATH),
    # what people do
    _rule("GET", "/v1/events", Scope.OWNER),
    _rule("POST", "/v1/events", Scope.EVENTS, Bound.BODY, "user_id"),
    _rule("POST", "/v1/events/batch", Scope.EVENTS, Bound.BODY, "events.*.user_id"),
    _rule("POST", "/v1/feedback", Scope.EVENTS, Bound.BODY, "events.*.user_id", "ask.user_id"),
    _rule("POST", "/v1/impressions", Scope.EVENTS, Bound.BODY, "user_id"),
    _rule("POST", "/v1/progress", Scope.EVENTS, Bound.BODY, "user_id"),
    # lists
    _rule("GET", "/v1/recommendations", Scope.RECOMMEND, Bound.QUERY),
    _rule("POST", "/v1/recommendations", Scope.RECOMMEND, Bound.BODY, "user_id"),
    _rule("POST", "/v1/recommendations/session", Scope.RECOMMEND),
    _rule("GET", "/v1/explain", Scope.RECOMMEND, Bound.QUERY),
    _rule("POST", "/v1/rank", Scope.RECOMMEND, Bound.BODY, "user_id"),
    _rule("POST", "/v1/radio", Scope.RECOMMEND, Bound.BODY, "user_id"),
    _rule("GET", "/v1/radio/**", Scope.RECOMMEND, Bound.QUERY),
    # items
    _rule("GET", "/v1/items/**", Scope.READ, Bound.QUERY),
    _rule("DELETE", "/v1/items/{item_id}", Scope.ITEMS, act="item.delete"),
    _rule("*", "/v1/items/**", Scope.ITEMS),
    _rule("* OPTIONS", "/v1/uploads/**", Scope.ITEMS),
    _rule("GET", "/v1/search", Scope.READ, Bound.QUERY),
    _rule("GET", "/v1/popular", Scope.READ, Bound.QUERY),
    _rule("GET", "/v1/latest", Scope.READ, Bound.QUERY),
    _rule("GET", "/v1/trending", Scope.READ, Bound.QUERY),
    _rule("GET", "/v1/categories", Scope.READ, Bound.QUERY),
    _rule("GET", "/v1/channels/**", Scope.READ, Bound.QUERY),
    _rule("*", "/v1/channels/**", Scope.ITEMS),
    _rule("GET", "/v1/guide", Scope.READ, Bound.QUERY),
    _rule("*", "/v1/guide/**", Scope.ITEMS),
    _rule("GET", "/v1/flow/{surface}", Scope.READ, Bound.FREE),
    # moderation
    _rule("*", "/v1/moderation/**", Scope.MODERATE),
    _rule("GET", "/v1/households/**", Scope.PEOPLE),
    _rule("*", "/v1/households/**", Scope.MODERATE),
    # the owner's
    _rule("GET", "/v1/status", Scope.OWNER),
    _rule("GET", "/v1/problems", Scope.OWNER),
    _rule("GET", "/v1/export", Scope.OWNER, act="export"),
    _rule("POST", "/v1/models/rollback", Scope.OWNER, act="model.rollback"),
    _rule("*", "/v1/models/**", Scope.OWNER),
    _rule("*", "/v1/jobs/**", Scope.OWNER),
    _rule("POST PUT PATCH DELETE", "/v1/settings/**", Scope.OWNER, act="settings"),
    _rule("*", "/v1/settings/**", Scope.OWNER),
    _rule("*", "/v1/access/**", Scope.OWNER),
    _rule("*", "/v1/owner/**", Scope.OWNER),
    _rule("*", "/v1/experiments/**", Scope.OWNER),
)
ROOTS = ("v1", "metrics", "mcp")
"""First parts of paths that the table is about; all else is the page's own."""
UNKNOWN = _rule("*", "/**", Scope.OWNER)
PAGE = _rule("GET", "/**", Scope.READ, Bound.FREE)
"""The built page's own files: everything outside of ROOTS."""
SIGN_IN = _rule("GET", "/sign-in/**", None, Bound.FREE)

_NAMES = frozenset({"user_id", "user_ids", "person", "people", "user", "users", "other_id"})
"""Fields of a body, and names of a query, that name people."""


class Refusal(Exception):
    """Why a request may not go on."""


def rule_of(method: str, path: str) -> Rule | None:
    """The line of the table about a request, or None where it knows none. `path`: as the routes see it."""
    return _find(method, path)[0]


def _find(method: str, path: str) -> tuple[Rule | None, dict[str, str]]:
    parts = path.strip("/").split("/")
    if parts[0] not in ROOTS:
        rules: tuple[Rule, ...] = (SIGN_IN, PAGE)
    else:
        rules = RULES
    for rule in rules:
        named = rule.match(method, parts)
        if named is not None:
            return rule, named
    return None, {}


def decide(grant: Grant, method: str, path: str, query: bytes) -> tuple[Rule, bytes]:
    """The rule that lets a request go on, and the query to go on with.

    Args:
        path: with `/` inside of a part written as %2F, as the guard prepared it.

    Raises:
        Refusal: the grant does not reach so far.
    """
    found, named = _find(method, path)
    rule = found or UNKNOWN
    if rule.scope is not None and not grant.may(rule.scope):
        raise Refusal(f"this needs the scope {rule.scope.value}")
    if grant.user_id is None or rule.scope is None:
        return rule, query
    if rule.bound is Bound.NEVER:
        raise Refusal("a person's own token cannot do this")
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=2_100)
    if any(name in _NAMES and value != grant.user_id for name, value in pairs):
        raise Refusal("this token is another person's")
    if rule.bound is Bound.PATH and unquote(named["user_id"], errors="strict") != grant.user_id:
        raise Refusal("this token is another person's")
    if rule.bound in (Bound.QUERY, Bound.PATH):
        pairs = [(n, v) for n, v in pairs if n not in ("user_id", "audience")]
        if rule.bound is Bound.QUERY:
            pairs.append(("user_id", grant.user_id))
        if grant.audience is not None:
            pairs.append(("audience", grant.audience))
        query = urlencode(pairs).encode()
    return rule, query


def check_body(grant: Grant, rule: Rule, body: bytes) -> None:
    """Hold the body of a person's own request to that person.

    Raises:
        Refusal: it names somebody else, or nobody where somebody is to be named.
    """
    if grant.user_id is None or (not body and rule.bound is not Bound.BODY):
        return
    try:
        told = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Refusal("the body cannot be read as JSON") from error
    for name, value in _people(told):
        if value != grant.user_id and not (isinstance(value, list) and all(v == grant.user_id for v in value)):
            raise Refusal(f"{name} names another person than this token's")
    for place in rule.places if rule.bound is Bound.BODY else ():
        values = list(_at(told, place.split(".")))
        if not values or any(value != grant.user_id for value in values):
            raise Refusal(f"{place} has to name this token's person")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without a name that stands twice: two readers could take two different ones."""
    out = dict(pairs)
    if len(out) != len(pairs):
        raise ValueError("a name stands twice")
    return out


def _people(told: Any) -> list[tuple[str, Any]]:
    found, waiting = [], [told]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            found += [(name, inner) for name, inner in value.items() if name in _NAMES and inner is not None]
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return found


def _at(told: Any, names: list[str]) -> list[Any]:
    """The values at a dotted place; None where a part of it is missing."""
    if not names:
        return [told]
    first, *rest = names
    if first == "*":
        return [v for one in told for v in _at(one, rest)] if isinstance(told, list) else [None]
    return _at(told.get(first), rest) if isinstance(told, dict) else [None]
