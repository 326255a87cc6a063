"""Text with its place: strict YAML that remembers lines, and mistakes that name them."""
