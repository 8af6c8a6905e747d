"""Texts of mails: checked when they are saved, filled in when they are sent.

A text is plain paragraphs with names in double braces. Only names, `if` and `for` over a list are
understood, so that no text can run long, reach anything else, or fail when it is sent.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Literal

import msgspec
from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ordito.notifications.mails import one_line
from ordito.notifications.types import MailKind
from ordito.platform.problems import Fault

_COMMON = (
    "first_name",
    "order_number",
    "channel",
    "city",
    "lines",
    "total",
    "promised_on",
    "tracking_link",
)
_PARCEL = ("parcel_lines", "carrier", "tracking_number", "carrier_link")

VARIABLES: dict[MailKind, tuple[str, ...]] = {
    "confirmed": _COMMON,
    "shipped": (*_COMMON, *_PARCEL),
    "ready": (*_COMMON, "pickup_place", "pickup_address", "pickup_code", "collect_by"),
    "delivered": (*_COMMON, *_PARCEL),
    "cancelled": (*_COMMON, "cancelled_lines", "whole"),
    "delayed": (*_COMMON, "expected_on"),
    "cart": ("channel", "lines", "cart_link"),
    "choice": (*_COMMON, "pickup_place", "choose_by"),
}
"""What a text of each kind can name."""

LISTS = ("lines", "parcel_lines", "cancelled_lines")
FIELDS = ("quantity", "title", "sku")
"""What the entries of a list have."""

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, trim_blocks=False, lstrip_blocks=True
)
_PLAIN = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Const, nodes.Not, nodes.And,
    nodes.Or, nodes.Compare, nodes.Operand,
)  # fmt: skip


class ListedLine(msgspec.Struct, frozen=True):
    """A line of an order, or a part of it, as a text can name it."""

    quantity: int
    title: str
    sku: str


BlockKind = Literal["paragraph", "list", "button"]


class Block(msgspec.Struct, frozen=True):
    """A part of a filled text: a paragraph's lines, a list's entries, or an address to follow."""

    kind: BlockKind
    lines: list[str]


class Filled(msgspec.Struct, frozen=True):
    """A text with everything filled in."""

    subject: str
    text: str
    blocks: list[Block]


def check_text(kind: MailKind, subject: str, body: str) -> list[Fault]:
    """Everything that is wrong with a text, with the line where it is."""
    faults = [
        *(Fault("/subject", "template", words) for words in _check(kind, subject)),
        *(Fault("/body", "template", words) for words in _check(kind, body)),
    ]
    if "\n" in subject.strip():
        faults.append(Fault("/subject", "template", "A subject is one line."))
    return faults


def _check(kind: MailKind, source: str) -> Iterator[str]:
    try:
        parsed = _ENVIRONMENT.parse(source)
    except TemplateSyntaxError as fault:
        yield f"Line {fault.lineno}: {fault.message}"
        return
    yield from _check_node(parsed, frozenset(VARIABLES[kind]), frozenset())


def _check_node(
    node: nodes.Node, known: Collection[str], entries: Collection[str]
) -> Iterator[str]:
    """Faults of a node and what is in it. entries: names that stand for a list's entry here."""
    where = f"Line {node.lineno}: "
    if isinstance(node, nodes.For):
        yield from _check_loop(node, known, entries)
        return
    if isinstance(node, nodes.Name):
        if node.name not in known and node.name not in entries:
            yield f"{where}there is no “{node.name}”. There are {', '.join(sorted(known))}."
        return
    if isinstance(node, nodes.Getattr):
        named = node.node.name if isinstance(node.node, nodes.Name) else ""
        if named not in entries or node.attr not in FIELDS:
            yield f"{where}only entries of a list have parts: {', '.join(FIELDS)}."
        return
    if not isinstance(node, _PLAIN):
        yield f"{where}only names, “if” and “for” can be used in texts."
        return
    for child in node.iter_child_nodes():
        yield from _check_node(child, known, entries)


