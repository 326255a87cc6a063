"""The canonical form is that of RFC 8785, as a library of its own writes it."""

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import knowledge_base
from knowledge_base.canonical_json import canonical

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=0xD7FF)), inner),
)


@given(PLAIN)
def test_agrees_with_the_library(data):
    assert canonical(data) == rfc8785.dumps(data)


def test_agrees_with_the_library_on_the_whole_knowledge():
    base = knowledge_base.load()
    data = [rule.text.model_dump(mode="json", by_alias=True) for rule in base.rules.values()]
    data += [attribute.model_dump(mode="json", by_alias=True) for attribute in base.vocabulary.values()]
    assert canonical(data) == rfc8785.dumps(data)
