"""Pictures from DOT text."""
def render(dot_source: str, format: str) -> bytes:
    import pygraphviz
    return pygraphviz.AGraph(string=dot_source).draw(format=format, prog='dot')
