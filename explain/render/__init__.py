"""Reports as files: HTML and PDF."""
