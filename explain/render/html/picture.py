"""The drawing of a plan as part of an HTML page: no fixed size, no ids, and every rule a link into the page.

Graphviz links a rule to its first source; here it opens the rule's card instead, where all its sources stand. What is
not a link is hidden from screen readers, which read the text twin.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping

from engine.advice import Advice
from explain.drawing.chain import Chain
from explain.drawing.chart import draw_chains
from explain.drawing.rendering import render
from knowledge_base.language.knowledge import KnowledgeBase

XLINK = "{http://www.w3.org/1999/xlink}"


def picture(found: Chain, advice: Advice, knowledge: KnowledgeBase, cards: Mapping[str, int]) -> str:
    """Return what decides about a lesion as inline SVG in which each firing links to `#firing-N`, its number in `cards`."""
    dot = draw_chains([found], advice, knowledge, bare=True)
    return linked(render(dot.source, "svg").decode(), {**_ends(found, advice, cards), **cards})


def _ends(found: Chain, advice: Advice, cards: Mapping[str, int]) -> dict[str, int]:
    """Return for each end of a fork the card of the first rule named there that has fired for the lesion."""
    about = ("patient", found.lesion)
    fired = {f.rule: cards[f.id] for f in reversed(advice.firings) if f.subject in about and f.id in cards}
    ends = ((box.id, [fired[rule] for rule in box.rules if rule in fired]) for box in found.boxes)
    return {box: numbers[0] for box, numbers in ends if numbers and box.startswith("row")}


def linked(svg: str, cards: Mapping[str, int]) -> str:
    """Return an SVG document as an element for an HTML page."""
    root = ET.fromstring(svg)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    for node in root.iter("g"):
        if node.get("class") in ("node", "edge", "cluster"):
            _node(node, cards)
    _plain(root)
    width = float((root.get("width") or "600").removesuffix("pt"))
    for name in ("width", "height", "role", "aria-label"):
        root.attrib.pop(name, None)
    root.attrib |= {"class": "diagram", "role": "group", "focusable": "false", "data-width": f"{width:.0f}"}
    _drop_titles(root)
    root.tail = None
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _drop_titles(root: ET.Element) -> None:
    """Drop the titles of the whole, which the heading of the section says, and its words, which stand under it."""
    for holder in (root, *root.findall("g[@class='graph']")):
        for title in (*holder.findall("title"), *holder.findall("desc")):
            holder.remove(title)


def _node(node: ET.Element, cards: Mapping[str, int]) -> None:
    """Give a node its tooltip as title; make it a link when it is a firing that has a card, else hide it."""
    title = node.find("title")
    name = title.text or "" if title is not None else ""
    anchor = node.find(".//a")
    tooltip = anchor.get(f"{XLINK}title") if anchor is not None else None
    if title is not None:
        title.text = tooltip or ""
    if anchor is None:
        node.set("aria-hidden", "true")
        return
    anchor.attrib.clear()
    if name in cards:
        label = " ".join(text.text or "" for text in anchor.iter("text"))
        anchor.attrib |= {"href": f"#firing-{cards[name]}", "class": "opens-rule", "aria-label": label}
    else:
        anchor.tag = "g"
        node.set("aria-hidden", "true")


def _plain(root: ET.Element) -> None:
    """Drop ids (several drawings share a page) and names from other namespaces; unlink what is no rule."""
    for element in root.iter():
        element.attrib.pop("id", None)
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
        if element.tag == "a" and "href" not in element.attrib:
            element.tag = "g"