def _check_loop(node: nodes.For, known: Collection[str], entries: Collection[str]) -> Iterator[str]:
    where = f"Line {node.lineno}: "
    over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
    lists = [name for name in LISTS if name in known]
    if over not in lists or entries:
        yield f"{where}“for” goes over one of {', '.join(lists)}, and not inside another."
        return
    if not isinstance(node.target, nodes.Name) or node.test or node.recursive or node.else_:
        yield f"{where}write it as “for line in {over}”."
        return
    for child in node.body:
        yield from _check_node(child, known, frozenset((node.target.name,)))


def fill_text(subject: str, body: str, values: Mapping[str, Any]) -> Filled:
    """The text with values filled in; the caller has checked it and gives every name.

    Values are one line each, so that none can begin a paragraph of its own.
    """
    plain = {name: _plain(value) for name, value in values.items()}
    text = _ENVIRONMENT.from_string(body).render(plain).replace("\r\n", "\n")
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n")))
    links = [str(plain[name]) for name in ("tracking_link", "cart_link") if plain.get(name)]
    return Filled(
        subject=one_line(_ENVIRONMENT.from_string(subject).render(plain))[:300],
        text=text.strip() + "\n",
        blocks=read_blocks(text, links),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, ListedLine):
        return ListedLine(value.quantity, one_line(value.title), one_line(value.sku))
    return [_plain(entry) for entry in value] if isinstance(value, list) else value


def read_blocks(text: str, links: Sequence[str] = ()) -> list[Block]:
    """Paragraphs, lists, and links that stand alone."""
    blocks: list[Block] = []
    for chunk in re.split(r"\n\s*\n", text.strip()):
        for line in filter(None, (part.strip() for part in chunk.split("\n"))):
            kind: BlockKind = "list" if line.startswith("- ") else "paragraph"
            kind = "button" if line in links else kind
            fresh = not blocks or blocks[-1].kind != kind or kind == "button"
            if fresh or not blocks[-1].lines:
                blocks.append(Block(kind, []))
            blocks[-1].lines.append(line[2:] if kind == "list" else line)
        blocks.append(Block("paragraph", []))
    return [block for block in blocks if block.lines]


class Look(msgspec.Struct, frozen=True):
    """How a mail looks. button: the words on the link to the order."""

    locale: str
    title: str
    accent: str
    button: str


_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"


def make_html(blocks: Sequence[Block], look: Look, links: Sequence[str] = ()) -> str:
    """The mail for programs that show HTML: everything escaped, only our own links are links."""
    accent = look.accent or "#0b6660"
    parts = [_html_block(block, accent, look.button, links) for block in blocks]
    return (
        f'<!doctype html><html lang="{escape(look.locale)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(look.title)}</title></head>"
        f'<body style="margin:0;background:#f6f5f2;color:#1d1b18;{_FONT};font-size:16px;'
        'line-height:1.5">'
        '<div style="max-width:560px;margin:0 auto;padding:24px 16px">'
        '<div style="background:#ffffff;border-radius:6px;padding:24px;border-top:4px solid '
        f'{escape(accent)}">'
        f'<p style="margin:0 0 16px;font-weight:600">{escape(look.title)}</p>'
        f"{''.join(parts)}</div></div></body></html>"
    )


def _html_block(block: Block, accent: str, button: str, links: Sequence[str]) -> str:
    if block.kind == "button":
        return (
            f'<p style="margin:0 0 16px"><a href="{escape(block.lines[0])}" style="display:'
            "inline-block;padding:10px 16px;border-radius:6px;text-decoration:none;background:"
            f'{escape(accent)};color:{ink_on(accent)}">{escape(button)}</a></p>'
        )
    lines = [_linked(line, links) for line in block.lines]
    if block.kind == "list":
        entries = "".join(f"<li>{line}</li>" for line in lines)
        return f'<ul style="margin:0 0 16px;padding-left:20px">{entries}</ul>'
    return f'<p style="margin:0 0 16px">{"<br>".join(lines)}</p>'


def _linked(line: str, links: Sequence[str]) -> str:
    told = escape(line)
    for link in links:
        target = escape(link)
        told = told.replace(target, f'<a href="{target}" style="color:inherit">{target}</a>')
    return told


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour (#rrggbb)."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)
    ]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # Contrast to white is (1.05)/(L + 0.05), to black (L + 0.05)/0.05. Source: WCAG 2.1.
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#000000"
