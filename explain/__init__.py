"""Explanation: the record of a consultation as a graph, views of it, drawings, and words.

`graph` makes the networkx graph of an advice, `views` selects from it, `drawing` writes it in DOT, `rendering` makes the
picture; the other modules put in words what was recommended, why, why not, and what would change it. Each is imported
by itself: words need no graph.
"""
